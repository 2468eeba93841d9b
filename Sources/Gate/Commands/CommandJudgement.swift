package import ToolKit

/// What the policy says about one command, and why.
package struct CommandJudgement: Sendable, Hashable {
    package let command: Command
    package let verdict: PathVerdict
    /// Rules that matched, strictest first.
    package let matches: [CommandMatch]
    /// Why nothing let it pass, the nearest rule first; empty when something did.
    package let objections: [CommandObjection]
    /// What runs; `nil` when nothing does.
    package let pinned: PinnedCommand?

    init(command: Command, matches: [CommandMatch], objections: [CommandObjection], pinned: PinnedCommand?) {
        let verdict = objections.isEmpty ? matches.map(\.rule.verdict).max() ?? .deny : .deny
        self.command = command
        self.verdict = verdict
        self.matches = matches.enumerated()
            .sorted {
                ($1.element.rule.verdict.rawValue, $0.offset) < ($0.element.rule.verdict.rawValue, $1.offset)
            }.map(\.element)
        self.objections = objections
        self.pinned = verdict == .deny ? nil : pinned
    }

    static func refused(
        _ command: Command, _ matches: [CommandMatch], _ objection: CommandObjection
    ) -> CommandJudgement {
        CommandJudgement(command: command, matches: matches, objections: [objection], pinned: nil)
    }

    /// Places of the workspace that the command names; rules about places have their say on them as well.
    package var places: [Access.Place] {
        var seen: Set<WorkspacePath> = []
        return matches.flatMap(\.paths).filter { seen.insert($0).inserted }.map { Access.Place($0, .read) }
    }

    /// Whether it would pass if its program were installed and trusted.
    package var isMissingProgram: Bool { objections.contains(where: \.isMissing) }
}

/// A rule that let a command pass, wants it approved or denies it.
package struct CommandMatch: Sendable, Hashable {
    package let rule: CommandRule
    /// The program that it spoke of; with a wrapper not the first word.
    package let program: String
    package let paths: [WorkspacePath]

    /// `running git is denied by the rule "git push": what is published cannot be taken back`
    package var sentence: String {
        let outcome =
            switch rule.verdict {
            case .allow: "is allowed by"
            case .ask: "needs an approval by"
            case .deny: "is denied by"
            }
        return "running \(program) \(outcome) the rule \"\(rule.name)\": \(rule.reason)"
    }

    package var json: JSONValue {
        [
            "rule": .string(rule.name), "verdict": .string(rule.verdict.name), "program": .string(program),
            "reason": .string(rule.reason), "writes": .array(rule.writes.map(JSONValue.string)),
            "hosts": .array(rule.hosts.map { .string($0.description) }),
        ]
    }
}

/// Why something did not let a command pass.
package struct CommandObjection: Sendable, Hashable {
    /// `nil` for what no rule can change.
    package let rule: String?
    /// A clause that follows "the command", free of the command's values.
    package let reason: String
    package let remedy: String
    /// Whether only the program is missing on this machine.
    package var isMissing = false

    package var json: JSONValue {
        ["rule": JSONValue(rule), "reason": .string(reason), "remedy": .string(remedy)]
    }
}
