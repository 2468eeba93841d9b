package import ToolKit

/// One rule of the policy about programs: which words it speaks of, and what it says about them.
package struct CommandRule: Sendable, Hashable {
    package let name: String
    /// Names of the program; any of them.
    package let programs: [String]
    /// What has to follow the program, word by word, one of each.
    let subcommand: [[String]]
    /// Flags that may stand between the program and its subcommand; without a value.
    let globalFlags: Set<String>
    let flags: FlagTable
    let operands: OperandShapes
    /// Flags that stand in for the first operand, as `-e` does for grep's pattern.
    let firstUnless: Set<String>
    package let verdict: PathVerdict
    /// Why the rule is there, for whoever meets it; one sentence.
    package let reason: String
    /// What its commands may write: folders below the one they start in, or with a `/` in front below the workspace.
    package let writes: [String]
    /// Whether its commands may use unix sockets beyond connected pairs.
    package let unixSockets: Bool
    /// Whom its commands may reach, as far as the rules about hosts let them too; empty: they have no network.
    package let hosts: [HostPattern]

    /// What the rule's places mean for a command that starts in `folder`.
    package func writes(from folder: WorkspacePath) -> [WorkspacePath] {
        writes.compactMap { text in
            guard let path = try? WorkspacePath(text.hasPrefix("/") ? String(text.dropFirst()) : text) else {
                return nil
            }
            return text.hasPrefix("/") ? path : folder.appending(path)
        }
    }
}

/// How far a command goes along with a rule.
struct CommandFit: Sendable {
    /// How many words agreed, the program included; the rule that goes furthest explains a refusal best.
    var depth: Int
    /// The first thing that the rule does not let through, one clause without values; `nil` when it matches.
    var objection: String?
    /// What would have to change; `nil` when it matches.
    var remedy: String?
    /// Places of the workspace that the words name.
    var paths: [WorkspacePath] = []

    var isMatch: Bool { objection == nil }
}

extension CommandRule {
    /// - Parameters:
    ///   - program: The name that rules know it by.
    ///   - arguments: The words behind it.
    /// - Returns: `nil` when the rule speaks of another program.
    func fit(program: String, arguments: [String], from place: CommandPlace) -> CommandFit? {
        guard programs.contains(where: { ShellSafe.same($0, program) }) else { return nil }
        var words = arguments[...]
        var depth = 1
        if !subcommand.isEmpty {
            while let word = words.first, ShellSafe.isASCII(word), globalFlags.contains(word) { words.removeFirst() }
        }
        for expected in subcommand {
            guard let word = words.first, expected.contains(where: { ShellSafe.same($0, word) }) else {
                return CommandFit(depth: depth, objection: missing(expected, words.first), remedy: Self.otherForm)
            }
            words.removeFirst()
            depth += 1
        }
        var reader = ArgumentReader(rule: self, place: place)
        guard let objection = reader.read(words) else { return CommandFit(depth: depth, paths: reader.paths) }
        return CommandFit(
            depth: depth + 1, objection: objection,
            remedy: "leave it out or change it, or have an operator widen the rule \"\(name)\" in policy.yaml")
    }

    private func missing(_ expected: [String], _ word: String?) -> String {
        let expectation = expected.joined(separator: ", ")
        guard let word else { return "needs one of \(expectation) next" }
        if ShellSafe.startsWithDash(word), programs.contains("git"), subcommand.first == expected {
            return "has an option before the subcommand; git's global options are set by the daemon"
        }
        return "goes on differently; the rule speaks of \(expectation)"
    }

    static let otherForm =
        "use a form that a rule lists (execlayer policy check explains it), or have an operator add a rule to policy.yaml"
}
