package import ToolKit

/// One step of a task: a call, what has to be true after it, and how far it has come.
package struct TaskStep: Sendable, Hashable {
    /// Of a result that is kept, in bytes of JSON.
    package static let resultBytes = 65_536

    package var facts: StepFacts
    /// As they were given; the gate judges them when the step's turn comes.
    package let arguments: [String: JSONValue]
    /// `expect` as it was sent.
    package let expect: JSONValue?
    /// `nil`: the configuration's.
    package let dryRun: Bool?
    /// `Result` of the contract of the latest attempt that ended, at most ``resultBytes``.
    package var result: JSONValue?

    package init(
        _ facts: StepFacts, arguments: [String: JSONValue], expect: JSONValue? = nil, dryRun: Bool? = nil,
        result: JSONValue? = nil
    ) {
        self.facts = facts
        self.arguments = arguments
        self.expect = expect
        self.dryRun = dryRun
        self.result = result
    }

    package var number: Int { facts.number }

    /// What was drafted, as it is kept.
    package var draft: JSONValue {
        var members: [String: JSONValue] = ["args": .object(arguments)]
        members["expect"] = expect
        members["dry_run"] = dryRun.map(JSONValue.bool)
        return .object(members)
    }

    /// In bytes, as it was drafted.
    package var draftSize: Int { JSONWriter.write(draft).count + facts.toolName.utf8.count }
}
