package import ToolKit

/// A command's judgement for `execlayer policy check -- git push` and for plans.
extension CommandJudgement {
    /// One sentence for a refusal, without the command's values; `nil` when it is not denied.
    package var denial: (message: String, remedy: String)? {
        guard verdict == .deny else { return nil }
        if let match = matches.first(where: { $0.rule.verdict == .deny }) {
            return (match.sentence, "send another command, or have an operator change the rule in policy.yaml")
        }
        guard let nearest = objections.first else { return nil }
        let rule = nearest.rule.map { " (nearest rule: \"\($0)\")" } ?? ""
        return ("the command \(nearest.reason)\(rule)", nearest.remedy)
    }

    /// What would let it pass; `nil` when it passes.
    package var remedy: String? {
        switch verdict {
        case .allow: nil
        case .ask: "have a person approve the call"
        case .deny: denial?.remedy
        }
    }

    /// For people, a line each.
    package var lines: [String] {
        let words = command.words.words.map(Self.quoted).joined(separator: " ")
        var lines = ["run \(words): \(verdict.name)"]
        lines += matches.map { match in
            "  \(match.rule.verdict.name) by \"\(match.rule.name)\" (\(match.program)): \(match.rule.reason)"
        }
        lines += objections.prefix(4).map { objection in
            "  " + (objection.rule.map { "not by \"\($0)\": it " } ?? "the command ") + objection.reason
        }
        if let pinned {
            let argv = ProgramInvocation(pinned, workspace: "/").argv
            lines.append("  starts \(argv.map(Self.quoted).joined(separator: " "))")
            if !pinned.writes.isEmpty {
                lines.append("  may write \(pinned.writes.map(\.description).joined(separator: ", "))")
            }
        }
        if let remedy { lines.append("  to let it pass: \(remedy)") }
        return lines
    }

    package var json: JSONValue {
        var starts = pinned?.json.objectValue
        if let pinned {
            let argv = ProgramInvocation(pinned, workspace: "/").argv
            starts?["argv"] = .array(argv.map(JSONValue.string))
        }
        return [
            "command": command.json, "verdict": .string(verdict.name), "matches": .array(matches.map(\.json)),
            "objections": .array(objections.map(\.json)), "remedy": JSONValue(remedy),
            "starts": starts.map(JSONValue.object) ?? .null,
        ]
    }

    /// Plain words as they are, all others as JSON texts, so that nothing in them can pass for something else.
    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty && word.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x22 && $0 != 0x27 && $0 != 0x5C }
        return isPlain ? word : JSONWriter.quoted(word)
    }
}

/// Why the policy says what it says about one command, rules about the places it names included.
package struct CommandExplanation: Sendable, Hashable {
    package let verdict: PathVerdict
    package let command: CommandJudgement
    /// Of the places that some rule speaks of.
    package let places: [PolicyExplanation]
    /// Whom it may reach, by the rules about hosts.
    package let hosts: [CommandHost]

    /// For people, a line each; the verdict of the whole stands last when the places made it stricter.
    package var lines: [String] {
        var lines = command.lines + hosts.flatMap(\.lines) + places.flatMap(\.lines)
        if verdict != command.verdict { lines.append("together: \(verdict.name)") }
        return lines
    }

    package var json: JSONValue {
        guard case .object(var members) = command.json else { return command.json }
        members["verdict"] = .string(verdict.name)
        members["places"] = .array(places.map(\.json))
        members["hosts"] = .array(hosts.map(\.json))
        return .object(members)
    }
}

extension Policy {
    /// Judges without starting anything.
    package func explain(_ command: Command) -> CommandExplanation {
        let judgement = commands.judge(command)
        let places = judgement.places.map { explain($0.path, $0.use) }.filter { !$0.matches.isEmpty }
        let verdict = (places.map(\.verdict) + [judgement.verdict]).max() ?? .deny
        let hosts = (judgement.pinned?.hosts ?? []).map { CommandHost($0, self.hosts) }
        return CommandExplanation(verdict: verdict, command: judgement, places: places, hosts: hosts)
    }
}
