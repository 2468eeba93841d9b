internal import ToolKit

/// One thing that `execlayer smoke` proves.
struct SmokeCheck: Sendable, Hashable {
    enum Outcome: Sendable, Hashable {
        case passed
        case failed(String)
        case skipped(String)
    }

    let name: String
    let outcome: Outcome

    var hasFailed: Bool { if case .failed = outcome { true } else { false } }

    /// - Parameter isInteractive: Whether a person reads it; scripts get words instead of signs.
    func line(isInteractive: Bool) -> String {
        let text =
            switch outcome {
            case .passed: (isInteractive ? "✓ " : "ok      ") + name
            case .failed(let reason): (isInteractive ? "✗ " : "FAILED  ") + "\(name): \(reason)"
            case .skipped(let reason): (isInteractive ? "- " : "skipped ") + "\(name): \(reason)"
            }
        return TerminalText.safe(text) + "\n"
    }

    var json: JSONValue {
        switch outcome {
        case .passed: ["name": .string(name), "outcome": "ok"]
        case .failed(let reason): ["name": .string(name), "outcome": "failed", "detail": .string(reason)]
        case .skipped(let reason): ["name": .string(name), "outcome": "skipped", "detail": .string(reason)]
        }
    }
}

/// A check ends early: something is not as it must be, or cannot be looked at here.
enum SmokeEnd: Error {
    case failed(String)
    case skipped(String)
}

/// Runs checks one after the other and keeps what they found.
struct SmokeProtocol {
    private(set) var checks: [SmokeCheck] = []
    let report: @Sendable (SmokeCheck) -> Void

    init(report: @escaping @Sendable (SmokeCheck) -> Void) { self.report = report }

    mutating func check(_ name: String, _ body: () async throws -> Void) async {
        let outcome: SmokeCheck.Outcome
        do {
            try await body()
            outcome = .passed
        } catch SmokeEnd.failed(let reason) {
            outcome = .failed(reason)
        } catch SmokeEnd.skipped(let reason) {
            outcome = .skipped(reason)
        } catch {
            let failure = CommandFailure(error)
            outcome = .failed(failure.remedy.map { "\(failure.message) (\($0))" } ?? failure.message)
        }
        add(SmokeCheck(name: name, outcome: outcome))
    }

    mutating func add(_ check: SmokeCheck) {
        checks.append(check)
        report(check)
    }
}
