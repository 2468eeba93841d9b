package import ToolKit

/// The body of a request: one object whose fields are described once, as those of a tool's arguments are.
enum Envelope {
    /// `null` stands for a field that is left out, as the older clients send it.
    ///
    /// - Parameter notBuilt: Fields that the contract knows and this version does not honour.
    /// - Throws: ``HTTPRefusal`` 422 naming every field that is missing, unknown or of the wrong type.
    static func read(
        _ body: JSONValue, as schema: ArgumentSchema, notBuilt: [String] = []
    ) throws(HTTPRefusal) -> [String: JSONValue] {
        guard case .object(var members) = body else {
            throw .field("body", "must be an object, not \(body.kindName)")
        }
        var problems: [ArgumentProblem] = []
        for field in notBuilt {
            guard let value = members.removeValue(forKey: field), value != .null else { continue }
            problems.append(
                ArgumentProblem(field: field, reason: "is not supported by this version; leave it out"))
        }
        do throws(ArgumentProblems) {
            let fields = try schema.canonical(members, roots: [])
            guard problems.isEmpty else { throw ArgumentProblems(problems) }
            return fields
        } catch {
            throw .fields(
                ArgumentProblems(problems + error.problems.filter { !problems.contains($0) }, uncounted: error.omitted))
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
            "wait_for_approval", .boolean, "Whether to wait for a person where an approval is needed."))

    /// Fields of the contract's `Call` that this version does not honour. They are refused by name, never ignored: a
    /// caller who relies on one would be misled.
    static let notBuilt = ["idempotency_key"]

    /// The body of `/run`.
    ///
    /// - Throws: ``HTTPRefusal`` 422 naming every bad field.
    package init(envelope body: JSONValue) throws(HTTPRefusal) {
        let fields = try Envelope.read(body, as: Self.envelope, notBuilt: Self.notBuilt)
        self.init(
            toolName: fields["tool_name"]?.stringValue ?? "", arguments: fields["args"]?.objectValue ?? [:],
            dryRun: fields["dry_run"]?.boolValue, department: fields["department"]?.stringValue,
            agentID: fields["agent_id"]?.stringValue, reason: fields["reason"]?.stringValue,
            approvalID: fields["approval_id"]?.stringValue, traceID: fields["trace_id"]?.stringValue,
            waitsForApproval: fields["wait_for_approval"]?.boolValue ?? false)
    }
}
