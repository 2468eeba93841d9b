internal import ToolKit

/// A rule for a command of this project that the default rules do not know.
struct CommandProposal: Sendable, Hashable {
    let name: String
    /// The words that a command starts with, one of each.
    let words: [[String]]
    let reason: String
    var writes: [String] = []
    let match: [String]
    let notMatch: [String]

    /// An element of `commands:`.
    var yaml: String {
        let run = words.map { $0.count == 1 ? JSONWriter.quoted($0[0]) : Self.list($0) }.joined(separator: ", ")
        var lines = [
            "  - name: \(JSONWriter.quoted(name))", "    run: [\(run)]", "    flags: any", "    operands: any",
            "    verdict: allow", "    reason: \(JSONWriter.quoted(reason))",
        ]
        if !writes.isEmpty { lines.append("    writes: \(Self.list(writes))") }
        lines += [
            "    examples:", "      match: \(Self.list(match))", "      not_match: \(Self.list(notMatch))",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        [
            "name": .string(name), "reason": .string(reason),
            "run": .array(words.map { .array($0.map(JSONValue.string)) }),
            "writes": .array(writes.map(JSONValue.string)), "match": .array(match.map(JSONValue.string)),
        ]
    }

    private static func list(_ texts: [String]) -> String {
        "[" + texts.map { JSONWriter.quoted($0) }.joined(separator: ", ") + "]"
    }
}
