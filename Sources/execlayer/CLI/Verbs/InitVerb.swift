internal import ArgumentParser
internal import ToolKit

struct InitVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Proposes a policy for the workspace and the programs of this machine.",
        discussion: """
            Looks at the workspace and at where version managers put programs, starts nothing, and prints the policy.yaml \
            that fits; what was found goes to the error output. Only --write writes it, into the home, and a file that \
            exists is never overwritten: then what it lacks is printed.
            """)

    @Flag(help: "Write the file where there is none.")
    var write = false
    @OptionGroup var home: HomeOptions
    @OptionGroup var output: OutputOptions

    func perform(in session: Session) async throws -> CommandStatus {
        let finding = ProgramPlaces(
            userHome: session.environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil },
            searchPath: (session.environment["PATH"] ?? "").split(separator: ":").map(String.init))
        let proposal = try await session.withOfflineHome(home) { try await $0.proposePolicy(finding, writing: write) }
        if output.json {
            session.terminal.show(json: proposal.json)
        } else {
            if !proposal.isWritten { session.terminal.showContent(proposal.missing ?? proposal.text) }
            session.terminal.note(proposal.summary.joined(separator: "\n"))
        }
        return write && !proposal.isWritten && proposal.missing != "" ? .failed : .success
    }
}

/// Where the operator's own shell finds programs.
struct ProgramPlaces: Sendable, Hashable {
    let userHome: String?
    let searchPath: [String]
}
