#if os(Linux)
    internal import CPlatform
    internal import Synchronization
    package import ToolKit

    /// Waiting supervisors, by profile: started when the first call asks, kept for the next ones, replaced when they have
    /// served their number of calls or have died, ended when nobody has asked for a while.
    package final class SupervisorPool: Sendable {
        package struct Settings: Sendable {
            /// Then a supervisor takes no more calls and ends with its last one: whatever might pile up in it does not.
            package var callsPerSupervisor = 1_000
            /// How many calls find their namespaces made. 2 are enough for one call after the other, 4 to 8 under load.
            package var prepared = 4
            package var idleTime = Duration.seconds(300)
            /// Profiles with a supervisor that waits. The one that was unused longest makes room.
            package var profiles = 16
            /// Profiles with a supervisor while all of them have calls. Beyond, a call of another profile is refused.
            package var profilesInUse = 64
            /// How many of them the calls of one owner may take up, so that there is room for others.
            package var profilesPerOwner = 16
            package var supervisorsPerProfile = 2
            /// The largest call dies when the machine has less memory than this left. 0: it is not watched.
            package var spareMemory: UInt64 = 64 << 20

            package init() {}
        }

        /// A supervisor and how much of it is in use.
        final class Seat: Sendable {
            let supervisor: Supervisor
            init(_ supervisor: Supervisor) { self.supervisor = supervisor }
        }

        struct Place {
            var seat: Seat
            var given = 0
            var running = 0
            var isRetired = false
        }

        struct Shelf {
            var places: [Place] = []
            var starting: Task<Result<Seat, SupervisorFailure>, Never>?
            var lastUsed: Duration
            /// How many calls each owner has in it, those that wait for its start included.
            var owners: [String: Int] = [:]

            var isIdle: Bool { owners.isEmpty && starting == nil && places.allSatisfy { $0.running == 0 } }
        }

        struct State {
            var shelves: [Profile: Shelf] = [:]
            /// Every supervisor that has not ended, also those that are on no shelf any more.
            var ending: [ObjectIdentifier: Task<Void, Never>] = [:]
            var runs = 0
            var isClosed = false
            var idleTimer: UInt64?
        }

        package let host: SandboxHost
        let settings: Settings
        let reactor: Reactor
        let cgroups: CallCgroups?
        let now: @Sendable () -> Duration
        let state = Mutex(State())

        /// - Parameters:
        ///   - cgroups: `nil`: limits are watched by the supervisors.
        ///   - now: A clock that only goes forward, for what has been idle.
        package init(
            host: SandboxHost, settings: Settings = Settings(), cgroups: CallCgroups? = nil,
            now: @escaping @Sendable () -> Duration = { .nanoseconds(cp_monotonic_ns()) }
        ) throws(ToolFailure) {
            self.host = host
            self.settings = settings
            self.cgroups = cgroups
            self.now = now
            reactor = try Reactor()
        }

        /// Runs the call behind the profile's walls.
        ///
        /// - Throws: ``ToolKit/ToolFailure`` when there is no sandbox to run it in: nothing has run then, and it is never run
        ///   without one.
        package func run(
            _ call: ConfinedCall, in profile: Profile, watcher: OutputWatcher? = nil
        ) async throws(ToolFailure) -> CallEnd {
            var tries = 0
            while true {
                let seat = try await lease(profile, for: call.owner)
                let end = await confined(call, in: seat.supervisor, watcher)
                release(seat, of: profile, for: call.owner)
                tries += 1
                // It was gone before the call reached it, so nothing has run.
                if case .notStarted(.noSupervisor) = end.ending, tries < 3, !Task.isCancelled { continue }
                return end
            }
        }

        private func confined(_ call: ConfinedCall, in supervisor: Supervisor, _ watcher: OutputWatcher?) async
            -> CallEnd
        {
            guard let cgroups, let slot = cgroups.take(for: call.limits) else {
                return await supervisor.run(call, watcher: watcher)
            }
            var end = await supervisor.run(call, cgroups: slot.entrances, watcher: watcher)
            if cgroups.giveBack(slot), end.stop == nil, end.ending == .signalled(9) { end.stop = .memory }
            return end
        }

        /// Starts the profile's supervisor now, so that the first call does not wait for it.
        package func warm(_ profile: Profile) async throws(ToolFailure) {
            release(try await lease(profile), of: profile, counts: false)
        }

        /// Which limits hold for calls of this profile.
        package func enforcement(for profile: Profile) -> LimitEnforcement {
            LimitEnforcement(
                runAs: profile.runAs, isRoot: host.isRoot, memoryCgroup: cgroups?.countsMemory ?? false,
                pidsCgroup: cgroups?.countsProcesses ?? false)
        }

        /// Ends every supervisor with its calls. When it returns nothing is left of any of them. Has to be called: until then a
        /// thread of the pool waits for them.
        package func close() async {
            let (places, starting, timer) = state.withLock { state in
                state.isClosed = true
                defer { state.shelves = [:] }
                let shelves = state.shelves.values
                return (shelves.flatMap(\.places), shelves.compactMap(\.starting), state.idleTimer)
            }
            if let timer { reactor.cancelTimer(timer) }
            for place in places { end(place.seat) }
            for task in starting { if case .success(let seat) = await task.value { end(seat) } }
            while let task = state.withLock({ $0.ending.values.first }) { await task.value }
            reactor.close()
            cgroups?.close()
        }
    }
#endif
