internal import Audit
internal import Gate
internal import Logging
internal import ToolKit

extension RunDesk {
    /// Finds what nobody works on and should: after a start, when a lockdown ends, and now and then.
    ///
    /// A run that was given out and is nobody's in this process is lost, because a home has one daemon.
    package func sweep() async {
        do {
            for run in try await store.held(until: .infinity, limit: Self.batch) where !isUnderWay(run) {
                await recover(run)
            }
            guard !engine.gate.lockdown.state.isActive, !Task.isCancelled else { return }
            try await takeUpQueued()
        } catch {
            logger.error("what was left could not be taken up", metadata: ["error": "\(error)"])
        }
    }

    private static let batch = 1_000
    /// Runs that are taken up at once; each may keep a thread busy for as long as it likes.
    private static let width = 4

    private func takeUpQueued() async throws {
        var ids = try await store.queued(limit: Self.batch).makeIterator()
        await withTaskGroup { group in
            for _ in 0..<Self.width {
                guard let id = ids.next() else { break }
                group.addTask { await self.takeUp(id) }
            }
            while await group.next() != nil {
                guard !Task.isCancelled, let id = ids.next() else { continue }
                group.addTask { await self.takeUp(id) }
            }
        }
    }

    private func takeUp(_ id: String) async {
        do {
            // Whoever stops the daemon stops this wait, and with it the run.
            let run = try await withTaskCancellationHandler {
                try await work(on: id)
            } onCancel: {
                interrupt(id)
            }
            if let run { await tell(of: run) }
        } catch {
            logger.error("a run could not be taken up", metadata: ["run.id": "\(id)", "error": "\(error)"])
        }
    }

    /// What becomes of a run whose worker is gone. One without an entry in the audit never began; one whose outcome is known
    /// ends with it; of the others, one that may be repeated is, and what became of the rest is left to people.
    private func recover(_ run: Run) async {
        guard let token = run.lease?.token else { return }
        let hold = RunHold(store, id: run.id, token: token)
        do {
            // As it is now: its worker may have ended between the list and the look for workers.
            guard let run = try await store.run(run.id), run.state.isHeld, run.lease?.token == token else { return }
            if run.state == .leased {
                try await hold.giveBack()
            } else {
                try await settle(run, hold)
            }
            if let after = try await store.run(run.id) { await tell(of: after) }
        } catch {
            logger.error(
                "nobody can say yet what became of a run", metadata: ["run.id": "\(run.id)", "error": "\(error)"])
        }
    }

    private func settle(_ run: Run, _ hold: RunHold) async throws {
        guard let auditID = run.auditID, let entry = try await engine.recorder.log.entry(auditID),
            // Refused is what was never begun: the store kept the beginning and could not say so.
            entry["kind"]?.stringValue != LineKind.refusal.rawValue
        else { return try await hold.requeue() }
        let result = RecoveredAnswer.json(of: entry)
        switch entry["status"]?.stringValue.flatMap(CallStatus.init(rawValue:)) ?? .unknown {
        case .ok, .dryRun: try await hold.finish(.done, result)
        case .unknown where run.isIdempotent: try await hold.requeue()
        case .unknown:
            try await engine.filing.file(lost: run, known: result) { try await hold.lose($0, result) }
        default: try await hold.finish(.failed, result)
        }
    }
}
