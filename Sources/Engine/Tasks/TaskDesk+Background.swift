internal import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

extension TaskDesk {
    /// Started tasks at once: other calls need threads too.
    private static let width = 4
    /// Steps of one task until others have their turn.
    private static let stretch = 8
    private static let interval = Duration.seconds(1)
    /// Rounds until what waits for people is compared with its runs once more.
    private static let roundsPerLook = 60

    /// Takes started tasks further until the daemon stops. For the owner to call once.
    package func run() async {
        await reconcile()
        await withDiscardingTaskGroup { group in
            var round = 0
            while !Task.isCancelled {
                for id in await due(atMost: Self.width - going.withLock { $0.count }) {
                    group.addTask { await self.drive(id) }
                }
                await alarm.wait(atMost: Self.interval)
                round += 1
                if round.isMultiple(of: Self.roundsPerLook) { await reconcile(only: [.waiting]) }
            }
        }
    }

    /// Takes started tasks further until nothing more may be done at the moment.
    package func goOn() async {
        while !Task.isCancelled {
            let ids = await due(atMost: Self.width)
            guard !ids.isEmpty else { return }
            await withDiscardingTaskGroup { group in
                for id in ids { group.addTask { await self.drive(id) } }
            }
        }
    }

    /// Tasks that may go on, for this caller to drive.
    private func due(atMost count: Int) async -> [String] {
        guard count > 0, !gate.lockdown.state.isActive else { return [] }
        do {
            let now = time.sinceBoot
            let resting = resting.withLock { resting in
                resting = resting.filter { $0.value > now }
                return resting
            }
            let ids = try await store.due(at: time.wall, limit: count + Self.width + resting.count)
            return ids.filter { resting[$0] == nil && claim($0) }
        } catch {
            logger.error("started tasks cannot be read at the moment", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func claim(_ id: String) -> Bool {
        going.withLock { $0.count < Self.width && $0.insert(id).inserted }
    }

    private func drive(_ id: String) async {
        var isMoved = false
        defer {
            going.withLock { going in _ = going.remove(id) }
            if isMoved { alarm.ring() }
        }
        do {
            for _ in 0..<Self.stretch {
                guard !Task.isCancelled, let task = try await store.task(id), task.isDue(at: time.wall) else { return }
                let advanced = try await turns.take(id) { try await advance(id, isBackground: true) }
                switch advanced {
                case nil: return
                case .stepped(_, let step)? where step.facts.state != .running:
                    isMoved = true
                    continue
                // Others have it in hand, or it may not go on yet: it is not looked at again at once.
                case .stepped(let task, _)?, .idle(let task, _)?: return try await postpone(task, by: Self.patience)
                }
            }
        } catch let refusal as Refusal {
            rest(id)
            await halt(id, for: refusal)
        } catch is CancellationError {
            // The daemon stops; the task goes on after the next start.
        } catch {
            rest(id)
            logger.error("a task could not go on", metadata: ["task.id": "\(id)", "error": "\(error)"])
        }
    }

    /// Keeps what cannot go on from being tried again at once; in memory, because nothing may be kept at the moment.
    private func rest(_ id: String) {
        resting.withLock { $0[id] = time.sinceBoot + Self.patience }
    }

    /// A no that passes is waited for; any other stops the task, or it would be heard for ever.
    private func halt(_ id: String, for refusal: Refusal) async {
        guard refusal.status != .locked, refusal.status != .rateLimited, refusal.code != StoreUnavailable.code else {
            return logger.debug(
                "a task does not go on at the moment", metadata: ["task.id": "\(id)", "code": "\(refusal.code)"])
        }
        do {
            if let task = try await store.task(id), !task.status.isFinished { try await hold(task, refusal.message) }
        } catch {
            logger.error("a task could not be stopped", metadata: ["task.id": "\(id)", "error": "\(error)"])
        }
    }

    /// Compares tasks that wait, or whose step runs, with their runs: somebody may have decided, or a run may have ended,
    /// without anybody telling.
    package func reconcile() async { await reconcile(only: [.waiting, .running]) }

    private func reconcile(only statuses: [AgentTask.Status]) async {
        do {
            for status in statuses {
                var query = TaskQuery(limit: 200, status: status)
                repeat {
                    let page = try await store.tasks(query)
                    for listing in page.listings {
                        guard !Task.isCancelled else { return }
                        try await compare(listing.task)
                    }
                    query.before = page.next
                } while query.before != nil
            }
        } catch {
            logger.error("tasks could not be compared with their runs", metadata: ["error": "\(error)"])
        }
    }

    private func compare(_ task: AgentTask) async throws {
        let facts = try await store.facts(ofTask: task.id, from: task.current, limit: 1).first
        guard let facts, facts.number == task.current, facts.state == .running || facts.state == .waiting,
            let runID = facts.runID, let run = try await findRun(runID)
        else { return }
        try await absorb(run)
    }

    /// How long a finished task is kept, in seconds.
    private static let memory = 365 * 86_400.0

    /// Forgets what ended long ago. For the owner to call now and then.
    package func tidy() async throws {
        _ = try await store.removeFinished(changedBefore: time.wall - Self.memory, of: nil, limit: 200)
    }
}
