internal import ArgumentParser

struct HoneytokensVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "honeytokens", abstract: "False credentials that are planted in every sandbox.",
        subcommands: [HoneytokensRotateVerb.self])
}

struct HoneytokensRotateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Makes others for the next start; the daemon must be stopped.",
        discussion: "Those of before are still recognised. It is recorded, without any value.")

    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        do {
            return try await session.withOfflineHome(home) { try await $0.rotateHoneytokens() }
                .show(output, in: session)
        } catch let held as HomeInUse {
            throw CommandFailure(.failed, held.message, remedy: "stop it first")
        }
    }
}
