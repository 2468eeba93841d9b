/// What files and links of effects hold and held, by hash: what a preview would write, what an undo puts back.
///
/// All of it blocks. What was kept is whole when it is found: a crash leaves no half content under a hash.
public protocol EffectContents: Sendable {
    /// Keeps a content that is in memory.
    ///
    /// - Returns: The hash that it is found by, 64 lower-case hexadecimal digits.
    /// - Throws: ``ToolFailure`` when there is no room for it, or it cannot be written.
    func keep(_ bytes: [UInt8]) throws -> String

    /// Keeps what an open file holds, from its beginning to its end; the file's offset is not used.
    ///
    /// - Returns: Its hash and how many bytes were read.
    /// - Throws: Likewise.
    func keep(file descriptor: Int32) throws -> (sha256: String, size: Int)

    func holds(_ sha256: String) -> Bool

    /// Bytes of it from the beginning, at most `limit`; `nil`: it is not there (any more).
    func read(_ sha256: String, limit: Int) throws -> [UInt8]?

    /// Writes it to an open file, from its present offset.
    ///
    /// - Returns: Whether it was there, and is what its hash says.
    func write(_ sha256: String, to descriptor: Int32) throws -> Bool

    /// Makes these survive a loss of power, as far as they are there.
    func sync(_ hashes: Set<String>) throws
}

/// Codes of failures of ``EffectContents`` that say nothing of what is to be kept but that there is too much of it.
public enum TooMuchToKeep {
    /// All of it together.
    public static let full = "undo_store_full"
    /// One file.
    public static let tooLarge = "content_too_large"
    public static let codes: Set<String> = [full, tooLarge]
}

/// Puts effects onto the workspace.
public protocol EffectApplying: Sendable {
    /// All of it or nothing, whatever happens in between: a crash in the middle is finished or rolled back at the next
    /// start. Each file only where its base is unchanged, and nobody's edit is lost. Blocks.
    ///
    /// What the changed files held before is in ``EffectContents`` when this returns, as far as `keepsBefore` asks.
    ///
    /// - Parameters:
    ///   - effect: Its ``FileEffect/after`` contents are kept; its ``FileEffect/before`` states are the base.
    ///   - id: Of the call that applies, for the journal: 1 to 64 letters, digits and `_`.
    ///   - keepsBefore: Whether an undo shall be possible.
    /// - Throws: ``EffectConflict`` naming what is not the base any more; ``ToolFailure``. Nothing was changed then.
    func apply(_ effect: Effect, id: String, keepsBefore: Bool) throws

    /// What ``apply(_:id:keepsBefore:)`` would conflict with now; empty: nothing. Touches nothing. Blocks.
    func conflicts(_ effect: Effect) throws -> [EffectPath]
}

/// The workspace is not what an effect was made for.
public struct EffectConflict: Error, Sendable, Hashable {
    /// By path, at least one.
    public let paths: [EffectPath]

    public init(paths: [EffectPath]) { self.paths = paths.sorted() }
}
