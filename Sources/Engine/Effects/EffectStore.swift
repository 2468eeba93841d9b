/// Keeps effects that wait, and what calls have changed.
///
/// Every conformer promises: what returned survives a crash; of any number of concurrent calls that take a record from
/// one state into another at most one returns `true`. Contents belong to records: methods that give some up return the
/// hashes that no record speaks of any more.
package protocol EffectStore: Sendable {
    // MARK: Effects

    func insert(_ record: EffectRecord) async throws

    /// Blocks.
    func effect(_ id: String) throws -> EffectRecord?

    /// Newest first.
    func effects(_ query: EffectQuery) async throws -> EffectPage

    /// From previewed, and not expired at that time, to applying.
    func beginApplying(_ id: String, by auditID: String, at wall: Double) async throws -> Bool

    /// From applying back to previewed.
    func stopApplying(_ id: String) async throws

    /// From applying to applied, with what takes it back: both or none.
    func endApplying(_ id: String, at wall: Double, undo: UndoRecord) async throws

    /// From previewed to one of the other ends.
    ///
    /// - Returns: `nil` when it was not previewed.
    func end(_ id: String, as state: EffectRecord.State, at wall: Double) async throws -> [String]?

    /// Lets one that is previewed wait at least so long.
    func extend(_ id: String, until wall: Double) async throws

    /// Previewed ones past their time, those first whose time ended first.
    func overdueEffects(at wall: Double, limit: Int) async throws -> [String]

    // MARK: Changes

    func insert(_ undo: UndoRecord) async throws

    /// Blocks.
    func undo(of auditID: String) throws -> UndoRecord?

    /// Of those calls that changed something.
    func undoStates(of auditIDs: [String]) async throws -> [String: UndoState]

    /// Marks a change that can be undone as being undone.
    func beginUndoing(_ auditID: String, by undoing: String) async throws -> Bool

    func stopUndoing(_ auditID: String) async throws

    /// Marks it as undone, and keeps what takes that back: both or none.
    func endUndoing(_ auditID: String, undo: UndoRecord) async throws

    /// Gives up the contents of a change that is not being undone.
    ///
    /// - Returns: `nil` when there was nothing to give up.
    func evict(_ auditID: String, at wall: Double) async throws -> [String]?

    // MARK: Both

    /// What is being applied or undone.
    func unfinished() async throws -> (effects: [EffectRecord], undos: [UndoRecord])

    /// Who keeps how much.
    func holders() async throws -> [EffectHolder]

    /// What one of them keeps contents of, previews first and then changes, each oldest first; what is being applied or
    /// undone is left out.
    func oldestHeld(by principal: String, limit: Int) async throws -> [HeldContents]

    /// Changes made before this time whose contents are kept, oldest first.
    func held(createdBefore wall: Double, limit: Int) async throws -> [HeldContents]

    /// Whether any record needs it.
    func needs(_ sha256: String) async throws -> Bool

    func neededContents() async throws -> Set<String>

    /// Removes records that ended before this time, and changes without contents that were made before it.
    func removeEnded(before wall: Double) async throws
}

/// What a list of effects asks for.
package struct EffectQuery: Sendable, Hashable {
    /// 1…1000.
    package var limit: Int
    /// Effects kept before the one of this cursor only.
    package var before: Int?
    package var principal: String?

    package init(limit: Int = 50, before: Int? = nil, principal: String? = nil) {
        self.limit = min(max(limit, 1), 1_000)
        self.before = before
        self.principal = principal
    }
}

package struct EffectPage: Sendable, Hashable {
    /// Newest first.
    package var effects: [EffectHeading]
    /// The cursor of the next page; `nil` at the end.
    package var next: Int?

    package init(effects: [EffectHeading], next: Int?) {
        self.effects = effects
        self.next = next
    }
}

/// Somebody whose records keep contents.
package struct EffectHolder: Sendable, Hashable {
    package let principal: String
    /// Of contents, each counted once for every record.
    package let bytes: Int
    /// Effects that wait.
    package let previews: Int

    package init(principal: String, bytes: Int, previews: Int) {
        self.principal = principal
        self.bytes = bytes
        self.previews = previews
    }
}

/// A record whose contents are kept.
package struct HeldContents: Sendable, Hashable {
    package enum Kind: String, Sendable {
        case effect
        case change
    }

    package let kind: Kind
    /// The effect's, or the call's audit id.
    package let id: String
    package let principal: String
    package let bytes: Int

    package init(kind: Kind, id: String, principal: String, bytes: Int) {
        self.kind = kind
        self.id = id
        self.principal = principal
        self.bytes = bytes
    }
}
