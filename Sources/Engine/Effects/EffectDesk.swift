internal import Audit
package import Gate
internal import Logging
package import ToolKit

/// Keeps what previews found and what calls changed, shows it, and lets it go.
package final class EffectDesk: Sendable {
    /// Where contents are kept, and how they are let go.
    package struct Contents: Sendable {
        package let kept: any EffectContents
        /// What a file of the workspace holds now, at most so many bytes of it; `nil` when it cannot be read. Blocks.
        let base: @Sendable (_ path: EffectPath, _ limit: Int) -> [UInt8]?
        /// Bytes that all of them take.
        let taken: @Sendable () -> Int
        /// Removes contents that no record needed at that moment; those that were wanted since stay.
        let remove: @Sendable ([String], _ moment: ContinuousClock.Instant) -> Void
        /// Removes everything else, likewise.
        let sweep: @Sendable (_ needed: Set<String>, _ moment: ContinuousClock.Instant) -> Void

        package init(
            _ kept: any EffectContents, base: @escaping @Sendable (_ path: EffectPath, _ limit: Int) -> [UInt8]?,
            taken: @escaping @Sendable () -> Int = { 0 },
            remove: @escaping @Sendable ([String], _ moment: ContinuousClock.Instant) -> Void,
            sweep: @escaping @Sendable (_ needed: Set<String>, _ moment: ContinuousClock.Instant) -> Void
        ) {
            self.kept = kept
            self.base = base
            self.taken = taken
            self.remove = remove
            self.sweep = sweep
        }
    }

    package let gate: Gate
    let store: any EffectStore
    let contents: Contents
    let applier: any EffectApplying
    let commits: any CommitMoving
    let recorder: Recorder
    let lookup: EffectLookup
    let time: any TimeSource
    let diff: EffectDiff.Maker
    let tell: @Sendable (LiveEvent) -> Void
    let logger = Logger(label: "effects")

    /// - Parameters:
    ///   - diff: Compares two texts.
    ///   - tell: Told of every effect that is kept, applied, discarded or undone.
    package init(
        gate: Gate, store: any EffectStore, contents: Contents, applier: any EffectApplying,
        commits: any CommitMoving, recorder: Recorder, time: any TimeSource, diff: @escaping EffectDiff.Maker,
        tell: @escaping @Sendable (LiveEvent) -> Void = { _ in }
    ) {
        self.gate = gate
        self.store = store
        self.contents = contents
        self.applier = applier
        self.commits = commits
        self.recorder = recorder
        self.time = time
        self.diff = diff
        self.tell = tell
        lookup = EffectLookup(store: store, time: time) { gate.policy.version }
    }

    /// What a call may do with kept effects.
    package func deeds(for site: CallSite) -> any EffectDeeds { EffectWork(desk: self, site: site) }

    var settings: Configuration { gate.configuration.current }

    /// Files that policy keeps from being read are not shown by way of what happens to them.
    func mayShow(_ path: EffectPath) -> Bool {
        guard let place = path.judgedPlace else { return true }
        return gate.policy.current.verdict(place, .read) == .allow
    }

    func view(
        _ effect: Effect, limits: EffectView.Limits = EffectView.Limits(), countsAll: Bool = false
    ) -> EffectView {
        EffectView(
            effect, contents: contents, diff: diff, limits: limits, countsAll: countsAll, mayShow: mayShow)
    }

    // MARK: Looking

    /// - Returns: `nil` for an unknown one, or somebody else's.
    package func effect(_ id: String, for principal: Principal) throws -> EffectRecord? {
        try principal.require(.readOwnRecords)
        guard Identifier.isWellFormed(id), let record = try store.effect(id), isVisible(record.principal, to: principal)
        else { return nil }
        return record
    }

    /// What the preview answered, and what has become of it. Blocks.
    package func json(of record: EffectRecord) -> JSONValue {
        let heading = record.heading
        let hasContents = record.state.isLive || record.state == .applied
        let view =
            hasContents
            ? view(record.effect).json
            : EffectView(record.effect, contents: nil, diff: diff).json
        var members = record.answer.objectValue ?? [:]
        members.merge(heading.json(at: time.wall).objectValue ?? [:]) { _, new in new }
        members.merge(Self.members(of: record)) { _, new in new }
        members["effects"] = view
        if heading.state(at: time.wall) == .previewed { members.merge(verdict(on: record)) { _, new in new } }
        return redacted(.object(members))
    }

    package func effects(_ query: EffectQuery, for principal: Principal) async throws -> EffectPage {
        try principal.require(.readOwnRecords)
        var query = query
        if !principal.role.allows(.readAllRecords) { query.principal = principal.name }
        return try await store.effects(query)
    }

    /// Whether calls can be undone, of those that changed something.
    package func undoStates(of auditIDs: [String]) async throws -> [String: UndoState] {
        auditIDs.isEmpty ? [:] : try await store.undoStates(of: auditIDs)
    }

    private func isVisible(_ owner: String, to principal: Principal) -> Bool {
        principal.role.allows(.readAllRecords) || owner == principal.name
    }

    static func members(of record: EffectRecord) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "effect_id": .string(record.id), "effect_digest": .string(record.digest),
            "expires_at": .number(record.expiresAt), "omissions": .array(record.omissions.map(JSONValue.string)),
        ]
        members["method"] = (record.method?.rawValue).map(JSONValue.string)
        return members
    }

    /// What applying it would meet now.
    func verdict(on record: EffectRecord) -> [String: JSONValue] {
        let origin = Access.Origin(principal: record.principal, toolName: record.toolName)
        let policy = gate.policy.current
        let access = Access(writing: record.effect, of: origin, judging: record.facts(under: policy.version))
        let judgement = policy.judge(access)
        guard let effect = judgement.effect else { return [:] }
        var verdict = effect.json.objectValue ?? [:]
        verdict["verdict"] = .string(judgement.verdict.name)
        verdict["rules"] = .array(
            (judgement.matches.filter { $0.verdict != .allow }.map(\.sentence) + effect.sentences)
                .prefix(50).map(JSONValue.string))
        var members: [String: JSONValue] = ["effect_verdict": .object(verdict)]
        if let entry = gate.catalog.entry(named: Self.applyName, allowsInternal: true) {
            members["approval_required"] = .bool(gate.needsApproval(entry, judgement, settings))
        }
        return members
    }

    /// The tools that apply and undo, as the audit and approvals name them.
    package static let applyName = "effect_apply"
    package static let undoName = "effect_undo"

    func redacted(_ json: JSONValue) -> JSONValue { recorder.redactor.withoutKnownSecrets(json) }

    // MARK: Discarding

    /// - Returns: `nil` for an unknown effect.
    /// - Throws: ``Refusal`` for one that does not wait any more.
    package func discard(_ id: String, by principal: Principal) async throws -> EffectRecord? {
        try principal.require(.readOwnRecords)
        guard principal.role.allows(.runTools), let record = try effect(id, for: principal),
            principal.role == .operator || record.principal == principal.name
        else {
            try principal.require(.runTools)
            return nil
        }
        do throws(ToolFailure) {
            _ = try lookup.open(id)
        } catch {
            throw Refusal(error)
        }
        try await recorder.log.append(
            recorder.change(
                "change:effects", by: principal.name, before: Self.recorded(record, .previewed),
                after: Self.recorded(record, .discarded)))
        let moment = ContinuousClock.now
        let freed = try await Task { [store, time] in
            try await store.end(id, as: .discarded, at: time.wall)
        }.value
        guard let freed else {
            await recorder.retract("change:effects", Self.recorded(record, .discarded))
            throw Refusal(EffectFailure.underWay)
        }
        contents.remove(freed, moment)
        tell(record, .discarded)
        return record
    }

    static func recorded(_ record: EffectRecord, _ state: EffectRecord.State) -> JSONValue {
        [
            "effect_id": .string(record.id), "effect_digest": .string(record.digest),
            "state": .string(state.rawValue), "principal": .string(record.principal),
        ]
    }

    func tell(_ record: EffectRecord, _ state: EffectRecord.State, auditID: String? = nil) {
        var data: [String: JSONValue] = [
            "effect_id": .string(record.id), "state": .string(state.rawValue),
            "tool_name": .string(record.toolName), "files_changed": .integer(record.effect.files.count),
        ]
        data["audit_id"] = .string(auditID ?? record.auditID)
        tell(LiveEvent(.effect, seq: nil, data: .object(data), principal: record.principal))
    }

    /// Lets an effect wait as long as the question about it.
    func hold(_ call: ToolCall, until wall: Double) async {
        guard call.toolName == Self.applyName, let id = call.arguments["effect_id"]?.stringValue else { return }
        do {
            try await store.extend(id, until: wall)
        } catch {
            logger.warning("an effect may expire before anybody decides", metadata: ["error": "\(error)"])
        }
    }
}
