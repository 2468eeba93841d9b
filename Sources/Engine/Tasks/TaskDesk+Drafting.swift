internal import Gate
internal import ToolKit

extension TaskDesk {
    struct Drafted: Sendable {
        var steps: [TaskStep]
        var source: AgentTask.Source
        var note: String?

        var size: Int { steps.reduce(0) { $0 + $1.draftSize } }
    }

    /// Checks a draft, and plans what it leaves to the planner.
    ///
    /// - Throws: ``ArgumentProblems``.
    func drafted(_ draft: TaskDraft) throws(ArgumentProblems) -> Drafted {
        var problems: [ArgumentProblem] = []
        func require(_ isRight: Bool, _ field: String, _ reason: String) {
            if !isRight { problems.append(ArgumentProblem(field: field, reason: reason)) }
        }
        require(!draft.goal.isEmpty, "goal", "must not be empty")
        require(
            draft.goal.utf8.count <= TaskLimits.goalBytes, "goal", "must have at most \(TaskLimits.goalBytes) bytes")
        require(!draft.goal.utf8.contains(0), "goal", "holds a NUL character")
        require(1...TaskLimits.steps ~= draft.maxSteps, "max_steps", "must be from 1 to \(TaskLimits.steps)")
        require(0...TaskLimits.retries ~= draft.maxRetries, "max_retries", "must be from 0 to \(TaskLimits.retries)")
        guard let given = draft.steps else {
            guard problems.isEmpty else { throw ArgumentProblems(problems) }
            return try planned(draft.goal, maxSteps: min(draft.maxSteps, settings.maxStepsPerRun))
        }
        let limit = min(draft.maxSteps, settings.maxStepsPerRun)
        require(given.count <= max(1, limit), "steps", "are \(given.count), and \(limit) at most may run")
        guard problems.isEmpty else { throw ArgumentProblems(problems) }
        var steps: [TaskStep] = []
        var size = 0
        for (place, step) in given.enumerated() where problems.count < ArgumentProblems.limit {
            do throws(ArgumentProblems) {
                let made = try self.step(step, number: place + 1).get(below: "steps[\(place)]")
                size += made.draftSize
                steps.append(made)
            } catch {
                problems += error.problems
            }
        }
        require(size <= TaskLimits.stepBytes, "steps", "must have at most \(TaskLimits.stepBytes) bytes in all")
        guard problems.isEmpty else { throw ArgumentProblems(problems) }
        return Drafted(steps: steps, source: steps.isEmpty ? .outside : .given)
    }

    private func planned(_ goal: String, maxSteps: Int) throws(ArgumentProblems) -> Drafted {
        if planner != nil, settings.planner.endpoint != nil { return Drafted(steps: [], source: .model) }
        let plan = BuiltInPlanner(catalog: gate.catalog, appURL: settings.planner.appURL).plan(for: goal)
        var note = plan.note
        if plan.steps.count > maxSteps {
            note = [note, "max_steps cuts off \(plan.steps.count - maxSteps) of the planned steps"]
                .compactMap { $0 }.joined(separator: "; ")
        }
        var steps: [TaskStep] = []
        for (place, draft) in plan.steps.prefix(maxSteps).enumerated() {
            steps.append(
                TaskStep(
                    StepFacts(number: place + 1, toolName: draft.toolName, description: draft.description),
                    arguments: draft.arguments))
        }
        return Drafted(steps: steps, source: .builtIn, note: note)
    }

    /// One step, checked as far as it can be now: the gate judges it when its turn comes.
    func step(_ draft: StepDraft, number: Int) -> StepReading {
        var problems: [ArgumentProblem] = []
        let entry = gate.catalog.entry(named: draft.toolName)
        if let entry {
            do throws(ArgumentProblems) {
                _ = try entry.schema.canonical(draft.arguments, roots: gate.workspaceRoots)
            } catch {
                problems += error.below("args").problems
            }
        } else {
            let shown = String(draft.toolName.unicodeScalars.prefix(64))
            let names = gate.catalog.entries.flatMap { [$0.name] + $0.tool.aliases }
            let guess = Spelling.nearest(to: shown, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
            problems.append(
                ArgumentProblem(field: "tool_name", reason: "\(JSONWriter.quoted(shown)) is an unknown tool\(guess)"))
        }
        if let expect = draft.expect {
            do throws(ArgumentProblems) {
                _ = try Expectation(expect, field: "expect", roots: gate.workspaceRoots)
            } catch {
                problems += error.problems
            }
        }
        if let retries = draft.maxRetries, !(0...TaskLimits.retries ~= retries) {
            problems.append(
                ArgumentProblem(field: "max_retries", reason: "must be from 0 to \(TaskLimits.retries)"))
        }
        if let description = draft.description, description.utf8.count > TaskLimits.goalBytes {
            problems.append(
                ArgumentProblem(field: "description", reason: "must have at most \(TaskLimits.goalBytes) bytes"))
        }
        let facts = StepFacts(
            number: number, toolName: entry?.name ?? draft.toolName, description: draft.description,
            maxRetries: draft.maxRetries)
        return StepReading(
            step: TaskStep(facts, arguments: draft.arguments, expect: draft.expect, dryRun: draft.dryRun),
            problems: problems)
    }

    struct StepReading {
        let step: TaskStep
        let problems: [ArgumentProblem]

        /// - Parameter field: In which it was sent; `nil` for the body itself.
        func get(below field: String? = nil) throws(ArgumentProblems) -> TaskStep {
            guard problems.isEmpty else {
                let all = ArgumentProblems(problems)
                throw field.map { all.below($0) } ?? all
            }
            return step
        }
    }
}
