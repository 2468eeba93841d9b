/// Where a commit stands, in the order in which it gets there. Numbers are those of the changes.
package enum CommitStep: Sendable, Hashable {
    /// The folders on the way exist; nothing is written yet.
    case foldersMade(Int)
    /// The new content lies synced beside the old one.
    case staged(Int)
    /// The change is in its place; the old content lies beside it.
    case placed(Int)
    /// Every change and its folder are synced; the old contents are about to go.
    case synced
}

/// Called at each step; what it throws fails the commit there, and everything is put back.
package typealias CommitFaults = @Sendable (CommitStep) throws -> Void
