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
        // Several threads, because attacks wait for each other's programs.
        await BlockingPool(width: 4, name: "doctor").run {
            let root = try? WorkspaceChoice.open(location.workspace, isForced: true)
            var findings = [workspace()] + (await FileLayerAttacks().findings())
            findings += await programs(around: root)
            findings.append(await AuditAttack().finding())
            // Last: from then on this process is closed to its own children's eyes as well.
            return findings + homeFindings() + [memory()]
        }
    }

    /// What policy says of hostile commands, and what hostile programs can do.
    private func programs(around root: WorkspaceRoot?) async -> [DoctorFinding] {
        // A file that does not load has a line of its own; the sandbox is the same without it.
        guard let policy = (try? rules()) ?? (try? Policy(yaml: Array(DefaultPolicy.yaml.utf8))) else { return [] }
        var findings = await PolicyAttacks(policy: policy).findings()
        #if os(Linux)
            findings += await SandboxExamination(location: location, policy: policy, workspace: root).findings()
        #else
            findings.append(
                DoctorFinding(
                    "sandbox", .missing, "command tools are unavailable: commands are confined on Linux only",
                    fix: "run the daemon on Linux"))
        #endif
        return findings
    }

    private func rules() throws -> Policy {
        var masked: [WorkspacePath] = []
        if let home = try? Home(existing: location.home) { masked = try home.masked(in: location.workspace) }
        return try PolicyFile(
            path: location.home + "/config/" + PolicyFile.name, masked: masked, roots: [location.workspace]
        ).current
    }

    private func workspace() -> DoctorFinding {
        do throws(HomeProblem) {
            let root = try WorkspaceChoice.open(location.workspace, isForced: false)
            return DoctorFinding("workspace", .enforced, "tools are kept inside \(root.path)")
        } catch {
            return DoctorFinding("workspace", .notEnforced, error.message, fix: error.remedy)
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
        return [permissions(of: home), configuration(of: home), policyFile(of: home), space(of: home)]
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
                knownTools: KnownTools(adding: Hands.toolsAtFirstSight))
            guard let warning = file.warnings.first else {
                return DoctorFinding("configuration", .enforced, "loads without a warning")
            }
            return DoctorFinding("configuration", .note, warning)
        } catch {
            return DoctorFinding(
                "configuration", .missing, error.reason, fix: "mend the file; the daemon does not start on it")
        }
    }

    private func policyFile(of home: Home) -> DoctorFinding {
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
