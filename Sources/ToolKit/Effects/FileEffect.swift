/// What one name of a file or link was and becomes.
public struct FileEffect: Sendable, Hashable {
    /// The contract's `change`.
    public enum Change: String, Sendable, Hashable {
        case added
        case modified
        case deleted
        /// The permission bits alone.
        case mode
        /// A link that is new or leads elsewhere.
        case symlink
    }

    public let path: EffectPath
    /// `nil`: there was no file or link of that name.
    public let before: FileState?
    /// `nil`: there is none any more.
    public let after: FileState?

    public init(_ path: EffectPath, before: FileState?, after: FileState?) {
        self.path = path
        self.before = before
        self.after = after
    }

    public var change: Change {
        guard let after else { return .deleted }
        if after.kind == .link { return .symlink }
        guard let before else { return .added }
        return before.kind == after.kind && before.sha256 == after.sha256 ? .mode : .modified
    }

    public var inverse: FileEffect { FileEffect(path, before: after, after: before) }
}

/// What a file or link holds.
public struct FileState: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        case file
        /// Its content is where it leads.
        case link
    }

    public let kind: Kind
    /// Bytes of the content.
    public let size: Int
    /// Of the content; 64 lower-case hexadecimal digits.
    public let sha256: String
    /// Permission bits, `0o7777` at most; `0o777` for a link.
    public let mode: UInt16

    public init(_ kind: Kind, size: Int, sha256: String, mode: UInt16) {
        self.kind = kind
        self.size = size
        self.sha256 = sha256
        self.mode = kind == .link ? 0o777 : mode
    }

    /// Octal, four digits, as the contract shows it.
    public var modeText: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// A folder that is made, goes, or gets other permissions. Answers list files and links only; a folder is applied and
/// undone with them.
public struct FolderEffect: Sendable, Hashable {
    public let path: EffectPath
    /// Permission bits; `nil`: there was no folder of that name.
    public let before: UInt16?
    /// Likewise afterwards.
    public let after: UInt16?

    public init(_ path: EffectPath, before: UInt16?, after: UInt16?) {
        self.path = path
        self.before = before
        self.after = after
    }

    public var inverse: FolderEffect { FolderEffect(path, before: after, after: before) }
}
