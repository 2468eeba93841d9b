import ArgumentParser
import ToolKit

@testable import execlayer

/// Runs one command line against twins, as the process would.
struct CommandLineRun {
    let status: CommandStatus
    let terminal: CapturedTerminal

    init(
        _ words: String..., door: any DaemonDoor = TwinDoor.absent, home: (any OfflineHome)? = nil,
        environment: [String: String] = [:], isInteractive: Bool = false, input: String = ""
    ) async throws {
        terminal = CapturedTerminal(isInteractive: isInteractive)
        let session = Session(
            terminal: terminal.terminal, environment: ["HOME": "/users/ada"].merging(environment) { $1 },
            currentFolder: "/work",
            openHome: { _ in
                guard let home else { throw HomeProblem(message: "there is no home", remedy: "make one") }
                return home
            },
            connect: { target in
                // As the real client does, without its network.
                _ = try target.client()
                return door
            }, readInput: { _ in Array(input.utf8) })
        let command = try ExecLayer.parseAsRoot(words)
        guard let verb = command as? any Verb else { throw NotAVerb() }
        status = await verb.finish(in: session)
    }

    struct NotAVerb: Error {}
}
