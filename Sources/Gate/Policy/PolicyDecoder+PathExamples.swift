internal import ToolKit

/// Paths that a rule says it covers, or does not: tried when the file loads.
extension PolicyDecoder {
    private static let exampleKeys = ["match", "not_match"]

    struct Examples {
        var match: [(text: String, line: Int)] = []
        var notMatch: [(text: String, line: Int)] = []
    }

    mutating func examples(
        _ value: YAMLValue?, _ line: Int, _ field: String, of what: String = "path"
    ) -> Examples {
        guard let value else {
            problem(line, "\(field) is required; name at least one \(what) under match")
            return Examples()
        }
        guard case .mapping(let members, _) = value else {
            problem(value.line, "\(field) must be a mapping of match and not_match, not \(value.kindName)")
            return Examples()
        }
        for member in members where !Self.exampleKeys.contains(member.key) {
            unknown(member, among: Self.exampleKeys, in: field)
        }
        let parts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        return Examples(
            match: texts(parts["match"], value.line, "\(field).match", isRequired: true),
            notMatch: texts(parts["not_match"], value.line, "\(field).not_match", isRequired: false))
    }

    mutating func run(_ examples: Examples, _ rule: PathRule) {
        for (expectation, list) in [(true, examples.match), (false, examples.notMatch)] {
            for (text, line) in list {
                guard let path = try? WorkspacePath(text) else {
                    problem(
                        line,
                        "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) is no path in the workspace")
                    continue
                }
                guard rule.covers(path) != expectation else { continue }
                let outcome = expectation ? "is not matched" : "is matched"
                problem(line, "rule \"\(rule.name)\": the example \(JSONWriter.quoted(text)) \(outcome) by it")
            }
        }
    }
}
