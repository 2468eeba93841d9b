package import ToolKit

/// The body of a request: one object whose fields are described once, as those of a tool's arguments are.
enum Envelope {
    /// `null` stands for a field that is left out, as the older clients send it.
    ///
    /// - Throws: ``HTTPRefusal`` 422 naming every field that is missing, unknown or of the wrong type.
    static func read(_ body: JSONValue, as schema: ArgumentSchema) throws(HTTPRefusal) -> [String: JSONValue] {
        guard case .object(let members) = body else {
            throw .field("body", "must be an object, not \(body.kindName)")
        }
        do throws(ArgumentProblems) {
            return try schema.canonical(members, roots: [])
        } catch {
            throw .fields(error)
        }
    }

    static func label(_ name: String, _ description: String) -> ArgumentSchema.Property {
        .optional(name, .string(maxLength: 128), description)
    }
}

extension ToolCall {
    static let envelope = ArgumentSchema(
        .required("tool_name", .string(minLength: 1, maxLength: 256), "Which tool, by name or alias."),
        .optional("args", .object, default: [:], "Its arguments."),
        .optional("dry_run", .boolean, "Whether to answer only what would happen."),
        Envelope.label("department", "A label for the record."),
        Envelope.label("agent_id", "A label for the record; never authority."),
        .optional("reason", .string(maxLength: 4_096), "Why, for the record."),
        .optional("approval_id", .string(maxLength: 256), "The approval that lets the call pass."),
        Envelope.label("trace_id", "The caller's own label, kept beside ours."),
        .optional(
            "wait_for_approval", .boolean, "Whether to wait for a person where an approval is needed."),
        .optional(
            "idempotency_key", .string(minLength: 1, maxLength: 255),
            "A key of the caller's own: the same call sent again under it gets the first answer."))

    /// The body of `/run`.
    ///
    /// - Throws: ``HTTPRefusal`` 422 naming every bad field.
    package init(envelope body: JSONValue) throws(HTTPRefusal) {
        let fields = try Envelope.read(body, as: Self.envelope)
        self.init(
            toolName: fields["tool_name"]?.stringValue ?? "", arguments: fields["args"]?.objectValue ?? [:],
            dryRun: fields["dry_run"]?.boolValue, department: fields["department"]?.stringValue,
            agentID: fields["agent_id"]?.stringValue, reason: fields["reason"]?.stringValue,
            approvalID: fields["approval_id"]?.stringValue, traceID: fields["trace_id"]?.stringValue,
            waitsForApproval: fields["wait_for_approval"]?.boolValue ?? false,
            idempotencyKey: fields["idempotency_key"]?.stringValue)
    }
}
