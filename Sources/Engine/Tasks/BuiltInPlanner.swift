internal import Foundation
internal import Gate
internal import ToolKit

/// The planner for a goal without steps: git status; then the tests when the goal speaks of tests or a build, otherwise
/// a scan; then a browser check when it speaks of one and a URL is known.
struct BuiltInPlanner {
    struct Plan: Sendable, Hashable {
        var steps: [StepDraft]
        /// What was left out, for people.
        var note: String?
    }

    let catalog: ToolCatalog
    /// Where the application answers, as the configuration says.
    let appURL: String?

    func plan(for goal: String) -> Plan {
        let words = goal.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
        var plan = Plan(steps: [], note: nil)
        add(StepDraft(toolName: "git_status", arguments: [:], description: "See what has changed"), to: &plan)
        if words.contains(where: { $0.hasPrefix("test") || $0.hasPrefix("build") }) {
            add(
                StepDraft(
                    toolName: "run_tests", arguments: ["runner": .string(Self.runner(for: words))],
                    description: "Run the tests"), to: &plan)
        } else {
            add(StepDraft(toolName: "repo_scan", arguments: [:], description: "Look the repository through"), to: &plan)
        }
        if words.contains(where: { $0 == "e2e" || $0 == "ui" || $0.hasPrefix("browser") }) {
            if let url = Self.url(in: goal) ?? appURL {
                add(
                    StepDraft(
                        toolName: "browser_e2e_runner",
                        arguments: [
                            "base_url": .string(url),
                            "steps": .array([["action": "navigate", "value": .string(url)]]),
                        ], description: "Open it in a browser"), to: &plan)
            } else {
                leaveOut("a browser check: neither the goal nor planner.app_url names a URL", of: &plan)
            }
        }
        return plan
    }

    private func add(_ step: StepDraft, to plan: inout Plan) {
        guard catalog.entry(named: step.toolName) != nil else {
            return leaveOut("a step: there is no tool \(step.toolName) here", of: &plan)
        }
        plan.steps.append(step)
    }

    private func leaveOut(_ what: String, of plan: inout Plan) {
        plan.note = [plan.note, "the plan leaves out \(what)"].compactMap { $0 }.joined(separator: "; ")
    }

    /// The planner looks at no file, so the goal has to say what is unusual.
    private static func runner(for words: [String]) -> String {
        for (name, runner) in [
            ("pnpm", "pnpm test"), ("npm", "npm test"), ("node", "npm test"), ("javascript", "npm test"),
            ("typescript", "npm test"), ("swift", "swift test"), ("cargo", "cargo test"), ("rust", "cargo test"),
            ("golang", "go test"),
        ] where words.contains(name) {
            return runner
        }
        return "pytest"
    }

    static func url(in goal: String) -> String? {
        goal.split(whereSeparator: \.isWhitespace).lazy.compactMap { word -> String? in
            guard let start = word.range(of: "https://") ?? word.range(of: "http://") else { return nil }
            var url = word[start.lowerBound...]
            while let last = url.last, ".,;:!?)]}>\"'".contains(last) { url.removeLast() }
            return url.utf8.count > "https://".utf8.count && url.utf8.count <= 2_048 ? String(url) : nil
        }.first
    }
}
