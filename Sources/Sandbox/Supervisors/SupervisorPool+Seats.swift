#if os(Linux)
    internal import CPlatform
    internal import Synchronization
    internal import ToolKit

    extension SupervisorPool {
        private enum Step {
            case seat(Seat)
            case wait(Task<Result<Seat, SupervisorFailure>, Never>)
            case closed
            case busy
        }

        /// A supervisor with room, started when there is none. Counts the call that will run in it.
        func lease(_ profile: Profile) async throws(ToolFailure) -> Seat {
            if case .unavailable(let reason, let remedy) = host.confinement {
                throw ToolFailure("sandbox_unavailable", reason, remedy: remedy)
            }
            while true {
                let (step, leaving) = state.withLock { state in next(profile, &state) }
                for seat in leaving { end(seat) }
                switch step {
                case .seat(let seat): return seat
                case .closed:
                    throw ToolFailure("sandbox_closed", "the daemon is stopping", remedy: "Try again when it is back")
                case .busy:
                    throw ToolFailure(
                        "sandbox_busy", "as many commands run as the sandbox takes", remedy: "Try again in a moment")
                case .wait(let task):
                    guard case .failure(let failure) = await task.value else { continue }
                    guard !failure.isMoved else {
                        throw ToolFailure(
                            "workspace_changed",
                            "folders of the workspace were moved while the program's sandbox was built; nothing ran",
                            remedy: "repeat the call when no other program moves them")
                    }
                    guard
                        case .unavailable(let reason, let remedy) = HostRemedy.afterFailure(
                            failure.reason, log: failure.log, on: host)
                    else { continue }
                    throw ToolFailure("sandbox_unavailable", reason, remedy: remedy)
                }
            }
        }

        private func next(_ profile: Profile, _ state: inout State) -> (Step, leaving: [Seat]) {
            guard !state.isClosed else { return (.closed, []) }
            var leaving: [Seat] = []
            if state.shelves[profile] == nil {
                if state.shelves.count >= settings.profiles {
                    guard let evicted = evict(&state) else { return (.busy, []) }
                    leaving += evicted
                }
                state.shelves[profile] = Shelf(lastUsed: now())
                startIdleTimer(&state)
            }
            let step = next(&state.shelves[profile, default: Shelf(lastUsed: now())], profile, &leaving)
            return (step, leaving)
        }

        private func next(_ shelf: inout Shelf, _ profile: Profile, _ leaving: inout [Seat]) -> Step {
            shelf.lastUsed = now()
            for index in shelf.places.indices.reversed() where !shelf.places[index].seat.supervisor.isAlive {
                shelf.places[index].isRetired = true
                if shelf.places[index].running == 0 { leaving.append(shelf.places.remove(at: index).seat) }
            }
            let free = shelf.places.indices.filter { index in
                !shelf.places[index].isRetired && shelf.places[index].running < Supervisor.callLimit
            }
            guard let index = free.min(by: { shelf.places[$0].running < shelf.places[$1].running }) else {
                if let task = shelf.starting { return .wait(task) }
                let serving = shelf.places.count { !$0.isRetired }
                guard serving < settings.supervisorsPerProfile else { return .busy }
                return .wait(start(profile, &shelf))
            }
            shelf.places[index].running += 1
            shelf.places[index].given += 1
            // The next one is started a little before it is needed, so that no call waits for it.
            let left = settings.callsPerSupervisor - shelf.places[index].given
            if left <= 0 { shelf.places[index].isRetired = true }
            if left <= min(32, settings.callsPerSupervisor / 8), free.count == 1, shelf.starting == nil {
                _ = start(profile, &shelf)
            }
            return .seat(shelf.places[index].seat)
        }

        private func start(_ profile: Profile, _ shelf: inout Shelf) -> Task<Result<Seat, SupervisorFailure>, Never> {
            // It outlives the call that asked for it: others wait for the same one.
            let task = Task.detached { [self] () -> Result<Seat, SupervisorFailure> in
                let result: Result<Seat, SupervisorFailure>
                do throws(SupervisorFailure) {
                    let supervisor = try await Supervisor.start(
                        profile, on: host, reactor: reactor, prepared: settings.prepared,
                        spareMemory: settings.spareMemory)
                    result = .success(Seat(supervisor))
                } catch {
                    result = .failure(error)
                }
                state.withLock { state in
                    state.shelves[profile]?.starting = nil
                    if case .success(let seat) = result { state.shelves[profile]?.places.append(Place(seat: seat)) }
                }
                return result
            }
            shelf.starting = task
            return task
        }

        /// The shelf that was unused longest, when none of its calls runs.
        private func evict(_ state: inout State) -> [Seat]? {
            let idle = state.shelves.filter {
                $0.value.starting == nil && $0.value.places.allSatisfy { $0.running == 0 }
            }
            guard let (profile, shelf) = idle.min(by: { $0.value.lastUsed < $1.value.lastUsed }) else { return nil }
            state.shelves[profile] = nil
            return shelf.places.map(\.seat)
        }

        func release(_ seat: Seat, of profile: Profile, counts: Bool = true) {
            let isLast = state.withLock { state -> Bool in
                guard let index = state.shelves[profile]?.places.firstIndex(where: { $0.seat === seat }) else {
                    return false
                }
                state.shelves[profile]?.places[index].running -= 1
                if !counts { state.shelves[profile]?.places[index].given -= 1 }
                state.shelves[profile]?.lastUsed = now()
                guard let place = state.shelves[profile]?.places[index], place.running == 0 else { return false }
                guard place.isRetired || !seat.supervisor.isAlive else { return false }
                state.shelves[profile]?.places.remove(at: index)
                return true
            }
            if isLast { end(seat) }
        }

        /// Ends a supervisor that is on no shelf any more.
        func end(_ seat: Seat) {
            let id = ObjectIdentifier(seat)
            state.withLock { state in
                // Outlives the call that was its last.
                state.ending[id] = Task.detached { [self] in
                    await seat.supervisor.close()
                    self.state.withLock { _ = $0.ending.removeValue(forKey: id) }
                }
            }
        }

        // MARK: Idle profiles

        private func startIdleTimer(_ state: inout State) {
            guard state.idleTimer == nil, !state.isClosed else { return }
            state.idleTimer = reactor.after(settings.idleTime / 2) { [weak self] in
                guard let self else { return }
                self.state.withLock { $0.idleTimer = nil }
                closeIdle()
                self.state.withLock { state in if !state.shelves.isEmpty { self.startIdleTimer(&state) } }
            }
        }

        /// Ends the supervisors of profiles that nobody has asked for. Called by a timer; the result tells how many.
        @discardableResult
        package func closeIdle() -> Int {
            let seats = state.withLock { state in
                let before = now() - settings.idleTime
                let idle = state.shelves.filter { _, shelf in
                    shelf.starting == nil && shelf.lastUsed <= before && shelf.places.allSatisfy { $0.running == 0 }
                }
                for profile in idle.keys { state.shelves[profile] = nil }
                return idle.values.flatMap { $0.places.map(\.seat) }
            }
            for seat in seats { end(seat) }
            return seats.count
        }

        /// How many supervisors wait or work.
        package var supervisors: Int { state.withLock { $0.shelves.values.reduce(0) { $0 + $1.places.count } } }
    }
#endif
