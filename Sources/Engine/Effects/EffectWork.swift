internal import Gate
internal import Logging
internal import ToolKit

/// Applies and undoes for one call. Each step is kept before and after it happens, so that a crash in the middle can be
/// told from both: see ``EffectDesk/recover()``.
struct EffectWork: EffectDeeds {
    let desk: EffectDesk
    let site: CallSite

    private var store: any EffectStore { desk.store }
    private var auditID: String { site.label.auditID }

    // MARK: Applying

    func plan(applying id: String) async throws -> [String: JSONValue] {
        let record = try desk.lookup.open(id)
        var plan = plan(record.effect, "would change", try conflicts(record.effect))
        plan.merge(EffectDesk.members(of: record)) { _, new in new }
        plan.merge(desk.verdict(on: record)) { _, new in new }
        plan["tool_name"] = .string(record.toolName)
        plan["args"] = record.arguments
        plan["previewed_by"] = .string(record.auditID)
        return plan
    }

    func apply(_ id: String) async throws -> ToolOutput {
        let record = try desk.lookup.open(id)
        guard
            try await kept({ [auditID, now = desk.time.wall] in
                try await store.beginApplying(id, by: auditID, at: now)
            })
        else {
            // Somebody else was faster.
            _ = try desk.lookup.open(id)
            throw EffectFailure.underWay
        }
        do {
            try put(record.effect)
        } catch {
            try await kept { try await store.stopApplying(id) }
            throw error
        }
        let undo = UndoRecord(
            auditID: auditID, principal: site.label.principal, toolName: site.label.toolName,
            effect: record.effect, contents: record.effect.contents(before: true, after: true),
            createdAt: desk.time.wall)
        try await settled { try await store.endApplying(id, at: undo.createdAt, undo: undo) }
        desk.tell(record, .applied, auditID: auditID)
        return ToolOutput(
            .object(Self.members(record.effect, as: "applied").merging(["effect_id": .string(id)]) { own, _ in own }),
            summary: "applied \(Self.spoken(record.effect)) of \(id)")
    }

    // MARK: Undoing

    func plan(undoing auditID: String) async throws -> [String: JSONValue] {
        let undo = try desk.lookup.undoable(auditID)
        let inverse = undo.inverse
        let found = try inverse.commits.first.map { try desk.commits.conflicts($0) } ?? []
        var plan = plan(inverse.effect, "would restore", try found + conflicts(inverse.effect))
        plan.merge(Self.restored(inverse)) { _, new in new }
        plan["undoes"] = .string(auditID)
        plan["tool_name"] = .string(undo.toolName)
        return plan
    }

    func undo(_ auditID: String) async throws -> ToolOutput {
        let undo = try desk.lookup.undoable(auditID)
        guard try await kept({ [own = self.auditID] in try await store.beginUndoing(auditID, by: own) }) else {
            _ = try desk.lookup.undoable(auditID)
            throw EffectFailure.notUndoable("it is being undone")
        }
        let inverse = undo.inverse
        do {
            try await take(inverse)
        } catch {
            try await kept { try await store.stopUndoing(auditID) }
            throw error
        }
        let back = UndoRecord(
            auditID: self.auditID, principal: site.label.principal, toolName: site.label.toolName,
            effect: inverse.effect, commits: inverse.commits,
            contents: inverse.effect.contents(before: true, after: true), createdAt: desk.time.wall)
        try await settled { try await store.endUndoing(auditID, undo: back) }
        desk.tellUndone(auditID, by: self.auditID, of: undo)
        let what = inverse.commits.isEmpty ? Self.spoken(inverse.effect) : "the branch and the index"
        return ToolOutput(
            .object(Self.restored(inverse).merging(["undoes": .string(auditID)]) { own, _ in own }),
            summary: "restored \(what) of \(auditID)")
    }

    /// Commits and then files; what fails on the way is put back.
    private func take(_ inverse: (commits: [GitMove], effect: Effect)) async throws {
        var made: [GitMove] = []
        do {
            for move in inverse.commits {
                try await desk.commits.make(move)
                made.append(move)
            }
            try put(inverse.effect)
        } catch {
            for move in made.reversed() { try await desk.commits.make(move.inverse) }
            if let conflict = error as? EffectConflict { throw EffectFailure.conflict(conflict) }
            throw error
        }
    }

    private static func restored(_ inverse: (commits: [GitMove], effect: Effect)) -> [String: JSONValue] {
        var members = members(inverse.effect, as: "restored")
        guard !inverse.commits.isEmpty else { return members }
        let places = inverse.commits.flatMap(\.places).map { JSONValue.string($0.shown) }
        members["restored"] = .array((members["restored"]?.arrayValue ?? []) + places)
        members["commits"] = .array(
            inverse.commits.map { move in
                [
                    "repository": .string(move.repository.description), "branch": JSONValue(move.reference),
                    "from": JSONValue(move.before.commit), "to": JSONValue(move.after.commit),
                ]
            })
        return members
    }

    // MARK: Both

    private func put(_ effect: Effect) throws {
        guard !effect.isEmpty else { return }
        do {
            try desk.applier.apply(effect, id: auditID, keepsBefore: true)
        } catch let conflict as EffectConflict {
            throw EffectFailure.conflict(conflict)
        }
    }

    private func conflicts(_ effect: Effect) throws -> [EffectPath] {
        effect.isEmpty ? [] : try desk.applier.conflicts(effect)
    }

    /// Whoever waits may hang up; what was begun goes to its end.
    @discardableResult
    private func kept<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Task { try await operation() }.value
    }

    /// It has happened. What cannot be kept of that now is found out from the workspace, at the next look.
    private func settled(_ operation: @escaping @Sendable () async throws -> Void) async throws {
        do {
            try await kept(operation)
        } catch {
            desk.logger.error(
                "that an effect was put onto the workspace could not be kept yet",
                metadata: ["call.id": "\(auditID)", "error": "\(error)"])
        }
    }

    private func plan(_ effect: Effect, _ verb: String, _ conflicts: [EffectPath]) -> [String: JSONValue] {
        var limits = EffectView.Limits()
        // It waits in the inbox among others.
        limits.diffs = 256 << 10
        var plan: [String: JSONValue] = [
            "effects": desk.redacted(desk.view(effect, limits: limits).json),
            "summary": .string("\(verb) \(Self.spoken(effect))"),
        ]
        if !conflicts.isEmpty {
            plan.merge(EffectConflict(paths: conflicts).json) { _, new in new }
            plan["summary"] = .string("as things stand it would fail: what it is for changed since")
            plan["fails"] = true
        }
        return plan
    }

    static func members(_ effect: Effect, as name: String) -> [String: JSONValue] {
        var members: [String: JSONValue] = [name: .array(effect.files.map { .string($0.path.shown) })]
        let odd = effect.files.compactMap(\.path.hexIfOdd)
        if !odd.isEmpty { members[name + "_hex"] = .array(odd.map(JSONValue.string)) }
        return members
    }

    static func spoken(_ effect: Effect) -> String {
        let deletions = effect.files.count { $0.after == nil }
        let files = "\(effect.files.count) file\(effect.files.count == 1 ? "" : "s")"
        return deletions == 0 ? files : "\(files), \(deletions) of them deleted,"
    }
}

extension EffectDesk {
    func tellUndone(_ auditID: String, by undoing: String, of undo: UndoRecord) {
        tell(
            LiveEvent(
                .effect, seq: nil,
                data: [
                    "state": "undone", "audit_id": .string(auditID), "undone_by": .string(undoing),
                    "tool_name": .string(undo.toolName), "files_changed": .integer(undo.effect.files.count),
                ], principal: undo.principal))
    }
}
