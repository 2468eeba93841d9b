internal import Engine
internal import HTTPTypes
internal import Gate
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addConfigurationRoutes(to table: inout RouteTable) {
        table.add(
            .get, "/api/v1/execution/config",
            authenticated { [self] _, principal in
                try principal.require(.readConfiguration)
                return answer(with: gate.configuration.current)
            })
        table.add(
            .patch, "/api/v1/execution/config",
            authenticated { [self] request, principal in
                try principal.require(.configure)
                guard case .object(let fields) = try await request.json() else {
                    throw HTTPRefusal.field("body", "must be an object")
                }
                return answer(with: try await administration.patchConfiguration(fields, by: principal))
            })
        table.add(
            .patch, "/api/v1/execution/tools/{name}/enabled",
            authenticated { [self] request, principal in
                try principal.require(.configure)
                let isEnabled = try Query(request).boolean("enabled")
                let name = request.parameters["name"] ?? ""
                guard let canonical = try await administration.setTool(name, enabled: isEnabled, by: principal) else {
                    _ = try gate.catalog.require(name)
                    throw HTTPRefusal.unknown("tool")
                }
                return JSONAnswer.make(["success": true, "tool_name": .string(canonical), "enabled": .bool(isEnabled)])
            })
    }

    private func answer(with configuration: Configuration) -> Response {
        let switches = gate.catalog.entries.map {
            Configuration.ToolSwitch(name: $0.name, isEnabledByDefault: $0.tool.isEnabledByDefault)
        }
        var members: [String: JSONValue] = ["success": true, "config": configuration.json(tools: switches)]
        members["file_problem"] = gate.configuration.problem.map(JSONValue.string)
        members["policy_problem"] = gate.policy.problem.map(JSONValue.string)
        members["policy_version"] = .string(gate.policy.version)
        return JSONAnswer.make(.object(members))
    }
}
