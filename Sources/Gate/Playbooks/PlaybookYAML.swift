package import ToolKit

extension PlaybookDefinition {
    /// Reads a playbook that was written as YAML: the same fields, and the same rules for each of them.
    ///
    /// - Throws: ``ArgumentProblems``; what is wrong with the YAML itself is a problem of the field `yaml`, with its line.
    package init(yaml: String, checkedBy tools: PlaybookTools?) throws(ArgumentProblems) {
        let json: JSONValue
        do throws(FileProblem) {
            json = try StrictYAML.read(Array(yaml.utf8), needs: "a playbook needs a name and steps").json
        } catch {
            throw ArgumentProblems([ArgumentProblem(field: "yaml", reason: error.reason)])
        }
        try self.init(json: json, checkedBy: tools)
    }

    /// The definition as YAML that reads as the same definition again, here and in any other reader of YAML.
    package var yaml: String {
        var lines = [
            "name: \(YAMLText.scalar(name))", "description: \(YAMLText.scalar(description))",
            "category: \(YAMLText.scalar(category))",
            "tags: \(YAMLText.flow(.array(tags.map(JSONValue.string))))",
        ]
        if variables.isEmpty {
            lines.append("variables: {}")
        } else {
            lines.append("variables:")
            for (name, variable) in variables.sorted(by: { $0.key < $1.key }) {
                lines.append("  \(YAMLText.scalar(name)): \(YAMLText.flow(variable.json))")
            }
        }
        lines.append("steps:")
        for step in steps {
            lines.append("  - tool_name: \(YAMLText.scalar(step.toolName))")
            if !step.description.isEmpty { lines.append("    description: \(YAMLText.scalar(step.description))") }
            if !step.arguments.isEmpty { lines.append("    args:") }
            for (name, value) in step.arguments.sorted(by: { $0.key < $1.key }) {
                lines.append("      \(YAMLText.scalar(name)): \(YAMLText.flow(value))")
            }
            lines.append("    retry_on_failure: \(step.retriesOnFailure)")
            lines.append("    max_retries: \(step.maxRetries)")
            if let expect = step.expect { lines.append("    expect: \(YAMLText.flow(expect))") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension YAMLValue {
    /// A plain text that JSON would read as a number, a boolean or null is one; every other text is a text, `yes` and dates
    /// included.
    var json: JSONValue {
        switch self {
        case .mapping(let members, _):
            return .object(Dictionary(members.map { ($0.key, $0.value.json) }) { first, _ in first })
        case .list(let elements, _): return .array(elements.map(\.json))
        case .text(let text, isQuoted: true, _): return .string(text)
        case .text(let text, isQuoted: false, _):
            if text.isEmpty || text == "~" { return .null }
            switch try? JSONReader.read(text) {
            case let value?:
                switch value {
                case .null, .bool, .integer, .number: return value
                case .string, .array, .object: return .string(text)
                }
            case nil: return .string(text)
            }
        }
    }
}

/// Writes values so that no reader of YAML can take them for anything else.
private enum YAMLText {
    /// On one line, lists and objects in brackets.
    static func flow(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .array(let elements): "[" + elements.map(flow).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\(quoted($0.key)): \(flow($0.value))" }
                .joined(separator: ", ") + "}"
        case .null, .bool, .integer, .number: String(decoding: JSONWriter.write(value), as: UTF8.self)
        }
    }

    /// A text by itself: plain when it is a simple word, else in quotes.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    /// Words that some reader of YAML takes for something else.
    private static let reserved: Set<String> = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
    ]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, VariableText.begins(first), !reserved.contains(text) else { return false }
        return text.utf8.allSatisfy(VariableText.continues)
    }

    private static func quoted(_ text: String) -> String {
        var written = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": written += "\\\""
            case "\\": written += "\\\\"
            case "\n": written += "\\n"
            case "\t": written += "\\t"
            // The strict reader takes it for an anchor wherever it stands.
            case "&": written += "\\x26"
            default: written += isVisible(scalar) ? String(scalar) : escape(scalar)
            }
        }
        return written + "\""
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value >= 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (mark, width) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\\(mark)" + String(repeating: "0", count: width - digits.count) + digits
    }
}
