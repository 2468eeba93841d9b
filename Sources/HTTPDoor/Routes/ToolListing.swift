package import Gate
package import ToolKit

/// The tools as clients see them: what never changes is written once, the switches are filled in for every answer.
package struct ToolListing: Sendable {
    private struct Row: Sendable {
        let entry: CatalogEntry
        let members: [String: JSONValue]
    }

    /// In a stable order: by name, aliases among them.
    private let rows: [Row]

    package init(catalog: ToolCatalog) {
        rows = catalog.entries
            .flatMap { entry in [Self.row(entry, alias: nil)] + entry.tool.aliases.map { Self.row(entry, alias: $0) } }
            .sorted { ($0.members["name"]?.stringValue ?? "") < ($1.members["name"]?.stringValue ?? "") }
    }

    package func json(under settings: Configuration) -> JSONValue {
        .array(
            rows.map { row in
                var members = row.members
                members["enabled"] = .bool(settings.isEnabled(row.entry))
                members["requires_approval"] = .bool(
                    row.entry.tool.needsArming || settings.needsApproval(risk: row.entry.tool.risk, verdict: .allow))
                return .object(members)
            })
    }

    private static func row(_ entry: CatalogEntry, alias: String?) -> Row {
        let tool = entry.tool
        var members: [String: JSONValue] = [
            "name": .string(alias ?? tool.name),
            "description": .string(tool.description),
            "risk_level": .integer(tool.risk.rawValue),
            "risk": .string(tool.risk.name),
            "available": true,
            "unavailable_reason": nil,
            "optional_dependency": nil,
            "idempotent": .bool(tool.isIdempotent),
            "input_schema": entry.inputSchema,
            "annotations": [
                "title": .string(tool.annotations.title),
                "readOnlyHint": .bool(tool.annotations.readOnly),
                "destructiveHint": .bool(tool.annotations.destructive),
                "idempotentHint": .bool(tool.isIdempotent),
                "openWorldHint": .bool(tool.annotations.openWorld),
            ],
        ]
        if let confinement = tool.confinement {
            members["confinement"] = .string(confinement.level)
            members["confinement_remedy"] = JSONValue(confinement.remedy)
        }
        if alias != nil { members["alias_of"] = .string(tool.name) }
        if case .unavailable(let reason, _, let dependency) = tool.availability {
            members["available"] = false
            members["unavailable_reason"] = .string(reason)
            members["optional_dependency"] = JSONValue(dependency)
        }
        return Row(entry: entry, members: members)
    }
}
