internal import Audit
internal import Gate
internal import Logging
internal import ToolKit

/// What may be forgotten, and what a crash left open.
extension EffectDesk {
    /// How long ended effects are listed, in seconds.
    private static let memory = 30 * 86_400.0
    private static let batch = 100
    private static let day = 86_400.0

    /// After the journal was recovered and before the first call: what a crash cut short is what the workspace says it is.
    /// Then contents go that nobody needs. Blocks.
    ///
    /// - Parameters:
    ///   - finished: Calls whose effects the journal finished.
    ///   - takenBack: Those whose effects it took back.
    package func recover(finished: Set<String> = [], takenBack: Set<String> = []) async throws {
        try await settle(except: { _ in false }) { auditID in
            finished.contains(auditID) ? true : takenBack.contains(auditID) ? false : nil
        }
        try await sweep()
    }

    /// - Parameters:
    ///   - isRunning: Whether it is the business of a call under way.
    ///   - known: Whether a call's effect is in place, as far as somebody knows.
    private func settle(
        except isRunning: (_ auditID: String) -> Bool, known: (_ auditID: String) -> Bool? = { _ in nil }
    ) async throws {
        let unfinished = try await store.unfinished()
        for record in unfinished.effects {
            guard let auditID = record.appliedAuditID, !isRunning(auditID) else { continue }
            if try known(auditID) ?? isDone(record.effect) {
                // Under the name of whoever previewed: the audit knows the call, and who made it.
                let undo = UndoRecord(
                    auditID: auditID, principal: record.principal, toolName: Self.applyName, effect: record.effect,
                    contents: record.effect.contents(before: true, after: true), createdAt: time.wall)
                try await store.endApplying(record.id, at: time.wall, undo: undo)
                logger.notice(
                    "an effect had been applied when the daemon ended", metadata: ["effect.id": "\(record.id)"])
            } else {
                try await store.stopApplying(record.id)
                logger.notice(
                    "an effect had not been applied when the daemon ended", metadata: ["effect.id": "\(record.id)"])
            }
        }
        for undo in unfinished.undos {
            guard let auditID = undo.undoneBy, !isRunning(auditID) else { continue }
            if try known(auditID) ?? isUndone(undo) {
                let inverse = undo.inverse
                // Maybe an operator undid what an agent had done, and the agent shall not put it back.
                let back = UndoRecord(
                    auditID: auditID, principal: Authenticator.operatorName, toolName: Self.undoName,
                    effect: inverse.effect,
                    commits: inverse.commits, contents: inverse.effect.contents(before: true, after: true),
                    createdAt: time.wall)
                try await store.endUndoing(undo.auditID, undo: back)
            } else {
                try await store.stopUndoing(undo.auditID)
            }
        }
    }

    /// Effects are put onto the workspace as a whole or not at all: one that finds its base everywhere has not been, one of
    /// which anything is there has.
    private func isDone(_ effect: Effect) throws -> Bool {
        guard !effect.isEmpty, try !applier.conflicts(effect).isEmpty else { return false }
        return try applier.conflicts(effect.inverse).count < effect.files.count + effect.folders.count
    }

    private func isUndone(_ undo: UndoRecord) throws -> Bool {
        guard let move = undo.commits.last else { return try isDone(undo.effect.inverse) }
        return try !commits.conflicts(move.inverse).isEmpty && commits.conflicts(move).isEmpty
    }

    /// Ends what nobody applied in time, and lets the oldest give way where too much is kept. For the owner to call every
    /// few seconds.
    ///
    /// - Parameter isRunning: Whether a call is under way.
    package func tidy(isRunning: (_ auditID: String) -> Bool) async throws {
        try await settle(except: isRunning)
        try await expire()
        try await evictOld()
        try await evictBeyondLimit()
        try await store.removeEnded(before: time.wall - Self.memory)
        // Records never need that much: most of it is what calls have kept that came to nothing.
        if contents.taken() > settings.effectStorageBytes { try await sweep() }
    }

    /// For the owner to call every hour: contents go that no record needs any more.
    package func sweep() async throws {
        let moment = ContinuousClock.now
        let needed = try await store.neededContents()
        contents.sweep(needed, moment)
    }

    private func expire() async throws {
        while true {
            let overdue = try await store.overdueEffects(at: time.wall, limit: Self.batch)
            for id in overdue {
                let moment = ContinuousClock.now
                if let freed = try await store.end(id, as: .expired, at: time.wall) { contents.remove(freed, moment) }
            }
            guard overdue.count == Self.batch else { return }
        }
    }

    private func evictOld() async throws {
        let horizon = time.wall - Double(settings.effectRetentionDays) * Self.day
        while true {
            let old = try await store.held(createdBefore: horizon, limit: Self.batch)
            try await evict(old, because: "older than effect_retention_days")
            guard old.count == Self.batch else { return }
        }
    }

    /// Of whoever keeps most, previews first and then changes, the oldest of each: nobody loses what is theirs to somebody
    /// who keeps more, and nothing done stops being undoable for what was only looked at.
    private func evictBeyondLimit() async throws {
        var holders = try await store.holders()
        while holders.reduce(0, { $0 + $1.bytes }) > settings.effectStorageBytes {
            let excess = holders.reduce(0) { $0 + $1.bytes } - settings.effectStorageBytes
            guard let largest = holders.max(by: { ($0.bytes, $1.principal) < ($1.bytes, $0.principal) }) else { return }
            var freed = 0
            let oldest = try await store.oldestHeld(by: largest.principal, limit: Self.batch).prefix { held in
                defer { freed += held.bytes }
                return freed < excess
            }
            guard !oldest.isEmpty else { return }
            try await evict(Array(oldest), because: "more was kept than effect_storage_bytes")
            holders = try await store.holders()
        }
    }

    /// Before a new preview: the oldest of the same caller make room, a tenth of them at once, so that not every preview
    /// waits for a line about one that went.
    func makeRoom(for principal: String) async throws {
        let waiting = try await store.holders().first { $0.principal == principal }?.previews ?? 0
        guard waiting >= settings.effectsPerPrincipal else { return }
        let surplus = waiting + 1 - settings.effectsPerPrincipal + settings.effectsPerPrincipal / 10
        var oldest: [HeldContents] = []
        for held in try await store.oldestHeld(by: principal, limit: 10_000) where held.kind == .effect {
            guard oldest.count < surplus else { break }
            oldest.append(held)
        }
        try await evict(oldest, because: "more wait than effects_per_principal")
    }

    /// Recorded first.
    private func evict(_ held: [HeldContents], because reason: String) async throws {
        guard !held.isEmpty else { return }
        func ids(_ kind: HeldContents.Kind) -> JSONValue {
            .array(held.filter { $0.kind == kind }.map { .string($0.id) })
        }
        var line = recorder.change(
            "change:effects", by: "daemon",
            before: [
                "effect_ids": ids(.effect), "audit_ids": ids(.change),
                "bytes": .integer(held.reduce(0) { $0 + $1.bytes }),
            ], after: ["evicted": true])
        line.fields["reason"] = .string(reason)
        try await recorder.log.append(line)
        for one in held {
            let moment = ContinuousClock.now
            let freed =
                switch one.kind {
                case .effect: try await store.end(one.id, as: .evicted, at: time.wall)
                case .change: try await store.evict(one.id, at: time.wall)
                }
            if let freed { contents.remove(freed, moment) }
        }
    }
}
