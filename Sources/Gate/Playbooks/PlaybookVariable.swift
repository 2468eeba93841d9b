package import ToolKit

/// What may stand for one `{name}`.
package struct PlaybookVariable: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case any
        case string
        case integer
        case number
        case boolean
        case array
        case object
    }

    package var kind: Kind
    /// Taken when nobody gives a value.
    package var defaultValue: JSONValue?
    package var description: String
    /// One that is neither required nor has a default is null: an argument that it is the whole of is left out.
    package var isRequired: Bool

    package init(
        _ kind: Kind = .any, default defaultValue: JSONValue? = nil, description: String = "", isRequired: Bool? = nil
    ) {
        self.kind = kind
        self.defaultValue = defaultValue
        self.description = description
        self.isRequired = isRequired ?? (defaultValue == nil)
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(kind.rawValue), "description": .string(description), "required": .bool(isRequired),
        ]
        members["default"] = defaultValue
        return .object(members)
    }

    /// - Returns: Why a value is none for it, as a clause that follows its name; `nil` when it is one.
    package func objection(to value: JSONValue) -> String? {
        let fits =
            switch kind {
            case .any: value != .null
            case .string: value.stringValue != nil
            case .integer: value.integerValue != nil
            case .number: value.doubleValue != nil
            case .boolean: value.boolValue != nil
            case .array: value.arrayValue != nil
            case .object: value.objectValue != nil
            }
        return fits ? nil : "must be \(kind.spokenName), not \(value.kindName)"
    }

    /// Whether a text is the name of a variable: `[a-z_][a-z0-9_]*`, at most 64 bytes.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, VariableText.begins(first), text.utf8.count <= PlaybookLimits.memberSize
        else { return false }
        return text.utf8.allSatisfy(VariableText.continues)
    }
}

extension PlaybookVariable.Kind {
    var spokenName: String {
        switch self {
        case .any: "a value"
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
