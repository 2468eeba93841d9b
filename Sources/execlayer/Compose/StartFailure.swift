internal import Audit
internal import Gate

extension HomeProblem {
    /// A file below `config/` that a person has to mend, for whoever asked about it.
    init(_ problem: FileProblem, in path: String) {
        self.init(
            message: "\(path) cannot be used: \(problem.reason)",
            remedy:
                "mend the file and repeat the command; until then a daemon that runs keeps what it had, and none starts"
        )
    }
}

/// Turns what a part says when it cannot start into a sentence for whoever starts it.
enum StartFailure {
    /// - Parameter part: What is being opened, as a person knows it.
    static func explaining<Value>(_ part: String, _ open: () throws -> Value) throws -> Value {
        do {
            return try open()
        } catch let problem as FileProblem {
            throw HomeProblem(
                message: "\(part): \(problem.reason)",
                remedy: "mend the file below config/ in the home folder; the daemon does not start on a broken one")
        } catch let damage as AuditDamaged {
            throw HomeProblem(message: "\(part): \(damage.message)", remedy: damage.remedy)
        } catch let failure as AuditUnavailable {
            throw HomeProblem(message: "\(part): \(failure.message)", remedy: failure.remedy)
        } catch let problem as HomeProblem {
            throw problem
        } catch {
            throw HomeProblem(
                message: "\(part) cannot be opened: \(error)",
                remedy: "let this user read and write it, free space on its disk, or restore it from a backup")
        }
    }
}
