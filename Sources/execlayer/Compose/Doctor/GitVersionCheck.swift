#if os(Linux)
    internal import Gate
    internal import Sandbox
    internal import ToolKit

    /// Whether git knows what we rely on: `safe.bareRepository` came with 2.38 (SECURITY R22).
    struct GitVersionCheck {
        let ground: AttackGround
        let policy: Policy

        private static let required = (2, 38)

        func finding() async -> DoctorFinding { await .attempt("git", check) }

        private func check() async throws -> DoctorFinding {
            let status = Command(try CommandWords(list: ["git", "status"]), view: .readOnly)
            let program = policy.explain(status).command.pinned?.executable ?? "/usr/bin/git"
            let end = try await ground.pool.run(
                ConfinedCall(program, ["--version"], folder: ground.workspace), in: ground.profile)
            if end.ending == .notStarted(.noSuchProgram) {
                return DoctorFinding(
                    "git", .note, "it is not installed, so the git tools have nothing to run",
                    fix: "apt-get install git, dnf install git or pacman -S git")
            }
            guard end.isSuccess else { throw Undecided(AttackGround.reason(end)) }
            return Self.judge(end.stdout.text)
        }

        static func judge(_ text: String) -> DoctorFinding {
            // `git version 2.39.5 (Apple Git-154)`
            let words = text.split(whereSeparator: \.isWhitespace)
            let numbers = words.count > 2 ? words[2].split(separator: ".").prefix(2).compactMap { Int($0) } : []
            guard numbers.count == 2 else {
                return DoctorFinding("git", .missing, "its version cannot be told", fix: "install git 2.38 or newer")
            }
            let version = "\(numbers[0]).\(numbers[1])"
            return (numbers[0], numbers[1]) >= required
                ? DoctorFinding("git", .enforced, "version \(version), and 2.38 is needed")
                : DoctorFinding(
                    "git", .notEnforced, "version \(version) would use bare repositories that lie in a workspace",
                    fix: "install git 2.38 or newer")
        }
    }
#endif
