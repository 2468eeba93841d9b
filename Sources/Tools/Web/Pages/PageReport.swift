internal import ToolKit

/// What a run of steps with assertions came to, for programs and for people.
struct PageReport: Sendable {
    enum Outcome: String, Sendable {
        case passed
        case failed
        case skipped
    }

    struct Step: Sendable {
        var action: String
        var selector: String?
        var outcome: Outcome
        var milliseconds = 0
        var value: JSONValue = .null
        var failure: ToolFailure?
        var picture: String?
    }

    let base: String
    var url = ""
    var title = ""
    var account = VisitAccount()
    private(set) var steps: [Step] = []

    init(base: String) { self.base = base }

    var hasPassed: Bool { steps.allSatisfy { $0.outcome == .passed } }
    var passed: Int { steps.count { $0.outcome == .passed } }
    var screenshots: [String] { steps.compactMap(\.picture) }

    mutating func skip(_ step: PageStep) {
        steps.append(Step(action: step.action, selector: step.selector, outcome: .skipped))
    }

    mutating func add(
        _ step: PageStep, took time: Duration, value: JSONValue = .null, failure: ToolFailure? = nil,
        picture: String? = nil
    ) {
        steps.append(
            Step(
                action: step.action, selector: step.selector, outcome: failure == nil ? .passed : .failed,
                milliseconds: Int(time / .milliseconds(1)), value: value, failure: failure, picture: picture))
    }

    var json: JSONValue {
        var members = account.members
        members["base_url"] = .string(base)
        members["final_url"] = .string(url)
        members["title"] = .string(title)
        members["status"] = .string(hasPassed ? "passed" : "failed")
        members["counts"] = .object(
            [Outcome.passed, .failed, .skipped].reduce(into: [:]) { counts, outcome in
                counts[outcome.rawValue] = .integer(steps.count { $0.outcome == outcome })
            })
        members["steps"] = .array(steps.map(\.json))
        return .object(members)
    }

    /// Whatever comes from a page stands in it as text: no mark-up, no links.
    var markdown: String {
        var lines = [
            "# Browser test: \(hasPassed ? "passed" : "failed")", "", "- Site: `\(Self.code(base))`",
            "- Ended at: `\(Self.code(url))`", "- Steps: \(passed) of \(steps.count) passed", "",
            "| # | Step | Result | ms | |", "|---|---|---|---|---|",
        ]
        for (index, step) in steps.enumerated() {
            let name = step.action + (step.selector.map { " `\(Self.code($0))`" } ?? "")
            var notes = step.failure.map { "`\(Self.code($0.message))`" } ?? ""
            if let picture = step.picture { notes += (notes.isEmpty ? "" : " ") + picture }
            lines.append("| \(index + 1) | \(name) | \(step.outcome.rawValue) | \(step.milliseconds) | \(notes) |")
        }
        if !account.refusals.isEmpty {
            lines += ["", "## Blocked requests", ""]
            lines += account.refusals.map { "- `\(Self.code($0.target))` (\(Self.code($0.kind)))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func code(_ text: String) -> String {
        String(
            text.prefix(400).map { character in
                let isPlain = character.unicodeScalars.allSatisfy { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
                    default: true
                    }
                }
                return isPlain && character != "`" && character != "|" ? character : " "
            })
    }
}

extension PageReport.Step {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "action": .string(action), "status": .string(outcome.rawValue), "duration_ms": .integer(milliseconds),
        ]
        if let selector { members["selector"] = .string(selector) }
        if value != .null { members["result"] = value }
        if let failure {
            members["error"] = .string(failure.message)
            members["code"] = .string(failure.code)
        }
        if let picture { members["screenshot"] = .string(picture) }
        return .object(members)
    }
}

extension PageStep {
    /// The one that a run begins with when it does not say so itself.
    static func opening(_ url: WebURL) -> PageStep { PageStep(action: "navigate", selector: nil, deed: .go(url)) }
}
