package import Gate
package import ToolKit

/// Finds kept effects for whoever judges calls about them. Blocks.
package struct EffectLookup: KeptEffects {
    private let store: any EffectStore
    private let time: any TimeSource
    private let policyVersion: @Sendable () -> String

    /// - Parameter policyVersion: Of the policy in force.
    package init(store: any EffectStore, time: any TimeSource, policyVersion: @escaping @Sendable () -> String) {
        self.store = store
        self.time = time
        self.policyVersion = policyVersion
    }

    package func access(applying id: String, digest: String) throws(ToolFailure) -> Access {
        let record = try open(id)
        guard record.digest == digest else { throw EffectFailure.otherDigest }
        let origin = Access.Origin(
            principal: record.principal, toolName: record.toolName, digest: record.callDigest)
        return Access(writing: record.effect, of: origin, judging: record.facts(under: policyVersion()))
    }

    package func access(undoing auditID: String) throws(ToolFailure) -> Access {
        guard Identifier.isWellFormed(auditID), let undo = try found({ try store.undo(of: auditID) }) else {
            throw EffectFailure.unknownCall
        }
        let origin = Access.Origin(principal: undo.principal, toolName: undo.toolName)
        return Access(writing: undo.effect.inverse, of: origin)
    }

    /// - Throws: ``ToolFailure`` for one that cannot be applied, or not any more.
    func open(_ id: String) throws(ToolFailure) -> EffectRecord {
        guard Identifier.isWellFormed(id), let record = try found({ try store.effect(id) }) else {
            throw EffectFailure.unknownEffect
        }
        switch record.heading.state(at: time.wall) {
        case .previewed: return record
        case .applying: throw EffectFailure.underWay
        case let state: throw EffectFailure.gone(state.rawValue)
        }
    }

    /// - Throws: ``ToolFailure`` for what was undone before, or cannot be.
    func undoable(_ auditID: String) throws(ToolFailure) -> UndoRecord {
        guard Identifier.isWellFormed(auditID), let undo = try found({ try store.undo(of: auditID) }) else {
            throw EffectFailure.unknownCall
        }
        switch undo.state {
        case .possible: return undo
        case .undone(let by): throw EffectFailure.notUndoable("it was undone before, by \(by)")
        case .underWay: throw EffectFailure.notUndoable("it is being undone")
        case .impossible(let reason): throw EffectFailure.notUndoable(reason)
        }
    }

    private func found<Record>(_ find: () throws -> Record?) throws(ToolFailure) -> Record? {
        do {
            return try find()
        } catch let unavailable as StoreUnavailable {
            throw ToolFailure(StoreUnavailable.code, unavailable.message, remedy: unavailable.remedy)
        } catch {
            throw ToolFailure(StoreUnavailable.code, "the store cannot be read", remedy: "see the daemon's log")
        }
    }
}
