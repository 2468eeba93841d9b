/// Where the applying of an effect stands, in the order in which it gets there. Numbers are those of the journal's entries.
package enum ApplyStep: Sendable, Hashable {
    /// Everything is as the effect wants it, and what was there before is kept.
    case checked
    /// The journal names what is about to be staged.
    case begun
    /// Folders that could not be written to can be.
    case loosened
    /// One new content lies beside its target.
    case staged(Int)
    /// The journal names everything, and what is staged survives a loss of power.
    case prepared
    /// The names were changed; what came out was not looked at yet.
    case exchanged(Int)
    /// What came out is what the effect was made for.
    case placed(Int)
    /// All of it is in its place and untouched.
    case verified
    case synced
    /// The journal says so. From here on nothing is taken back.
    case committed
    /// What the entry replaced is gone.
    case dropped(Int)
    /// Only while everything is taken back: the entry was.
    case rolledBack(Int)
}

/// Called at each step; what it throws before ``ApplyStep/committed`` fails there, and everything is put back.
package typealias ApplyFaults = @Sendable (ApplyStep) throws -> Void
