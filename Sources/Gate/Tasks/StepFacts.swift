package import ToolKit

/// What is known of a step beside its arguments and its result: small, so that lists can show it.
package struct StepFacts: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// Nothing runs; it may have been tried before.
        case pending
        case running
        /// A person has to decide about its run, or to say what became of it.
        case waiting = "waiting_approval"
        case done
        case failed
        case cancelled
    }

    /// From 1.
    package let number: Int
    /// Canonical, where the tool was known when the step was drafted.
    package let toolName: String
    package let description: String?
    /// `nil`: the task's.
    package let maxRetries: Int?
    package var state = State.pending
    /// How often it was tried, without those tries that nobody counts: a full rate bucket, a lockdown, a disk.
    package var attempts = 0
    /// The run of the latest attempt.
    package var runID: String?
    package var auditID: String?
    /// Whether nobody knows what the run did.
    package var isUnknown = false
    /// Unix seconds; the next attempt does not begin before.
    package var notBefore: Double?
    package var failure: Failure?
    /// Of the latest attempt: what came of it, in a line.
    package var summary: String?
    package var files: [File] = []
    /// Unix seconds.
    package var startedAt: Double?
    package var endedAt: Double?

    package init(number: Int, toolName: String, description: String? = nil, maxRetries: Int? = nil) {
        self.number = number
        self.toolName = toolName
        self.description = description
        self.maxRetries = maxRetries
    }
}

extension StepFacts {
    /// The latest failure, and how often it came in a row.
    package struct Failure: Sendable, Hashable {
        package var code: String
        /// At most 1 KiB.
        package var message: String
        /// Of code and message: failures with the same one are the same failure.
        package var fingerprint: String
        package var count: Int

        package init(code: String, message: String, fingerprint: String, count: Int) {
            self.code = code
            self.message = message
            self.fingerprint = fingerprint
            self.count = count
        }
    }

    /// A file that its call kept.
    package struct File: Sendable, Hashable {
        /// As the call named it.
        package let name: String
        package let artifactID: String

        package init(name: String, artifactID: String) {
            self.name = name
            self.artifactID = artifactID
        }
    }
}

/// One document a step, with names of their own: a later version may add members.
extension StepFacts {
    package var stored: JSONValue {
        var members: [String: JSONValue] = [
            "tool_name": .string(toolName), "state": .string(state.rawValue), "attempts": .integer(attempts),
        ]
        members["description"] = description.map(JSONValue.string)
        members["max_retries"] = maxRetries.map(JSONValue.integer)
        members["run_id"] = runID.map(JSONValue.string)
        members["audit_id"] = auditID.map(JSONValue.string)
        members["is_unknown"] = isUnknown ? true : nil
        members["not_before"] = notBefore.map(JSONValue.number)
        members["failure"] = failure.map { failure in
            [
                "code": .string(failure.code), "message": .string(failure.message),
                "fingerprint": .string(failure.fingerprint), "count": .integer(failure.count),
            ]
        }
        members["summary"] = summary.map(JSONValue.string)
        if !files.isEmpty {
            members["files"] = .array(
                files.map { ["name": .string($0.name), "artifact_id": .string($0.artifactID)] })
        }
        members["started_at"] = startedAt.map(JSONValue.number)
        members["ended_at"] = endedAt.map(JSONValue.number)
        return .object(members)
    }

    /// - Returns: `nil` for a document that holds no facts of a step.
    package init?(number: Int, stored: JSONValue) {
        guard let toolName = stored["tool_name"]?.stringValue,
            let state = stored["state"]?.stringValue.flatMap(State.init(rawValue:)),
            let attempts = stored["attempts"]?.integerValue
        else { return nil }
        self.init(
            number: number, toolName: toolName, description: stored["description"]?.stringValue,
            maxRetries: stored["max_retries"]?.integerValue)
        self.state = state
        self.attempts = attempts
        runID = stored["run_id"]?.stringValue
        auditID = stored["audit_id"]?.stringValue
        isUnknown = stored["is_unknown"]?.boolValue ?? false
        notBefore = stored["not_before"]?.doubleValue
        if let failure = stored["failure"], let code = failure["code"]?.stringValue,
            let message = failure["message"]?.stringValue, let fingerprint = failure["fingerprint"]?.stringValue,
            let count = failure["count"]?.integerValue
        {
            self.failure = Failure(code: code, message: message, fingerprint: fingerprint, count: count)
        }
        summary = stored["summary"]?.stringValue
        files = (stored["files"]?.arrayValue ?? []).compactMap { file in
            guard let name = file["name"]?.stringValue, let id = file["artifact_id"]?.stringValue else { return nil }
            return File(name: name, artifactID: id)
        }
        startedAt = stored["started_at"]?.doubleValue
        endedAt = stored["ended_at"]?.doubleValue
    }
}
