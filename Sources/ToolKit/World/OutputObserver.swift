/// Which of a program's two streams.
public enum CommandStream: String, Sendable, Hashable, CaseIterable {
    case stdout, stderr
}

/// Sees what the programs of one call write, while they run.
///
/// The promise of whoever conforms: it copies what it wants and returns at once, because it is called on the thread that
/// reads for all programs. What it cannot keep up with it leaves out; the offsets show where.
public protocol OutputObserver: Sendable {
    /// - Parameters:
    ///   - bytes: Only there during this call; not cut at the borders of characters.
    ///   - offset: How many bytes of this stream the call's programs had written before.
    func wrote(_ bytes: UnsafeRawBufferPointer, to stream: CommandStream, at offset: UInt64)
}

/// For calls that nobody can watch.
public struct NoObserver: OutputObserver {
    public init() {}

    public func wrote(_ bytes: UnsafeRawBufferPointer, to stream: CommandStream, at offset: UInt64) {}
}
