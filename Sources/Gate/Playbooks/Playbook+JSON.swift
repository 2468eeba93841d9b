package import ToolKit

extension Playbook {
    package func json(_ statistics: PlaybookStatistics) -> JSONValue {
        var members = definition.json.objectValue ?? [:]
        members["id"] = .string(id)
        members["playbook_id"] = .string(id)
        members["created_by"] = .string(createdBy)
        members["created_at"] = .number(createdAt)
        members["updated_at"] = .number(updatedAt)
        members["built_in"] = .bool(isBuiltIn)
        members["statistics"] = statistics.json
        return .object(members)
    }

    /// What the record keeps of it: enough to know it again, and none of its contents.
    package var recorded: JSONValue {
        let content = CallDigest.content(definition.json)
        return [
            "playbook_id": .string(id), "name": .string(definition.name), "created_by": .string(createdBy),
            "steps": .array(definition.steps.map { .string($0.toolName) }), "size": .integer(content.size),
            "sha256": .string(content.sha256),
        ]
    }
}

extension PlaybookDefinition {
    /// With every field, as ``init(json:checkedBy:)`` reads it.
    package var json: JSONValue {
        [
            "name": .string(name), "description": .string(description), "category": .string(category),
            "tags": .array(tags.map(JSONValue.string)), "variables": .object(variables.mapValues(\.json)),
            "steps": .array(steps.map(\.json)),
        ]
    }

    /// In bytes, as it is kept.
    package var size: Int { JSONWriter.write(json).count }
}

extension PlaybookDefinition.Step {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "tool_name": .string(toolName), "args": .object(arguments), "description": .string(description),
            "retry_on_failure": .bool(retriesOnFailure), "max_retries": .integer(maxRetries),
        ]
        members["expect"] = expect
        return .object(members)
    }
}
