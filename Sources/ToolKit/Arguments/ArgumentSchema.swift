/// The arguments of one tool, described once: it yields the JSON Schema, fills in defaults, resolves aliases and names
/// every bad field.
public struct ArgumentSchema: Sendable, Hashable {
    public struct Property: Sendable, Hashable {
        public let name: String
        public let aliases: [String]
        public let type: ArgumentType
        public let isRequired: Bool
        /// Filled in when the caller says nothing; `nil` leaves the argument out.
        public let defaultValue: JSONValue?
        public let description: String

        public static func required(
            _ name: String, _ type: ArgumentType, aliases: [String] = [], _ description: String
        ) -> Property {
            Property(
                name: name, aliases: aliases, type: type, isRequired: true, defaultValue: nil,
                description: description)
        }

        public static func optional(
            _ name: String, _ type: ArgumentType, default defaultValue: JSONValue? = nil, aliases: [String] = [],
            _ description: String
        ) -> Property {
            Property(
                name: name, aliases: aliases, type: type, isRequired: false, defaultValue: defaultValue,
                description: description)
        }
    }

    public let properties: [Property]
    /// Every accepted spelling to the place of its property.
    private let places: [String: Int]

    /// - Precondition: No name or alias is used twice.
    public init(_ properties: Property...) { self.init(properties) }

    public init(_ properties: [Property]) {
        self.properties = properties
        var places: [String: Int] = [:]
        for (place, property) in properties.enumerated() {
            for spelling in [property.name] + property.aliases {
                precondition(places.updateValue(place, forKey: spelling) == nil, "argument \(spelling) is named twice")
            }
        }
        self.places = places
    }

    public static let none = ArgumentSchema()

    /// JSON Schema 2020-12. Aliases are accepted but not advertised.
    public var jsonSchema: JSONValue {
        var members: [String: JSONValue] = [:]
        for property in properties {
            var schema = property.type.jsonSchema
            schema["description"] = .string(property.description)
            schema["default"] = property.defaultValue
            members[property.name] = .object(schema)
        }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": .object(members),
            "required": .array(properties.filter(\.isRequired).map { .string($0.name) }),
            "additionalProperties": false,
        ]
    }

    /// Checks what a caller sent and brings it into its one canonical form: names instead of aliases, defaults filled
    /// in, paths normalised. Two spellings of one call become equal here, before policy, approval or audit see them.
    ///
    /// - Parameter roots: Absolute spellings of the workspace root (see ``WorkspacePath/init(_:roots:)``).
    /// - Throws: ``ArgumentProblems`` naming every field that is wrong, not just the first.
    public func canonical(
        _ arguments: [String: JSONValue], roots: [String]
    ) throws(ArgumentProblems) -> [String: JSONValue] {
        var canonical: [String: JSONValue] = [:]
        var problems: [ArgumentProblem] = []
        var uncounted = 0
        for (spelling, value) in arguments {
            guard let place = places[spelling] else {
                // Looking for what was meant costs time; nobody mistypes thousands of names.
                if problems.count < ArgumentProblems.limit {
                    problems.append(unknown(spelling))
                } else {
                    uncounted += 1
                }
                continue
            }
            let property = properties[place]
            // Older clients send what they leave out as null.
            if value == .null, !property.isRequired { continue }
            if canonical[property.name] != nil {
                problems.append(ArgumentProblem(field: property.name, reason: "is given twice, under two names"))
                continue
            }
            do throws(ArgumentType.Mismatch) {
                canonical[property.name] = try property.type.canonical(value, roots: roots)
            } catch {
                canonical[property.name] = .null
                problems.append(
                    ArgumentProblem(
                        field: spelling, reason: error.reason, leavesWorkspace: error.leavesWorkspace))
            }
        }
        for property in properties where canonical[property.name] == nil {
            if property.isRequired {
                problems.append(ArgumentProblem(field: property.name, reason: "is required"))
            } else {
                canonical[property.name] = property.defaultValue
            }
        }
        guard problems.isEmpty else { throw ArgumentProblems(problems, uncounted: uncounted) }
        return canonical
    }

    /// Names of arguments whose values are kept as size and SHA-256 only.
    public var contentNames: Set<String> {
        Set(properties.filter { if case .content = $0.type { true } else { false } }.map(\.name))
    }

    private func unknown(_ spelling: String) -> ArgumentProblem {
        let shown = JSONWriter.quoted(String(spelling.prefix(64)))
        guard let nearest = Spelling.nearest(to: spelling, among: places.keys) else {
            let known = properties.map(\.name).joined(separator: ", ")
            let remedy = known.isEmpty ? "this tool takes no arguments" : "known are \(known)"
            return ArgumentProblem(field: String(spelling.prefix(64)), reason: "\(shown) is unknown; \(remedy)")
        }
        return ArgumentProblem(
            field: String(spelling.prefix(64)), reason: "\(shown) is unknown; did you mean \"\(nearest)\"?")
    }
}
