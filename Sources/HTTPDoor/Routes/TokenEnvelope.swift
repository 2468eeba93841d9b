package import Gate
package import ToolKit

extension Authenticator.Request {
    /// The body of `POST /tokens`.
    ///
    /// - Throws: ``HTTPRefusal`` 422 naming every bad field.
    package init(envelope body: JSONValue) throws(HTTPRefusal) {
        let fields = try Envelope.read(body, as: Self.envelope)
        let role = fields["role"]?.stringValue.flatMap(Role.init(rawValue:)) ?? .viewer
        self.init(name: fields["name"]?.stringValue ?? "", role: role)
        tools = fields["tools"]?.arrayValue?.compactMap(\.stringValue)
        if tools != nil, role != .agent { throw .field("tools", "belongs to tokens of the role agent only") }
        if let text = fields["expires"]?.stringValue {
            guard let seconds = TokenLifetime.seconds(text) else {
                throw .field("expires", "must be a number with s, m, h, d or w, such as 30d")
            }
            lifetime = seconds
        }
    }

    private static let envelope = ArgumentSchema(
        .required("role", .choice(Role.allCases.map(\.rawValue)), "What it may do."),
        .required("name", .string(minLength: 1, maxLength: 64), "What the audit calls it."),
        .optional(
            "tools", .array(of: .string(minLength: 1, maxLength: 64), count: 1...256),
            "The tools an agent is held to."),
        .optional("expires", .string(minLength: 2, maxLength: 16), "How long it is valid, such as 30d."))
}
