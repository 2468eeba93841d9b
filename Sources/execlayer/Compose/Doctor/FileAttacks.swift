#if os(Linux)
    internal import Foundation
    internal import Machine
    internal import Sandbox
    internal import ToolKit

    /// What a confined program could do to files.
    struct FileAttacks {
        let ground: AttackGround

        func findings() async -> [DoctorFinding] {
            [
                await .attempt("kernel switches", kernelSwitches),
                await .attempt("protected paths", protectedPaths),
                await .attempt("home folder inside", maskedHome),
            ]
        }

        /// R25, R27: whoever may write there owns the machine, capabilities or not. Opened inside only, and never written to.
        private func kernelSwitches() async throws -> DoctorFinding {
            let switches = [
                "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
                "/proc/sys/vm/overcommit_memory", "/proc/sysrq-trigger", "/proc/self/oom_score_adj",
                "/proc/self/uid_map", "/proc/1/mem", "/sys/kernel/uevent_helper", "/dev/mem",
            ]
            let control = "/dev/null"
            let report = try await ground.inside(.overwrite, switches + [control])
            guard report.hasReached(control) else { throw Undecided("the attempt opens nothing for writing at all") }
            let breaches = report.reached.filter { $0.name != control }.map { "\($0.name) opens for writing inside" }
            return .attack(
                "kernel switches", breaches: breaches,
                held: "core_pattern, sysrq-trigger and the like do not open for writing inside")
        }

        /// R5, R33, in a repository of doctor's own: judged by what lies there afterwards.
        private func protectedPaths() async throws -> DoctorFinding {
            let folder = ground.workspace
            let made = ["/.git/planted", "/.git/hooks/pre-commit"].map { folder + $0 }
            let control = folder + "/made"
            let created = try await ground.asCommand(.create, made + [control], writes: true)
            let opened = try await ground.asCommand(
                .overwrite, [folder + "/.git/config", folder + "/.git/hooks/sample"], writes: true)
            let moved = try await ground.asCommand(.move, [folder + "/.git", folder], writes: true)
            guard created.hasReached(control), ground.scratch.exists("workspace/made") else {
                throw Undecided("nothing can be made in a workspace that may be written")
            }
            var breaches = (created.reached + opened.reached + moved.reached).filter { $0.name != control }.map {
                "\($0.name.dropFirst(folder.count + 1)) can be changed inside"
            }
            if ground.scratch.names(in: "workspace/.git") != ["config", "hooks"]
                || ground.scratch.names(in: "workspace/.git/hooks") != ["sample"]
            {
                breaches.append(".git is not what it was")
            }
            return .attack(
                "protected paths", breaches: breaches,
                held: "a program that may write a workspace changes neither its .git nor its root")
        }

        /// R65, for a home that lies in the workspace.
        private func maskedHome() async throws -> DoctorFinding {
            let home = ground.workspace + "/" + AttackGround.home
            let control = ground.workspace + "/notes.txt"
            let report = try await ground.asCommand(
                .read, [home, home + "/data", home + "/data/secret", control], writes: false)
            guard report.hasReached(control) else { throw Undecided("a plain file cannot be read inside") }
            let breaches = report.reached.filter { $0.name != control }.map {
                "\($0.name.dropFirst(ground.workspace.count + 1)) can be read inside"
            }
            return .attack(
                "home folder inside", breaches: breaches,
                held: "a home that lies in the workspace is empty for programs",
                fix: "choose a home outside of the workspace with --home, and report it")
        }
    }
#endif
