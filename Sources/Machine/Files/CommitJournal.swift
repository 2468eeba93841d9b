/// Where a call's commits of several files are noted while they are made: in the journal of effects, under the call's id.
package struct CommitJournal: Sendable {
    let applier: EffectApplier
    let call: String

    /// - Parameter call: 1 to 64 letters, digits and `_`.
    package init(_ applier: EffectApplier, call: String) {
        self.applier = applier
        self.call = call
    }
}
