#if os(Linux)
    internal import ToolKit

    extension SandboxHost {
        /// Builds both walls once, around this very workspace, and runs a program behind them.
        ///
        /// - Returns: The same host with what was found: the confinement that really stands, and whether root's folders can be
        ///   shown to an unprivileged user.
        package func examined(workspace: String?) async -> SandboxHost {
            var host = self
            guard host.confinement == .full else { return host }
            for _ in 0..<2 {
                switch await host.attempt(workspace) {
                case nil: return host
                case .some(let failure):
                    // A file system that cannot show other owners; then calls run as the daemon's own user.
                    if host.ownerMapWorks, host.isRoot, failure.log.contains("map the owner of") {
                        host.ownerMapWorks = false
                        continue
                    }
                    host.confinement = HostRemedy.afterFailure(failure.reason, log: failure.log, on: host)
                    return host
                }
            }
            return host
        }

        private func attempt(_ workspace: String?) async -> SupervisorFailure? {
            let profile = Profile(
                workspace: workspace.map { .readOnly($0) } ?? .none, runAs: runAs(workspace: workspace))
            let reactor: Reactor
            do {
                reactor = try Reactor()
            } catch {
                return SupervisorFailure(reason: error.message, log: "")
            }
            defer { reactor.close() }
            do {
                let supervisor = try await Supervisor.start(
                    profile, on: self, reactor: reactor, prepared: 0, spareMemory: 0)
                let end = await supervisor.run(ConfinedCall("/usr/bin/true", [], folder: workspace ?? "/tmp"))
                await supervisor.close()
                switch end.ending {
                case .exited(code: 0): return nil
                case .notStarted(let problem):
                    return SupervisorFailure(reason: problem.message, log: supervisor.log.text)
                default: return SupervisorFailure(reason: "a program ended as \(end.ending)", log: supervisor.log.text)
                }
            } catch {
                return error
            }
        }
    }
#endif
