#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Why a file of the daemon's own cannot be used: one clause, without the folder it lies in.
package struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }

    init(_ deed: String, errno code: Int32) { reason = "\(deed): \(String(cString: strerror(code)))" }

    package var description: String { reason }
}

/// Tells one generation of a file from the next.
struct FileStamp: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Int64
    private let changed: Int64

    init(_ facts: stat) {
        device = UInt64(truncatingIfNeeded: facts.st_dev)
        inode = UInt64(truncatingIfNeeded: facts.st_ino)
        size = Int64(facts.st_size)
        #if canImport(Darwin)
            modified = Self.nanoseconds(facts.st_mtimespec)
            changed = Self.nanoseconds(facts.st_ctimespec)
        #else
            modified = Self.nanoseconds(facts.st_mtim)
            changed = Self.nanoseconds(facts.st_ctim)
        #endif
    }

    /// `nil` when nothing is there or it may not be looked at; a link is not followed.
    init?(path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        self.init(facts)
    }

    /// Whether a change made now would show. File systems keep times as coarsely as two seconds, so what changed just
    /// now can change again and look the same.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Self.nanoseconds(now) - changed > 2_500_000_000
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// A regular file of the daemon's own, read whole.
package struct SmallFile: Sendable {
    package let bytes: [UInt8]
    let stamp: FileStamp

    /// Blocks.
    ///
    /// - Parameter limit: In bytes; a larger file is a problem.
    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``FileProblem`` for a link, a folder, a FIFO and whatever else is not a regular file, too.
    package static func read(_ path: String, limit: Int) throws(FileProblem) -> SmallFile? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP, EMLINK: throw FileProblem("is a link; put the file itself there")
            case let code: throw FileProblem("cannot be opened", errno: code)
            }
        }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw FileProblem("cannot be looked at", errno: errno) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw FileProblem("is not a regular file") }
        let tooLarge = FileProblem("is larger than \(limit / 1_024) KiB")
        guard facts.st_size <= limit else { throw tooLarge }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Self.readOnce(descriptor, $0) }
            guard count >= 0 else { throw FileProblem("cannot be read", errno: errno) }
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else { throw tooLarge }
        }
        return SmallFile(bytes: bytes, stamp: FileStamp(facts))
    }

    private static func readOnce(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 || errno != EINTR { return count }
        }
    }
}
