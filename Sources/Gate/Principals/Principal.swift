package import ToolKit

/// Who asks. Only ``Authenticator`` makes one, so holding a principal means having been recognised.
package struct Principal: Sendable, Hashable {
    /// The token's name; `operator` for `EXECUTION_TOKEN`, `local` where no token is configured. What the audit keeps.
    package let name: String
    package let role: Role
    /// The canonical tools an agent is held to; `nil` for all.
    package let tools: Set<String>?

    init(name: String, role: Role, tools: Set<String>?) {
        self.name = name
        self.role = role
        self.tools = tools
    }

    package func mayUse(tool name: String) -> Bool { tools?.contains(name) ?? true }

    /// - Throws: ``Refusal`` with the code `not_entitled`.
    package func require(_ permission: Permission) throws(Refusal) {
        guard role.allows(permission) else {
            throw Refusal(
                .unauthorized, code: "not_entitled",
                "a token of the role \(role.rawValue) may not \(permission.rawValue)",
                remedy: "use a token whose role may \(permission.rawValue)")
        }
    }
}
