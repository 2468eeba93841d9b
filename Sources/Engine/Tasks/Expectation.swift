package import ToolKit

/// `expect` of a step: what has to be true after its call.
///
/// `{exit: 0 | [0, 1], text: {contains: "…" | ["…"], equals: "…"}, file: {path, exists?, contains?} | [ … ]}`, of which
/// everything that is there has to hold. There is no matching of patterns: nobody could bound what one costs.
package struct Expectation: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        /// Canonical.
        package let path: String
        package let exists: Bool
        package let contains: String?
    }

    /// Any of them.
    package let exits: [Int]?
    package let contains: [String]
    package let equals: String?
    package let files: [File]

    private static let schema = ArgumentSchema(
        .optional("exit", .either([code, .array(of: code, count: 1...16)]), "The exit code, or any of several."),
        .optional("text", .object, "What the text of the result has to be."),
        .optional("file", .either([.object, .array(of: .object, count: 1...8)]), "What a file has to be."))

    private static let code = ArgumentType.integer(-65_536...65_536)
    private static let fragment = ArgumentType.string(minLength: 1, maxLength: 4_096)

    private static let text = ArgumentSchema(
        .optional("contains", .either([fragment, .array(of: fragment, count: 1...16)]), "What it holds."),
        .optional("equals", .string(maxLength: 65_536), "What it is, without spaces around it."))

    private static let file = ArgumentSchema(
        .required("path", .path, "The file."),
        .optional("exists", .boolean, default: true, "Whether there is one."),
        .optional("contains", fragment, "What its first mebibyte holds."))

    /// - Throws: ``ArgumentProblems`` with fields below `field`.
    package init(_ json: JSONValue, field: String, roots: [String]) throws(ArgumentProblems) {
        guard let members = json.objectValue else {
            throw ArgumentProblems([
                ArgumentProblem(field: field, reason: "must be an object, not \(json.kindName)")
            ])
        }
        let fields = try Self.read(members, as: Self.schema, field: field, roots: roots)
        guard !fields.isEmpty else {
            throw ArgumentProblems([ArgumentProblem(field: field, reason: "must hold exit, text or file")])
        }
        exits = fields["exit"].map { ($0.arrayValue ?? [$0]).compactMap(\.integerValue) }
        let text = try fields["text"].map { text throws(ArgumentProblems) in
            let members = try Self.read(
                text.objectValue ?? [:], as: Self.text, field: "\(field).text", roots: roots)
            guard !members.isEmpty else {
                throw ArgumentProblems([
                    ArgumentProblem(field: "\(field).text", reason: "must hold contains or equals")
                ])
            }
            return members
        }
        contains = text?["contains"].map { ($0.arrayValue ?? [$0]).compactMap(\.stringValue) } ?? []
        equals = text?["equals"]?.stringValue
        var files: [File] = []
        let isList = fields["file"]?.arrayValue != nil
        let wanted: [JSONValue] = fields["file"].map { $0.arrayValue ?? [$0] } ?? []
        for (place, json) in wanted.enumerated() {
            let name = isList ? "\(field).file[\(place)]" : "\(field).file"
            let members = try Self.read(json.objectValue ?? [:], as: Self.file, field: name, roots: roots)
            let file = File(
                path: members["path"]?.stringValue ?? "", exists: members["exists"]?.boolValue ?? true,
                contains: members["contains"]?.stringValue)
            guard file.exists || file.contains == nil else {
                throw ArgumentProblems([
                    ArgumentProblem(field: "\(name).contains", reason: "cannot be asked of a file that shall not exist")
                ])
            }
            files.append(file)
        }
        self.files = files
    }

    private static func read(
        _ members: [String: JSONValue], as schema: ArgumentSchema, field: String, roots: [String]
    ) throws(ArgumentProblems) -> [String: JSONValue] {
        do throws(ArgumentProblems) {
            return try schema.canonical(members, roots: roots)
        } catch {
            throw error.below(field)
        }
    }

    /// Whether it asks about the result, and not about files only.
    package var needsResult: Bool { exits != nil || !contains.isEmpty || equals != nil }

    /// What about the result is not as expected, as a sentence; `nil` when all is.
    ///
    /// - Parameter result: `result` of the call's `Result`.
    package func complaint(about result: JSONValue) -> String? {
        if let exits {
            guard let code = result["returncode"]?.integerValue else {
                return "an exit code was expected, and the result has none"
            }
            guard exits.contains(code) else {
                let expected = exits.map(String.init).joined(separator: " or ")
                return "the exit code \(expected) was expected, and it is \(code)"
            }
        }
        guard !contains.isEmpty || equals != nil else { return nil }
        let text = Self.text(of: result)
        if let equals, Self.trimmed(text) != Self.trimmed(equals) {
            return "the text of the result is another one than expected"
        }
        if let missing = contains.first(where: { !Self.holds(text, $0) }) {
            return "the text of the result does not contain \(JSONWriter.quoted(String(missing.prefix(80))))"
        }
        return nil
    }

    /// What a result says: the output of a program, the content of a file, a text; otherwise the whole as JSON.
    static func text(of result: JSONValue) -> String {
        for name in ["stdout", "content", "result"] {
            if let text = result[name]?.stringValue { return text }
        }
        return result.stringValue ?? String(decoding: JSONWriter.write(result), as: UTF8.self)
    }

    /// In time that grows with the sum of the lengths, whatever they are: both are strangers' (Knuth, Morris, Pratt).
    static func holds(_ text: String, _ part: String) -> Bool {
        let part = Array(part.utf8)
        guard !part.isEmpty else { return true }
        // How much of the part's beginning still fits when its next byte does not.
        var borders = [Int](repeating: 0, count: part.count)
        var length = 0
        for place in part.indices.dropFirst() {
            while length > 0, part[place] != part[length] { length = borders[length - 1] }
            if part[place] == part[length] { length += 1 }
            borders[place] = length
        }
        length = 0
        for byte in text.utf8 {
            while length > 0, byte != part[length] { length = borders[length - 1] }
            if byte == part[length] { length += 1 }
            if length == part.count { return true }
        }
        return false
    }

    private static func trimmed(_ text: String) -> Substring {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        var rest = text[...].drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
