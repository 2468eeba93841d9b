package import Audit
package import Gate
internal import ToolKit

/// Asks an endpoint that speaks as OpenAI's does for the next step.
///
/// What it answers is text from outside: read strictly, bounded, and only ever a proposal. After three answers in a row
/// that are none it gives up, and the task waits for a person.
package struct ModelPlanner: TaskPlanner {
    private let transport: any PlannerTransport
    private let settings: @Sendable () -> PlannerSettings
    private let key: PlannerKey?
    private let redactor: Redactor

    static let attempts = 3
    /// Of one answer, in bytes.
    static let answerBytes = 262_144

    /// - Parameter key: As it was at the start.
    package init(
        transport: any PlannerTransport, settings: @escaping @Sendable () -> PlannerSettings, key: PlannerKey?,
        redactor: Redactor
    ) {
        self.transport = transport
        self.settings = settings
        self.key = key
        self.redactor = redactor
    }

    package func next(
        for task: AgentTask, after progress: [StepFacts], tools: [CatalogEntry],
        check: @Sendable (StepDraft) -> String?
    ) async throws -> Proposal {
        guard let endpoint = settings().endpoint else {
            return .none("no planner is configured any more; append steps, or cancel it")
        }
        if let variable = endpoint.keyVariable, key?.variable != variable {
            return .none("the daemon was started without the variable \(variable); set it and start the daemon anew")
        }
        let prompt = PlannerPrompt(redactor: redactor)
        var complaint: String?
        for _ in 0..<Self.attempts {
            do {
                let body = prompt.request(
                    model: endpoint.model, task: task, progress: progress, tools: tools, complaint: complaint)
                let (status, bytes) = try await transport.post(
                    body, to: endpoint.baseURL + "/chat/completions",
                    key: endpoint.keyVariable == nil ? nil : key?.value, limit: Self.answerBytes,
                    within: .seconds(endpoint.timeoutSeconds))
                guard status == 200 else { throw PlannerTransportFailure("answers with HTTP \(status)") }
                switch try PlannerAnswer.read(bytes) {
                case .done(let words): return .done(words)
                case .step(let draft):
                    guard let problem = check(draft) else { return .step(draft) }
                    complaint = "the step cannot be taken: \(problem)"
                }
            } catch let failure as PlannerTransportFailure {
                complaint = "the planner's endpoint \(failure.clause)"
            } catch let bad as BadPlannerAnswer {
                complaint = bad.sentence
            }
        }
        return .none(
            "the planner gave \(Self.attempts) answers in a row that are no step; the last time "
                + redactor.text(complaint ?? "", limit: 300))
    }
}
