package import ToolKit

/// How a call that the gate let pass has ended. A failure is data, not an error of ours.
package enum Outcome: Sendable {
    case succeeded(ToolOutput)
    /// What a dry run answers.
    case planned([String: JSONValue])
    case failed(ToolFailure)
    case interrupted(CallInterrupted)
    /// We broke. The description goes to the operator's log and nowhere else.
    case faulted(description: String)
}
