internal import ToolKit

/// Why a verb ends without an answer, and what the person at the terminal can do about it.
struct CommandFailure: Error, Sendable, Hashable {
    let status: CommandStatus
    let message: String
    let remedy: String?

    init(_ status: CommandStatus, _ message: String, remedy: String? = nil) {
        self.status = status
        self.message = message
        self.remedy = remedy
    }
}

extension CommandFailure {
    /// The one place where errors of any origin become text and an exit status.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as ClientFailure: self = failure.commandFailure
        case let refusal as DaemonRefusal: self = refusal.failure
        case let failure as OptionProblems:
            self.init(.usage, failure.description, remedy: "--help lists the flags")
        case let refusal as Refusal:
            self.init(
                .refused, refusal.message, remedy: CommandLineRemedy.text(refusal.remedy, code: refusal.code))
        case let failure as ToolFailure: self.init(.failed, failure.message, remedy: failure.remedy)
        case let held as HomeInUse: self.init(.failed, held.message, remedy: held.remedy)
        case let problem as HomeProblem: self.init(.failed, problem.message, remedy: problem.remedy)
        case is CancellationError: self.init(.failed, "interrupted")
        // A fault of ours. Its description may hold anything, so only its type is shown.
        default: self.init(.failed, "unexpected failure (\(type(of: error)))", remedy: "doctor shows what is missing")
        }
    }

    /// For the error output.
    var text: String {
        let first = "execlayer: \(message)"
        return remedy.map { "\(first)\n  remedy: \($0)" } ?? first
    }
}
