internal import Crypto
package import Gate
internal import ToolKit

/// Tasks of the older system's `execution_tasks.json`.
///
/// What is not known of it is passed over; what had ended is kept for reading, and what had not waits, paused, for somebody
/// who resumes it. The file itself is not touched.
package struct OlderTasks: Sendable {
    package static let fileName = "execution_tasks.json"
    package static let fileBytes = 64 << 20

    package struct Imported: Sendable, Hashable {
        package let task: AgentTask
        package let steps: [TaskStep]
    }

    package private(set) var tasks: [Imported] = []
    /// Elements that are no tasks.
    package private(set) var unreadable = 0
    /// Approvals and requests that nobody had decided about: they are not taken over, because nobody could say what
    /// would run.
    package private(set) var undecided = 0

    /// - Parameters:
    ///   - principal: Whose they become.
    ///   - catalog: For names of tools that are others now.
    /// - Throws: ``JSONSyntaxError``, or ``NotATaskFile``.
    package init(_ bytes: [UInt8], principal: String, catalog: ToolCatalog, at wall: Double) throws {
        let document = try JSONReader.read(bytes)
        guard document.objectValue != nil, let tasks = (document["tasks"] ?? .array([])).arrayValue else {
            throw NotATaskFile()
        }
        for json in tasks {
            if let task = Self.task(json, principal: principal, catalog: catalog, at: wall) {
                self.tasks.append(task)
            } else {
                unreadable += 1
            }
        }
        for name in ["approvals_queue", "execution_requests"] {
            undecided += (document[name]?.arrayValue ?? []).count {
                ($0["status"]?.stringValue ?? "pending") == "pending"
            }
        }
    }

    package struct NotATaskFile: Error, Sendable {}

    private static func task(
        _ json: JSONValue, principal: String, catalog: ToolCatalog, at wall: Double
    ) -> Imported? {
        guard json.objectValue != nil, let oldID = (json["task_id"] ?? json["id"])?.stringValue else { return nil }
        let goal = text(json["goal"] ?? json["description"], limit: TaskLimits.goalBytes) ?? "(no goal)"
        let createdAt = json["created_at"]?.doubleValue ?? wall
        let state = json["status"]?.stringValue ?? ""
        var steps: [TaskStep] = []
        for step in (json["steps"]?.arrayValue ?? []).prefix(TaskLimits.steps) {
            if let step = self.step(step, number: steps.count + 1, catalog: catalog) { steps.append(step) }
        }
        var task = AgentTask(
            id: id(for: oldID), goal: goal, principal: principal, source: .given,
            maxSteps: min(max(json["max_steps"]?.integerValue ?? 50, 1), TaskLimits.steps),
            maxRetries: min(max(json["max_retries"]?.integerValue ?? 3, 0), TaskLimits.retries),
            createdAt: createdAt.isFinite && createdAt >= 0 ? createdAt : wall, stepCount: steps.count,
            size: steps.reduce(0) { $0 + $1.draftSize })
        // When it came here, so that nothing old is forgotten at once.
        task.updatedAt = wall
        task.current = (steps.firstIndex { $0.facts.state != .done } ?? steps.count) + 1
        switch state {
        case "completed", "done", "success", "succeeded": task.status = .completed
        case "failed", "error": task.status = .failed
        case "cancelled", "canceled", "aborted": task.status = .cancelled
        default:
            task.status = .paused
            task.note =
                "it comes from the older system, where it was \(JSONWriter.quoted(text(.string(state), limit: 40) ?? ""))"
        }
        return Imported(task: task, steps: steps)
    }

    private static func step(_ json: JSONValue, number: Int, catalog: ToolCatalog) -> TaskStep? {
        guard let name = text(json["tool_name"] ?? json["tool"], limit: 256) else { return nil }
        var facts = StepFacts(
            number: number, toolName: catalog.entry(named: name)?.name ?? name,
            description: text(json["description"], limit: 1_024))
        let result = json["result"].flatMap { $0 == .null ? nil : $0 }
        switch json["status"]?.stringValue {
        case "completed", "done", "ok", "success", "succeeded":
            facts.state = .done
            facts.attempts = 1
            facts.endedAt = (json["completed_at"] ?? json["ts"])?.doubleValue ?? 0
        case "failed", "error":
            facts.state = .failed
            facts.attempts = 1
            facts.endedAt = (json["completed_at"] ?? json["ts"])?.doubleValue ?? 0
            let message = text(json["error"], limit: 400) ?? "it failed in the older system"
            facts.failure = TaskDesk.failure("older_system", message, after: nil)
            facts.summary = message
        default: break
        }
        return TaskStep(
            facts, arguments: json["args"]?.objectValue ?? [:],
            result: result.map { (["result": $0] as JSONValue).bounded(to: TaskStep.resultBytes) })
    }

    private static func text(_ json: JSONValue?, limit: Int) -> String? {
        guard let text = json?.stringValue, !text.isEmpty else { return nil }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self).replacing("\u{0}", with: "")
    }

    /// The old id where it has the form of one; otherwise one that is always the same for it.
    private static func id(for old: String) -> String {
        if Identifier.isWellFormed(old) { return old }
        return "task_" + Hex.encode(SHA256.hash(data: Array(old.utf8)).prefix(16))
    }
}
