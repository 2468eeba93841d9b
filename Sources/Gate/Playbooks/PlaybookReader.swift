package import ToolKit

extension PlaybookDefinition {
    /// Reads what a person wrote.
    ///
    /// - Parameter tools: `nil` asks nothing about tools and their arguments: for what another system has kept.
    /// - Throws: ``ArgumentProblems`` naming every field that is wrong, as `steps[2].args.path`.
    package init(json: JSONValue, checkedBy tools: PlaybookTools?) throws(ArgumentProblems) {
        var reader = PlaybookReader(tools: tools)
        let definition = reader.definition(json)
        guard let definition, reader.problems.isEmpty else { throw ArgumentProblems(reader.problems) }
        guard definition.size <= PlaybookLimits.size else {
            throw ArgumentProblems([
                ArgumentProblem(
                    field: "steps", reason: "make the playbook larger than \(PlaybookLimits.size / 1_024) KiB")
            ])
        }
        self = definition
    }
}

/// Reads a playbook and notes everything that is wrong with it, each with the path of its field.
struct PlaybookReader {
    let tools: PlaybookTools?
    private(set) var problems: [ArgumentProblem] = []

    init(tools: PlaybookTools?) { self.tools = tools }

    mutating func note(_ field: String, _ reason: String) {
        problems.append(ArgumentProblem(field: field, reason: reason))
    }

    mutating func definition(_ json: JSONValue) -> PlaybookDefinition? {
        guard let members = members(json, "playbook", among: Self.fields) else { return nil }
        refuseByteOrderMark(in: json)
        let name = line(members["name"], "name", limit: PlaybookLimits.nameSize)
        if let name, name.isEmpty { note("name", "is required") }
        let category = line(members["category"], "category", limit: PlaybookLimits.categorySize) ?? ""
        let declared = variables(members["variables"])
        let steps = steps(members["steps"])
        let definition = PlaybookDefinition(
            name: name ?? "", description: text(members["description"], "description") ?? "",
            category: category.isEmpty ? PlaybookLimits.defaultCategory : category, tags: tags(members["tags"]),
            variables: uses(of: declared, in: steps), steps: steps)
        return definition
    }

    private static let fields = ["name", "description", "category", "tags", "variables", "steps"]
}
