/// The workspace's files, opened beneath its root and held to what the gate granted.
///
/// Every method throws ``ToolFailure`` with a code of ``FileFailure`` and never reaches outside the root, whatever
/// links, races or strange files the workspace holds. All of them block; they run on a thread of the runner.
public protocol WorkspaceFiles: Sendable {
    /// Reads a part of a regular file.
    ///
    /// - Parameters:
    ///   - offset: In bytes from the start; beyond the end answers no bytes.
    ///   - limit: At most so many bytes.
    func read(_ path: WorkspacePath, offset: Int, limit: Int) throws -> FileSlice

    /// What is there, links followed beneath the root; `nil` for nothing.
    func facts(of path: WorkspacePath) throws -> FileFacts?

    /// Whether policy lets the caller read `path`, links followed, without asking anybody.
    func isReadable(_ path: WorkspacePath) throws -> Bool

    /// Where a change of `path` would land; for the plan of a dry run. Changes nothing.
    func target(of path: WorkspacePath) throws -> FileTarget

    /// Makes all of the changes or none: everything is staged and checked first, then put in place by renames, and a
    /// failure on the way puts everything back.
    ///
    /// A crash in the middle leaves each file old or new; several files are taken back together when the daemon starts
    /// again. The audit closes the call as `unknown`.
    ///
    /// In a preview nothing is changed, and what would change is noted (``CallEffects``).
    ///
    /// - Parameter changes: No two name the same file. A file may give way to a folder of its name, and a folder to a
    ///   file when the changes delete everything in it.
    /// - Throws: ``ToolFailure`` with the code `conflict` when a file is no longer the one of `base`; nothing was
    ///   changed then. Plain writes (`.anything`) do not conflict with one another: the last one wins.
    func commit(_ changes: [FileChange]) throws

    /// Throws what ``commit(_:)`` would refuse the changes for as things are now; for the plan of a dry run. Touches
    /// nothing.
    func check(_ changes: [FileChange]) throws

    /// Visits everything below `folder` in a stable order (names by bytes, a folder before what is in it), without
    /// following links and without what the policy hides.
    ///
    /// - Parameter visit: Answers what to do next; what it throws ends the walk and is thrown on.
    func walk(
        _ folder: WorkspacePath, limits: WalkLimits, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> WalkSummary
}

extension WorkspaceFiles {
    /// For twins in tests that never refuse a change.
    public func check(_ changes: [FileChange]) throws {}
}

/// Where a change lands.
public struct FileTarget: Sendable, Hashable {
    /// The real place, links resolved.
    public let path: WorkspacePath
    /// `nil` when the file would be new.
    public let facts: FileFacts?
    /// Folders on the way that do not exist yet, outermost first.
    public let missingFolders: [WorkspacePath]
    /// Whether policy lets the caller read what is there now. A plan shows no content of a file where it does not: a
    /// dry run needs no approval, so it must not answer what a read would have to ask for.
    public let isReadable: Bool

    public init(path: WorkspacePath, facts: FileFacts?, missingFolders: [WorkspacePath] = [], isReadable: Bool) {
        self.path = path
        self.facts = facts
        self.missingFolders = missingFolders
        self.isReadable = isReadable
    }
}

/// A part of a file, and what the whole is.
public struct FileSlice: Sendable, Hashable {
    public let bytes: [UInt8]
    public let facts: FileFacts
    /// Whether the file goes on behind `bytes`.
    public let isTruncated: Bool

    public init(bytes: [UInt8], facts: FileFacts, isTruncated: Bool) {
        self.bytes = bytes
        self.facts = facts
        self.isTruncated = isTruncated
    }
}

/// What a name stands for.
public struct FileFacts: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case file
        case folder
        case link
        /// FIFO, socket, device.
        case special
    }

    public let kind: Kind
    /// In bytes.
    public let size: Int
    /// Permission bits, `0o7777` at most.
    public let mode: UInt16
    /// Unix seconds.
    public let modifiedAt: Double
    /// Equal only for the same content generation of the same file: device, inode, size, change and modification time.
    public let identity: FileIdentity

    public init(kind: Kind, size: Int, mode: UInt16, modifiedAt: Double, identity: FileIdentity) {
        self.kind = kind
        self.size = size
        self.mode = mode
        self.modifiedAt = modifiedAt
        self.identity = identity
    }
}

/// Tells one generation of a file from the next.
public struct FileIdentity: Sendable, Hashable {
    public let device: UInt64
    public let inode: UInt64
    public let size: Int
    public let changedNanoseconds: Int
    public let modifiedNanoseconds: Int

    public init(device: UInt64, inode: UInt64, size: Int, changedNanoseconds: Int, modifiedNanoseconds: Int) {
        self.device = device
        self.inode = inode
        self.size = size
        self.changedNanoseconds = changedNanoseconds
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}

/// One file to be changed.
public struct FileChange: Sendable, Hashable {
    public enum Deed: Sendable, Hashable {
        /// The whole new content.
        case write([UInt8])
        case delete
    }

    public enum Mode: Sendable, Hashable {
        /// An existing file keeps its mode; a new one gets `0o644`.
        case keep
        /// Sets or clears the executable bits where the read bits are.
        case executable(Bool)
        /// Owner and mode of another file that the call may read, as it was before the change: a rename, a copy.
        case like(WorkspacePath, executable: Bool?)
    }

    /// What must still be there when the change is made.
    public enum Base: Sendable, Hashable {
        case anything
        case absent
        case exactly(FileIdentity)
    }

    public let path: WorkspacePath
    public let deed: Deed
    public let mode: Mode
    public let base: Base
    /// Whether missing folders on the way are made.
    public let createsParents: Bool

    public init(path: WorkspacePath, deed: Deed, mode: Mode = .keep, base: Base, createsParents: Bool = false) {
        self.path = path
        self.deed = deed
        self.mode = mode
        self.base = base
        self.createsParents = createsParents
    }
}

/// Where a walk stops at the latest.
public struct WalkLimits: Sendable, Hashable {
    public var entries: Int
    public var depth: Int
    public var deadline: ContinuousClock.Instant

    public init(entries: Int, depth: Int = 64, deadline: ContinuousClock.Instant) {
        self.entries = entries
        self.depth = depth
        self.deadline = deadline
    }
}

/// What a walk met.
public struct WalkEntry {
    public let path: WorkspacePath
    public let kind: FileFacts.Kind
    /// Looks at what was met, by the walk's own descriptor; `nil` when it vanished meanwhile. A link is not followed.
    public let facts: () throws -> FileFacts?
    /// Reads the file that was met, whole or at most `limit` bytes of it.
    public let read: (_ limit: Int) throws -> FileSlice

    public init(
        path: WorkspacePath, kind: FileFacts.Kind, facts: @escaping () throws -> FileFacts?,
        read: @escaping (_ limit: Int) throws -> FileSlice
    ) {
        self.path = path
        self.kind = kind
        self.facts = facts
        self.read = read
    }
}

public enum WalkDecision: Sendable {
    case goOn
    /// Leaves out what lies in this folder.
    case skipFolder
    case stop
}

/// What a walk left out, so that nobody takes a part for the whole.
public struct WalkSummary: Sendable, Hashable {
    public var visited: Int
    /// Files and folders that the policy hides.
    public var hidden: Int
    /// Names that are not UTF-8, folders that could not be opened.
    public var unreadable: Int
    /// Which limit cut it, `entries`, `depth` or `deadline`; `nil` when it left nothing out on its own account.
    public var stoppedBy: String?

    public init(visited: Int = 0, hidden: Int = 0, unreadable: Int = 0, stoppedBy: String? = nil) {
        self.visited = visited
        self.hidden = hidden
        self.unreadable = unreadable
        self.stoppedBy = stoppedBy
    }
}
