internal import Engine
internal import Audit
internal import CPlatform
internal import Foundation
internal import Gate
internal import Machine
internal import ToolKit
internal import Tools

extension OfflineLayer {
    func doctorFindings() async throws -> [DoctorFinding] {
        await pool.run {
            [workspace(), openBeneath(), memory()] + homeFindings()
        }
    }

    private func workspace() -> DoctorFinding {
        do throws(HomeProblem) {
            let root = try WorkspaceChoice.open(location.workspace, isForced: false)
            return DoctorFinding("workspace", .enforced, "tools are kept inside \(root.path)")
        } catch {
            return DoctorFinding("workspace", .notEnforced, error.message, fix: error.remedy)
        }
    }

    /// Tries it, in a folder of its own: a file inside must open, a link that leads outside must not.
    private func openBeneath() -> DoctorFinding {
        let name = "paths beneath the root"
        let folder = NSTemporaryDirectory() + "execlayer-doctor-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try "inside".write(toFile: folder + "/inside", atomically: false, encoding: .utf8)
            try FileManager.default.createSymbolicLink(atPath: folder + "/outside", withDestinationPath: "/etc/passwd")
            let (inside, outside) = (try WorkspacePath("inside"), try WorkspacePath("outside"))
            let files = BeneathFiles(
                root: try WorkspaceRoot(opening: folder), access: .read(inside, outside), rules: Policy.empty)
            guard try files.read(inside, offset: 0, limit: 6).bytes.count == 6 else {
                return DoctorFinding(name, .missing, "a plain file could not be read")
            }
            guard (try? files.read(outside, offset: 0, limit: 1)) == nil else {
                return DoctorFinding(
                    name, .notEnforced, "a link led out of the workspace", fix: "stop the daemon and report this")
            }
            return DoctorFinding(name, .enforced, "a link that leads out of the workspace does not open")
        } catch {
            return DoctorFinding(
                name, .missing, "files cannot be opened beneath a folder",
                fix: "use Linux 5.6 or newer, and allow openat2 in the container's seccomp profile")
        }
    }

    private func memory() -> DoctorFinding {
        cp_forbid_inspection() == 0
            ? DoctorFinding("memory of the daemon", .enforced, "other programs of this user cannot read it")
            : DoctorFinding("memory of the daemon", .notEnforced, "it can be read by this user's other programs")
    }

    private func homeFindings() -> [DoctorFinding] {
        let home: Home
        do throws(HomeProblem) {
            home = try Home(existing: location.home)
        } catch {
            return [DoctorFinding("home", .note, error.message + "; the first start makes it")]
        }
        return [permissions(of: home), configuration(of: home), policy(of: home), space(of: home)]
            + audit(of: home)
    }

    private func permissions(of home: Home) -> DoctorFinding {
        for folder in [home.configuration, home.logs, home.data] {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder)
            guard let mode = attributes?[.posixPermissions] as? NSNumber else {
                return DoctorFinding("home permissions", .missing, "\(folder) is missing", fix: "start the daemon once")
            }
            guard mode.intValue & 0o077 == 0 else {
                return DoctorFinding(
                    "home permissions", .notEnforced, "other users may enter \(folder)", fix: "chmod 700 \(folder)")
            }
        }
        return DoctorFinding("home permissions", .enforced, "only this user may enter \(home.path)")
    }

    private func configuration(of home: Home) -> DoctorFinding {
        do throws(FileProblem) {
            let file = try ConfigurationFile(
                path: home.configuration + "/" + ConfigurationFile.name,
                knownTools: KnownTools(adding: builtInTools(commands: Hands.availabilityAtFirstSight)))
            guard let warning = file.warnings.first else {
                return DoctorFinding("configuration", .enforced, "loads without a warning")
            }
            return DoctorFinding("configuration", .note, warning)
        } catch {
            return DoctorFinding(
                "configuration", .missing, error.reason, fix: "mend the file; the daemon does not start on it")
        }
    }

    private func policy(of home: Home) -> DoctorFinding {
        do throws(FileProblem) {
            let policy = try PolicyFile(path: home.configuration + "/" + PolicyFile.name).current
            return DoctorFinding("policy", .enforced, "\(policy.rules.count) rules, their examples hold")
        } catch {
            return DoctorFinding(
                "policy", .missing, error.reason, fix: "mend the file; the daemon does not start on it")
        }
    }

    private func space(of home: Home) -> DoctorFinding {
        guard let free = try? DiskLogStorage(folder: home.logs).freeBytes() else {
            return DoctorFinding("disk space", .missing, "cannot be told")
        }
        let megabytes = free / 1_048_576
        return megabytes >= 256
            ? DoctorFinding("disk space", .enforced, "\(megabytes) MB free for the audit")
            : DoctorFinding(
                "disk space", .missing, "\(megabytes) MB free for the audit",
                fix: "free some: without space to record, every call is refused")
    }

    private func audit(of home: Home) -> [DoctorFinding] {
        guard let storage = try? DiskLogStorage(folder: home.logs) else {
            return [DoctorFinding("audit", .missing, "its folder cannot be opened", fix: "let this user enter it")]
        }
        let witnesses = Witnesses(of: home)
        let result = AuditVerifier(
            storage, key: witnesses.key, index: witnesses.index, memory: witnesses.memory
        ).verify()
        guard let problem = result.problem else {
            return [DoctorFinding("audit", .enforced, "\(result.lines) lines, all of them as they were written")]
        }
        return [
            DoctorFinding(
                "audit", .notEnforced, problem.message, fix: "execlayer audit verify names the line; restore a backup")
        ]
    }
}
