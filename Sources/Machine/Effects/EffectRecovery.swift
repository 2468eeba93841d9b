package import ToolKit

/// What a daemon found that starts after one which was ended while it applied effects.
package struct EffectRecovery: Sendable, Hashable {
    package enum End: Sendable, Hashable {
        /// As if the call had not been.
        case takenBack
        /// All of it is in place.
        case finished
    }

    package struct Call: Sendable, Hashable {
        package let id: String
        package let end: End
        /// Where somebody changed something since; that stays as it is.
        package let left: [EffectPath]
        /// Where something lies that may be the only copy, for a person to look at.
        package let kept: [EffectPath]
        /// What the system did not let us deal with; tried again at the next start.
        package let open: [EffectPath]
    }

    package var calls: [Call] = []
    /// Journals of another workspace: they wait for a daemon of that one.
    package var waiting = 0
    /// Journals that say nothing that could be understood; left for a person.
    package var unreadable: [String] = []

    package init() {}
}

extension EffectApplier {
    /// Finishes or takes back what was under way when the daemon before ended. Before any call is taken, and before
    /// ``StagingCleaner``. Blocks.
    ///
    /// - Throws: ``ToolFailure`` when the journal cannot be read.
    package func recover() throws -> EffectRecovery {
        var recovery = EffectRecovery()
        for (page, record) in try journal.leftovers() {
            guard let record else {
                recovery.unreadable.append(page.name)
                continue
            }
            guard record.workspace == Array(root.path.utf8) else {
                // Cut before it said where: nothing was touched.
                if record.workspace.isEmpty { page.remove() } else { recovery.waiting += 1 }
                continue
            }
            let report = CommitPresence.shown(in: root) {
                let ending = ApplyEnding(
                    record: record, placing: Placing(places: OpenPlaces(root), contents: contents), faults: faults)
                return record.isCommitted ? ending.finish() : ending.takeBack()
            }
            if report.isComplete { page.remove() }
            recovery.calls.append(
                EffectRecovery.Call(
                    id: record.call, end: record.isCommitted ? .finished : .takenBack, left: report.left,
                    kept: report.kept, open: report.open))
        }
        return recovery
    }
}
