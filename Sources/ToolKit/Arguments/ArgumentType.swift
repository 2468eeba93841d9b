/// What one argument may be. Each case knows its JSON Schema and checks a value.
public indirect enum ArgumentType: Sendable, Hashable {
    /// Lengths in UTF-8 bytes. NUL is refused unless the string is ``content(maxLength:)``.
    case string(minLength: Int = 0, maxLength: Int)
    /// A text whose value never reaches the audit, only its size and SHA-256: file contents, patches, scripts.
    case content(maxLength: Int)
    case choice([String])
    case integer(ClosedRange<Int>)
    case boolean
    /// A place in the workspace; checked and brought into its one canonical spelling.
    case path
    case array(of: ArgumentType, count: ClosedRange<Int>)
    /// The first alternative that fits.
    case either([ArgumentType])
    /// Any object; for tools whose arguments are described elsewhere.
    case object
}

extension ArgumentType {
    /// JSON Schema 2020-12 of the type.
    public var jsonSchema: [String: JSONValue] {
        switch self {
        case .string(let minLength, let maxLength):
            var schema: [String: JSONValue] = ["type": "string", "maxLength": .integer(maxLength)]
            if minLength > 0 { schema["minLength"] = .integer(minLength) }
            return schema
        case .content(let maxLength):
            return ["type": "string", "maxLength": .integer(maxLength)]
        case .choice(let values):
            return ["type": "string", "enum": .array(values.map(JSONValue.string))]
        case .integer(let range):
            return [
                "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
            ]
        case .boolean:
            return ["type": "boolean"]
        case .path:
            return ["type": "string", "minLength": 1, "maxLength": 4_096]
        case .array(let element, let count):
            return [
                "type": "array", "items": .object(element.jsonSchema),
                "minItems": .integer(count.lowerBound), "maxItems": .integer(count.upperBound),
            ]
        case .either(let types):
            return ["anyOf": .array(types.map { .object($0.jsonSchema) })]
        case .object:
            return ["type": "object"]
        }
    }

    /// The value in its canonical form.
    ///
    /// - Throws: ``Mismatch`` with what is wrong, said without the value.
    func canonical(_ value: JSONValue, roots: [String]) throws(Mismatch) -> JSONValue {
        switch self {
        case .string(let minLength, let maxLength):
            let text = try Self.text(value, maxLength: maxLength)
            guard text.utf8.count >= minLength else {
                throw Mismatch(minLength == 1 ? "must not be empty" : "must have at least \(minLength) bytes")
            }
            guard !text.utf8.contains(0) else { throw Mismatch("holds a NUL character") }
            return value
        case .content(let maxLength):
            _ = try Self.text(value, maxLength: maxLength)
            return value
        case .choice(let values):
            guard let text = value.stringValue, values.contains(text) else {
                throw Mismatch("must be one of \(values.map { JSONWriter.quoted($0) }.joined(separator: ", "))")
            }
            return value
        case .integer(let range):
            guard let number = value.integerValue else {
                throw Mismatch("must be an integer, not \(value.kindName)")
            }
            guard range.contains(number) else {
                throw Mismatch("must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return .integer(number)
        case .boolean:
            guard value.boolValue != nil else { throw Mismatch("must be true or false, not \(value.kindName)") }
            return value
        case .path:
            guard let text = value.stringValue else { throw Mismatch("must be a string, not \(value.kindName)") }
            do throws(WorkspacePathError) {
                return .string(try WorkspacePath(text, roots: roots).description)
            } catch {
                throw Mismatch(error.description, leavesWorkspace: error == .outside)
            }
        case .array(let element, let count):
            return try Self.array(value, of: element, count: count, roots: roots)
        case .either(let types):
            for type in types {
                if let fitting = try? type.canonical(value, roots: roots) { return fitting }
            }
            throw Mismatch("must be \(types.map(\.spokenName).joined(separator: " or ")), not \(value.kindName)")
        case .object:
            guard case .object = value else { throw Mismatch("must be an object, not \(value.kindName)") }
            return value
        }
    }

    private static func text(_ value: JSONValue, maxLength: Int) throws(Mismatch) -> String {
        guard let text = value.stringValue else { throw Mismatch("must be a string, not \(value.kindName)") }
        guard text.utf8.count <= maxLength else { throw Mismatch("must have at most \(maxLength) bytes") }
        return text
    }

    private static func array(
        _ value: JSONValue, of element: ArgumentType, count: ClosedRange<Int>, roots: [String]
    ) throws(Mismatch) -> JSONValue {
        guard let elements = value.arrayValue else { throw Mismatch("must be an array, not \(value.kindName)") }
        guard count.contains(elements.count) else {
            throw Mismatch("must have \(count.lowerBound) to \(count.upperBound) elements")
        }
        var canonical: [JSONValue] = []
        for (index, value) in elements.enumerated() {
            do throws(Mismatch) {
                canonical.append(try element.canonical(value, roots: roots))
            } catch {
                throw Mismatch("element \(index) \(error.reason)", leavesWorkspace: error.leavesWorkspace)
            }
        }
        return .array(canonical)
    }

    private var spokenName: String {
        switch self {
        case .string, .content, .path: "a string"
        case .choice(let values): "one of \(values.map { JSONWriter.quoted($0) }.joined(separator: ", "))"
        case .integer: "an integer"
        case .boolean: "a boolean"
        case .array(let element, _): "an array whose elements are each \(element.spokenName)"
        case .either(let types): types.map(\.spokenName).joined(separator: " or ")
        case .object: "an object"
        }
    }

    /// Why a value does not fit: a clause that follows the argument's name.
    struct Mismatch: Error {
        let reason: String
        let leavesWorkspace: Bool

        init(_ reason: String, leavesWorkspace: Bool = false) {
            self.reason = reason
            self.leavesWorkspace = leavesWorkspace
        }
    }
}
