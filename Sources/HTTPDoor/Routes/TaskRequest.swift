internal import Engine
internal import ToolKit

/// The body of `POST /tasks`.
struct TaskRequest {
    var draft: TaskDraft
    var playbookID: String?
    var variables: [String: JSONValue]

    private static let envelope = ArgumentSchema(
        .optional("goal", .string(maxLength: TaskLimits.goalBytes), "What shall be reached."),
        .optional("max_steps", .integer(1...TaskLimits.steps), default: 50, "Steps it may take."),
        .optional("max_retries", .integer(0...TaskLimits.retries), default: 3, "How often a step is tried again."),
        .optional("steps", .array(of: .object, count: 0...TaskLimits.steps), "What to do, in order."),
        .optional("playbook_id", .string(minLength: 1, maxLength: 64), "The playbook whose steps these are."),
        .optional("variables", .object, "Values of the playbook's variables."),
        Envelope.label("agent_id", "A label for the record; never authority."))

    /// - Throws: ``HTTPRefusal`` 422 naming every bad field.
    init(_ body: JSONValue) throws(HTTPRefusal) {
        let fields = try Envelope.read(body, as: Self.envelope)
        playbookID = fields["playbook_id"]?.stringValue
        variables = fields["variables"]?.objectValue ?? [:]
        guard playbookID == nil || fields["steps"] == nil else {
            throw .field("steps", "come from the playbook that playbook_id names; send one of the two")
        }
        guard playbookID != nil || fields["variables"] == nil else {
            throw .field("variables", "belong to a playbook; send playbook_id too")
        }
        guard let goal = fields["goal"]?.stringValue ?? (playbookID == nil ? nil : "") else {
            throw .field("goal", "is required")
        }
        draft = TaskDraft(
            goal: goal, maxSteps: fields["max_steps"]?.integerValue ?? 50,
            maxRetries: fields["max_retries"]?.integerValue ?? 3, playbookID: playbookID,
            agentID: fields["agent_id"]?.stringValue)
        guard let steps = fields["steps"]?.arrayValue else { return }
        var problems: [ArgumentProblem] = []
        var drafts: [StepDraft] = []
        for (place, step) in steps.enumerated() where problems.count < ArgumentProblems.limit {
            do throws(ArgumentProblems) {
                drafts.append(try StepDraft(step))
            } catch {
                problems += error.below("steps[\(place)]").problems
            }
        }
        guard problems.isEmpty else { throw .fields(ArgumentProblems(problems)) }
        draft.steps = drafts
    }
}

extension StepDraft {
    private static let envelope = ArgumentSchema(
        .required("tool_name", .string(minLength: 1, maxLength: 256), "Which tool, by name or alias."),
        .optional("args", .object, default: [:], "Its arguments."),
        .optional("expect", .object, "What has to be true afterwards."),
        .optional("description", .string(maxLength: TaskLimits.goalBytes), "What it is for."),
        .optional("max_retries", .integer(0...TaskLimits.retries), "How often it is tried again."))

    init(_ json: JSONValue) throws(ArgumentProblems) {
        let fields = try Self.envelope.canonical(json.objectValue ?? [:], roots: [])
        self.init(
            toolName: fields["tool_name"]?.stringValue ?? "", arguments: fields["args"]?.objectValue ?? [:],
            expect: fields["expect"], description: fields["description"]?.stringValue,
            maxRetries: fields["max_retries"]?.integerValue)
    }

    /// The body of `POST /tasks/{id}/steps`.
    init(envelope body: JSONValue) throws(HTTPRefusal) {
        guard body.objectValue != nil else { throw .field("body", "must be an object, not \(body.kindName)") }
        do throws(ArgumentProblems) {
            try self.init(body)
        } catch {
            throw .fields(error)
        }
    }
}
