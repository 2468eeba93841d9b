internal import Audit
internal import Crypto
internal import Gate
internal import Logging
internal import ToolKit

extension TaskDesk {
    /// A run was taken further by others.
    func observe(_ run: Run) async {
        guard run.step != nil else { return }
        do {
            try await absorb(run)
        } catch {
            logger.error(
                "the end of a step could not be kept, the task looks for it again",
                metadata: ["run.id": "\(run.id)", "error": "\(error)"])
        }
    }

    /// Takes over where the run of a step stands; any number may do so at once, and again. To its end, also when whoever
    /// waits for it is cancelled.
    func absorb(_ run: Run) async throws { try await Task { try await self.takeOver(run) }.value }

    private func takeOver(_ run: Run) async throws {
        guard let place = run.step else { return }
        var verdict: Verdict?
        while true {
            guard let task = try await store.task(place.taskID),
                let step = try await store.step(place.step, ofTask: place.taskID), step.facts.runID == run.id,
                step.facts.state == .running || step.facts.state == .waiting
            else { return }
            if verdict == nil { verdict = try await judge(run, step, of: task) }
            guard let verdict else { return }
            var after = (task: task, step: step)
            apply(verdict, of: run, to: &after.task, &after.step)
            guard after.task != task || after.step != step else { return }
            after.task.updatedAt = time.wall
            guard try await keep(after.task, after.step) else { continue }
            if after.task.isDue(at: time.wall) { alarm.ring() }
            return
        }
    }

    /// What a run means for its step.
    private enum Verdict {
        case underWay(RunState)
        case done([StepFacts.File])
        /// It ran, or its call was refused in a way that may be another the next time.
        case failed(code: String, message: String, [StepFacts.File])
        /// Trying again changes nothing.
        case final(code: String, message: String)
        /// It did not run, for reasons that pass; seconds until the next try.
        case later(Double)
        /// It ran, and what was expected of it cannot be looked at now.
        case unverified
        /// It ran, and a person has to look before it may run again; why, as a sentence.
        case undecidable(String, [StepFacts.File])
    }

    private func judge(_ run: Run, _ step: TaskStep, of task: AgentTask) async throws -> Verdict {
        var result = run.result ?? .null
        // A run that people denied has no result of its own; what they said is in the inbox.
        if run.state == .refused, run.result == nil {
            result = try await gate.inbox.item(ofRun: run.id)?.runJSON["result"] ?? .null
        }
        let code = result["code"]?.stringValue ?? run.state.rawValue
        let message = result["error"]?.stringValue ?? "the call failed"
        switch run.state {
        case .waiting, .queued, .leased, .running, .indeterminate: return .underWay(run.state)
        case .done: return try await verify(run, step, of: task)
        // It was ended in the middle, by a lockdown or a stop: as little as after a crash is it repeated unasked.
        case .failed where code == CallStatus.cancelled.rawValue && !run.isIdempotent:
            return .undecidable("was interrupted in the middle", await files(of: run))
        case .failed: return .failed(code: code, message: message, await files(of: run))
        case .refused:
            guard Self.passing.contains(code) else { return .final(code: code, message: message) }
            return .later(max(1, result["retry_after_ms"]?.doubleValue.map { $0 / 1_000 } ?? Self.patience))
        case .cancelled:
            guard !step.facts.isUnknown, code != "abandoned" else {
                return .final(code: "abandoned", message: "somebody gave up a step of which nobody knows what it did")
            }
            return .failed(code: code, message: message, await files(of: run))
        }
    }

    /// Codes of refusals that say nothing about the call.
    private static let passing: Set<String> = [
        "rate_limited", "lockdown", "locked", StoreUnavailable.code, "audit_unavailable", "inbox_full", "cancelled",
    ]

    /// Whether a call that succeeded did what was expected.
    private func verify(_ run: Run, _ step: TaskStep, of task: AgentTask) async throws -> Verdict {
        let files = await files(of: run)
        // Of what was only planned there is nothing to expect, and of what a person saw happen nothing more to know.
        guard let json = step.expect, run.result?["dry_run"]?.boolValue != true, run.result?["resolution"] == nil else {
            return .done(files)
        }
        guard let expectation = try? Expectation(json, field: "expect", roots: gate.workspaceRoots) else {
            return .final(code: "invalid_expect", message: "what was expected of the step cannot be read")
        }
        if expectation.needsResult, run.result?["recovered"]?.boolValue == true {
            guard run.isIdempotent else {
                return .undecidable("succeeded, but its result was lost with the daemon", files)
            }
            return .failed(code: Self.unmet, message: "its result was lost with the daemon", files)
        }
        if let complaint = expectation.complaint(about: run.result?["result"] ?? .null) {
            return .failed(code: Self.unmet, message: complaint, files)
        }
        for file in expectation.files {
            switch await look(at: file, for: task) {
            case .asExpected: continue
            case .otherwise(let complaint): return .failed(code: Self.unmet, message: complaint, files)
            // Its call may not be repeated for what is wrong with the look.
            case .hidden(let complaint): return .undecidable("succeeded, but \(complaint)", files)
            case .notNow: return .unverified
            }
        }
        return .done(files)
    }

    private static let unmet = "expectation_failed"
    private static let unclear = "outcome_unclear"

    private enum Look {
        case asExpected
        case otherwise(String)
        /// Nobody may look at it, or nobody can.
        case hidden(String)
        case notNow
    }

    /// Through the gate, as a call of whoever made the task: nobody learns more of a file than they may read.
    private func look(at file: Expectation.File, for task: AgentTask) async -> Look {
        guard let principal = authenticator.principal(named: task.principal) else {
            return .hidden("\(file.path) cannot be looked at: the token that made this task has ended")
        }
        var arguments: [String: JSONValue] = ["path": .string(file.path)]
        // As much as no character is longer than.
        if file.contains == nil { arguments["limit"] = 4 }
        let call = ToolCall(
            toolName: "filesystem_read", arguments: arguments, dryRun: false, agentID: task.agentID, reason: task.goal)
        let answer = await engine.answer(call, from: principal, through: "task")
        let isThere = answer.isSuccess || answer.code == "binary_file"
        if let code = answer.code, Self.passing.contains(code) { return .notNow }
        guard isThere || answer.code == "not_found" else {
            return .hidden("\(file.path) cannot be looked at: \(answer.error ?? "the call failed")")
        }
        guard isThere == file.exists else {
            return .otherwise(isThere ? "\(file.path) exists" : "\(file.path) does not exist")
        }
        guard let part = file.contains else { return .asExpected }
        guard answer.isSuccess else { return .otherwise("\(file.path) is not a text") }
        return Expectation.holds(answer.result["content"]?.stringValue ?? "", part)
            ? .asExpected : .otherwise("\(file.path) does not contain what is expected")
    }

    /// What its call kept. That a list cannot be had is no reason to lose the end of a step.
    private func files(of run: Run) async -> [StepFacts.File] {
        guard let auditID = run.auditID,
            let page = try? await engine.artifacts.page(ArtifactQuery(auditID: auditID, limit: Self.filesPerStep))
        else { return [] }
        return page.records.reversed().map { StepFacts.File(name: $0.artifact.name, artifactID: $0.artifact.id) }
    }

    private static let filesPerStep = 64

    private func apply(_ verdict: Verdict, of run: Run, to task: inout AgentTask, _ step: inout TaskStep) {
        let now = time.wall
        if case .underWay(let state) = verdict { return follow(state, &task, &step, at: now) }
        if run.state.isFinal {
            step.facts.auditID = run.auditID ?? step.facts.auditID
            step.result = run.result.map { $0.bounded(to: TaskStep.resultBytes) }
        }
        // Undone below where it goes on being unknown how it ended.
        let wasWaiting = task.status == .waiting
        if wasWaiting {
            task.status = .running
            task.note = nil
        }
        switch verdict {
        case .underWay: return
        case .done(let files):
            end(&step, .done, files, run.result?["result"].map { Expectation.text(of: $0) }, at: now)
            step.facts.failure = nil
            task.wakeAt = now
            guard !task.status.isFinished else { return }
            task.current = step.number + 1
            if task.status != .paused { task.status = task.isOver ? .completed : .running }
        case .failed(let code, let message, let files):
            end(&step, .failed, files, message, at: now)
            step.facts.failure = Self.failure(code, step.facts.summary ?? message, after: step.facts.failure)
            guard !task.status.isFinished else {
                if task.status == .cancelled, run.state == .cancelled { step.facts.state = .cancelled }
                return
            }
            tryAgain(&task, &step, at: now)
        case .final(let code, let message):
            end(&step, .failed, [], message, at: now)
            step.facts.failure = Self.failure(code, step.facts.summary ?? message, after: step.facts.failure)
            guard !task.status.isFinished else {
                if task.status == .cancelled { step.facts.state = .cancelled }
                return
            }
            task.status = .failed
            task.note = "step \(step.number) (\(step.facts.toolName)): \(step.facts.summary ?? message)"
        case .later(let seconds):
            guard !task.status.isFinished else { return step.facts.state = .cancelled }
            step.facts.state = .pending
            step.facts.attempts = max(0, step.facts.attempts - 1)
            step.facts.notBefore = now + seconds
            task.wakeAt = now + seconds
        case .unverified:
            step.facts.state = .running
            task.wakeAt = now + Self.patience
        case .undecidable(let why, let files):
            end(&step, .failed, files, why, at: now)
            step.facts.failure = Self.failure(Self.unclear, step.facts.summary ?? why, after: nil)
            guard !task.status.isFinished else { return }
            task.status = .paused
            task.note = "step \(step.number) (\(step.facts.toolName)) \(why); look at what it did before you retry it"
        }
    }

    private func follow(_ state: RunState, _ task: inout AgentTask, _ step: inout TaskStep, at now: Double) {
        let waits = state == .waiting || state == .indeterminate
        step.facts.state = waits ? .waiting : .running
        step.facts.isUnknown = state == .indeterminate
        guard task.status == .running || task.status == .pending || task.status == .waiting else { return }
        if waits {
            task.status = .waiting
            task.note =
                state == .indeterminate
                ? "nobody knows what step \(step.number) (\(step.facts.toolName)) did; say in the inbox what happened"
                : nil
        } else if task.status == .waiting {
            task.status = .running
            task.note = nil
            task.wakeAt = now + Self.patience
        }
    }

    private func end(
        _ step: inout TaskStep, _ state: StepFacts.State, _ files: [StepFacts.File], _ words: String?, at now: Double
    ) {
        step.facts.state = state
        step.facts.isUnknown = false
        step.facts.endedAt = now
        step.facts.notBefore = nil
        step.facts.files = files
        step.facts.summary = words.map { engine.recorder.redactor.text($0, limit: Self.summaryBytes) }
    }

    private static let summaryBytes = 400

    private func tryAgain(_ task: inout AgentTask, _ step: inout TaskStep, at now: Double) {
        let retries = min(step.facts.maxRetries ?? task.maxRetries, settings.maxRetriesPerTool)
        let message = step.facts.failure?.message ?? "it failed"
        let name = "step \(step.number) (\(step.facts.toolName))"
        if let failure = step.facts.failure, failure.count >= Self.sameFailures {
            // It stays failed, and whoever resumes it tries it again.
            task.status = .paused
            task.note = "\(name) failed \(failure.count) times in a row in the same way: \(message)"
        } else if step.facts.attempts > retries {
            task.status = .failed
            task.note = "\(name) failed: \(message)"
        } else {
            let wait = Self.backoff(after: step.facts.attempts, dice())
            step.facts.state = .pending
            step.facts.notBefore = now + wait
            task.wakeAt = now + wait
        }
    }

    /// The same failure so often in a row is a person's to look at, even when retries are left.
    private static let sameFailures = 3

    /// In seconds: 1, 2, 4, … up to five minutes, and of that between a half and the whole.
    static func backoff(after attempts: Int, _ dice: Double) -> Double {
        let longest = min(300, Double(1 << min(max(0, attempts - 1), 16)))
        return longest * (0.5 + 0.5 * min(max(dice, 0), 1))
    }

    /// A failure and how often it came in a row: with other numbers in its message it is still the same.
    static func failure(_ code: String, _ message: String, after last: StepFacts.Failure?) -> StepFacts.Failure {
        var plain = ""
        for character in message where !(character.isNumber && plain.last == "#") {
            plain.append(character.isNumber ? "#" : character)
        }
        let fingerprint = Hex.encode(SHA256.hash(data: Array("\(code)\n\(plain)".utf8)))
        let count = last.map { $0.fingerprint == fingerprint ? $0.count + 1 : 1 } ?? 1
        return StepFacts.Failure(code: code, message: message, fingerprint: fingerprint, count: count)
    }
}

extension JSONValue {
    /// A `Result` as it is kept: whole, or without what makes it too large.
    func bounded(to limit: Int) -> JSONValue {
        let size = JSONWriter.write(self).count
        guard size > limit, var members = objectValue else { return self }
        let text = Expectation.text(of: members["result"] ?? .null)
        // Escaped, a byte may take six.
        members["result"] = [
            "truncated": true, "size": .integer(size),
            "beginning": .string(String(decoding: text.utf8.prefix(limit / 8), as: UTF8.self)),
        ]
        let bounded = JSONValue.object(members)
        guard JSONWriter.write(bounded).count > limit else { return bounded }
        return ["success": members["success"] ?? .null, "result": ["truncated": true, "size": .integer(size)]]
    }
}
