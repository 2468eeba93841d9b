internal import CPlatform
package import ToolKit

/// Puts effects onto the workspace: all of one or nothing of it, also when the daemon is killed in the middle.
///
/// The journal names everything before the first name of the workspace changes. What a name stood for lies beside it until
/// all of the effect is in place and was looked at once more; then the journal says so, and only then anything is
/// removed. Until the journal says so, everything can be taken back, by this process or by the next one
/// (``recover()``). docs/effects-on-disk.md has the whole of it.
package final class EffectApplier: EffectApplying {
    let root: WorkspaceRoot
    let contents: any EffectContents
    let journal: EffectJournal
    let masked: [WorkspacePath]
    let faults: ApplyFaults

    /// - Parameters:
    ///   - journal: An existing folder of the daemon's own.
    ///   - masked: Out of reach: the daemon's home where it lies in the workspace (SECURITY R65).
    ///   - faults: Called between the steps; only tests pass one.
    package init(
        root: WorkspaceRoot, contents: any EffectContents, journal: String, masked: [WorkspacePath] = [],
        faults: @escaping ApplyFaults = { _ in }
    ) throws(ToolFailure) {
        self.root = root
        self.contents = contents
        self.journal = try EffectJournal(folder: journal)
        self.masked = masked
        self.faults = faults
    }

    package func apply(_ effect: Effect, id: String, keepsBefore: Bool) throws {
        guard !effect.isEmpty else { return }
        let plan = try ApplyPlan(effect, masked: masked)
        try root.requireInPlace()
        try CommitPresence.shown(in: root) {
            let run = ApplyRun(self, plan, call: id)
            do {
                try run.prepare(keepsBefore: keepsBefore)
                try run.place()
            } catch {
                throw try run.takeBack(because: error)
            }
            run.finish()
        }
    }

    package func conflicts(_ effect: Effect) throws -> [EffectPath] {
        guard !effect.isEmpty else { return [] }
        let plan = try ApplyPlan(effect, masked: masked)
        try root.requireInPlace()
        var check = BaseCheck(places: OpenPlaces(root), contents: contents, keepsBefore: false)
        try check.look(plan)
        return check.conflicts.sorted()
    }
}

extension WorkspaceRoot {
    /// - Throws: ``ToolFailure`` when the folder was deleted, moved away or replaced since it was opened.
    func requireInPlace() throws(ToolFailure) {
        let number = cp_open_root(path)
        if number >= 0, let named = try? Descriptor(owning: number).facts(), let own = try? folder.facts(),
            named.inode == own.inode, named.device == own.device
        {
            return
        }
        throw ToolFailure(
            "workspace_gone", "the workspace is not where it was when the daemon started; nothing was changed",
            remedy: "put the folder back, or start the daemon again with the right one")
    }
}
