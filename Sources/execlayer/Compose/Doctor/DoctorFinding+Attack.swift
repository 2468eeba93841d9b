internal import ToolKit

/// Why an attack says nothing about this host: what should have worked to prove it did not.
struct Undecided: Error, Hashable {
    let why: String

    init(_ why: String) { self.why = why }
}

extension DoctorFinding {
    static let reportIt = "switch the command tools off with execlayer tools disable until it holds, and report it"

    /// The outcome of attempts of which none may succeed.
    ///
    /// - Parameters:
    ///   - breaches: Those that did.
    ///   - held: What is true when none did.
    static func attack(
        _ subject: String, breaches: [String], held: String, fix: String = DoctorFinding.reportIt
    ) -> DoctorFinding {
        guard let first = breaches.first else { return DoctorFinding(subject, .enforced, held) }
        let more = breaches.count > 1 ? " and \(breaches.count - 1) more" : ""
        return DoctorFinding(subject, .notEnforced, first + more, fix: fix)
    }

    /// An attack that could not be carried out is never taken for one that failed.
    static func attempt(_ subject: String, _ attack: () async throws -> DoctorFinding) async -> DoctorFinding {
        do {
            return try await attack()
        } catch let undecided as Undecided {
            return DoctorFinding(
                subject, .missing, "not decided: \(undecided.why)", fix: "run doctor again; if it stays, report it")
        } catch let failure as ToolFailure {
            return DoctorFinding(subject, .missing, "not decided: \(failure.message)", fix: failure.remedy)
        } catch {
            return DoctorFinding(
                subject, .missing, "not decided: \(type(of: error))", fix: "run doctor again; if it stays, report it")
        }
    }
}
