internal import ArgumentParser
internal import ToolKit

/// One verb of the command line. It answers how it ended; errors become text and a status in one place, here.
protocol Verb: AsyncParsableCommand {
    var output: OutputOptions { get }
    func perform(in session: Session) async throws -> CommandStatus
}

extension Verb {
    func run() async throws {
        let status = await finish(in: .live(openHome: Composition.offlineHome))
        if status != .success { throw ExitCode(status.rawValue) }
    }

    func finish(in session: Session) async -> CommandStatus {
        do {
            return try await perform(in: session)
        } catch {
            if output.json, let refusal = error as? DaemonRefusal { session.terminal.show(json: refusal.answer.body) }
            let failure = CommandFailure(error)
            session.terminal.note(failure.text)
            return failure.status
        }
    }
}
