#if os(Linux)
    internal import Gate
    internal import Machine
    internal import Sandbox
    internal import ToolKit

    /// Everything about programs: whether they can be confined here, and what a hostile one can do.
    struct SandboxExamination {
        let location: HomeLocation
        let policy: Policy
        /// Open when the workspace can be used.
        let workspace: WorkspaceRoot?

        func findings() async -> [DoctorFinding] {
            let host = await SandboxHost.find().examined(workspace: workspace?.path)
            if case .unavailable(let reason, let remedy) = host.confinement {
                return [
                    DoctorFinding(
                        "sandbox", .missing, "command tools are unavailable: \(reason)", fix: remedy)
                ]
            }
            let standing = DoctorFinding(
                "sandbox", .enforced, "both walls stand; programs run as \(Self.user(host, workspace))")
            do {
                let ground = try await AttackGround(host: host, rules: policy)
                let findings = await attacks(on: ground, host: host)
                await ground.close()
                return [standing] + findings
            } catch {
                return [standing, await .attempt("attacks from inside") { throw error }]
            }
        }

        private func attacks(on ground: AttackGround, host: SandboxHost) async -> [DoctorFinding] {
            if case .unavailable(let reason, let remedy) = ground.host.confinement {
                return [
                    DoctorFinding("attacks from inside", .missing, "not tried: \(reason)", fix: remedy)
                ]
            }
            async let limits = LimitAttacks(ground: ground).findings()
            var findings = await FileAttacks(ground: ground).findings()
            findings += await aroundWorkspace(ground, host)
            findings += await NetworkAttacks(ground: ground).findings()
            findings += await ProcessAttacks(ground: ground).findings()
            findings.append(await GitVersionCheck(ground: ground, policy: policy).finding())
            return findings + (await limits)
        }

        private func aroundWorkspace(_ ground: AttackGround, _ host: SandboxHost) async -> [DoctorFinding] {
            guard let workspace else { return [] }
            do {
                var masked: [WorkspacePath] = []
                if let home = try? Home(existing: location.home) { masked = try home.masked(in: workspace.path) }
                let pool = try SupervisorPool(host: host)
                let commands = CommandGround(root: workspace, masked: masked, pool: pool)
                let findings = await WorkspaceAttacks(
                    ground: ground, location: HomeLocation(home: location.home, workspace: workspace.path),
                    commands: commands
                ).findings()
                await commands.close()
                return findings
            } catch {
                return [await .attempt("files of the host") { throw error }]
            }
        }

        private static func user(_ host: SandboxHost, _ workspace: WorkspaceRoot?) -> String {
            switch host.runAs(workspace: workspace?.path) {
            case .daemon where host.isRoot:
                "root without capabilities, because this file system cannot show root's files to another user"
            case .daemon: "user \(host.user), the daemon's own"
            case .other(let user, _, _): "user \(user)"
            }
        }
    }
#endif
