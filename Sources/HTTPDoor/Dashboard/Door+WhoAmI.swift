internal import Gate
internal import HTTPTypes
internal import ToolKit

extension Door {
    /// Who the caller is to this daemon and what it may do here: what a page needs to show no more than that. Added last,
    /// because it also says which of the optional parts `table` answers.
    func addWhoAmI(to table: inout RouteTable) {
        let paths = table.paths
        let features = Self.optionalParts.filter { paths.contains("/api/v1/execution/\($0.path)") }.map(\.name)
        table.add(
            .get, "/api/v1/execution/whoami",
            authenticated { [self] _, principal in
                let permissions = Permission.allCases.filter { principal.role.allows($0) }
                return JSONAnswer.make([
                    "success": true, "principal": .string(principal.name), "role": .string(principal.role.rawValue),
                    "permissions": .array(permissions.map { .string($0.rawValue.replacing(" ", with: "_")) }),
                    "tools": principal.tools.map { .array($0.sorted().map(JSONValue.string)) } ?? nil,
                    "token_required": .bool(authenticator.requiresToken),
                    "features": .array(features.map(JSONValue.string)),
                ])
            })
    }

    private static let optionalParts = [
        (name: "approvals", path: "approvals"), (name: "requests", path: "requests"), (name: "grants", path: "grants"),
        (name: "events", path: "events"), (name: "node", path: "node/config"),
    ]
}
