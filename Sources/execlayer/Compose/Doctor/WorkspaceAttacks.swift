#if os(Linux)
    internal import Foundation
    internal import Machine
    internal import Sandbox
    internal import ToolKit

    /// A program around the operator's own workspace, as git_status would be run there: it only looks.
    struct WorkspaceAttacks {
        let ground: AttackGround
        let location: HomeLocation
        /// Supervisors around the operator's workspace.
        let commands: CommandGround

        func findings() async -> [DoctorFinding] {
            [
                await .attempt("files of the host", hostFiles),
                await .attempt("workspace read-only", readOnly),
            ]
        }

        /// R26, R65: what exists on this machine and is nobody's business inside.
        private func hostFiles() async throws -> DoctorFinding {
            let user = NSHomeDirectory()
            let home = URL(fileURLWithPath: location.home).resolvingSymlinksInPath().path
            let candidates =
                ["/etc/shadow", "/etc/passwd", "/etc/ssh", "/root", "/var/log", "/sys/kernel", "/run/systemd"]
                + ["/.ssh", "/.bash_history", "/.gnupg", "/.aws", "/.netrc", "/.gitconfig", "/.config"].map {
                    user + $0
                }
                + ["/config", "/logs", "/data", "/data/keys"].map { home + $0 }
            let secrets = candidates.filter { path in
                FileManager.default.fileExists(atPath: path) && path != workspace && !path.hasPrefix(workspace + "/")
                    || path.hasPrefix(home + "/")
            }
            let control = "/usr/bin"
            let report = try await ground.asCommand(.read, secrets + [control], writes: false, on: commands)
            guard report.hasReached(control) else { throw Undecided("not even \(control) can be read inside") }
            let breaches = report.reached.filter { $0.name != control && !holdsWorkspace($0.name) }.map {
                "\($0.name) can be read inside"
            }
            return .attack(
                "files of the host", breaches: breaches,
                held: "\(secrets.count) places that programs have no business in do not exist for them")
        }

        private var workspace: String { location.workspace }

        /// The folders above the workspace exist inside, with nothing else in them.
        private func holdsWorkspace(_ path: String) -> Bool { workspace.hasPrefix(path + "/") }

        /// For a rule without `writes:`.
        private func readOnly() async throws -> DoctorFinding {
            let name = ".execlayer-doctor-\(UUID().uuidString)"
            let control = "/tmp/" + name
            let target = workspace + "/" + name
            let report = try await ground.asCommand(.create, [target, control], writes: false, on: commands)
            guard report.hasReached(control) else { throw Undecided("not even /tmp can be written inside") }
            let wasMade = FileManager.default.fileExists(atPath: target)
            if wasMade { try? FileManager.default.removeItem(atPath: target) }
            return .attack(
                "workspace read-only", breaches: wasMade ? ["a program without writes: made a file in it"] : [],
                held: "a program whose rule lists no writes: changes nothing in \(workspace)")
        }
    }
#endif
