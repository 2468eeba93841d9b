internal import CPlatform

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Replaces a file of the daemon's own so that a crash at any instant leaves the old one or the new one, whole
/// (SECURITY R68).
package struct AtomicFile {
    /// In this order; each is announced before it happens.
    package enum Step: Sendable, CaseIterable {
        case create, write, sync, rename, syncFolder
    }

    private let path: String
    private let folder: String
    private let draft: String

    /// - Parameter path: The folder it lies in is made when it is missing, one level, for the daemon's user only.
    package init(_ path: String) {
        self.path = path
        let slash = path.lastIndex(of: "/")
        folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        // One fixed name: one daemon holds the home folder, and what a crash left behind is removed by the next write.
        draft = "\(folder)/.\(name).new"
    }

    /// What has to be in the file's place for a write to be right.
    package enum Expectation: Sendable, Hashable {
        case anything
        /// `nil`: no file at all.
        case content([UInt8]?)
    }

    /// Something else than expected was in the file's place; it still is, and nothing was written.
    package struct Conflict: Error, Sendable, Hashable {}

    /// Blocks until the new content and its name are on disk. The file gets the mode `0600`.
    ///
    /// - Parameters:
    ///   - expected: Told by what really came out when the two changed places, so that nobody can come between the look
    ///     and the change. A file system that cannot let two names change places is looked at right before.
    ///   - announce: Called before each step; what it throws ends the write and is thrown on.
    /// - Throws: ``Conflict``, ``FileProblem``; the old file is untouched unless only the last step failed. A link in the file's
    ///   place is refused, never followed and never replaced.
    package func write(
        _ bytes: [UInt8], over expected: Expectation = .anything, announce: (Step) throws -> Void = { _ in }
    ) throws {
        try refuseLink()
        try announce(.create)
        mkdir(folder, 0o700)
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileProblem("cannot be created", errno: errno) }
        var isPlaced = false
        defer {
            close(descriptor)
            if !isPlaced { unlink(draft) }
        }
        // The process's mask may have taken more than it should.
        guard fchmod(descriptor, 0o600) == 0 else { throw FileProblem("cannot be protected", errno: errno) }
        try announce(.write)
        try Self.writeAll(bytes, to: descriptor)
        try announce(.sync)
        guard fsync(descriptor) == 0 else { throw FileProblem("cannot be synced", errno: errno) }
        try announce(.rename)
        try refuseLink()
        switch expected {
        case .anything: try replace()
        case .content(nil): try placeAnew()
        case .content(let old?): try exchange(bytes, for: old)
        }
        isPlaced = true
        try announce(.syncFolder)
        try syncFolder()
    }

    private func replace() throws(FileProblem) {
        guard rename(draft, path) == 0 else { throw FileProblem("cannot be put in place", errno: errno) }
    }

    /// Where no file was, there must be none still.
    private func placeAnew() throws {
        let code = cp_rename_new_in(AT_FDCWD, draft, path)
        guard code != -EEXIST else { throw Conflict() }
        guard code == 0 else { throw FileProblem("cannot be put in place", errno: -code) }
    }

    /// How often a conflict is put back while somebody goes on editing.
    private static let patience = 16

    /// Lets draft and file change places, and back when what came out is not what was expected. Whoever edits meanwhile
    /// is the last to be in the file's place.
    private func exchange(_ new: [UInt8], for old: [UInt8]) throws {
        let code = cp_exchange_in(AT_FDCWD, draft, path)
        if code == -EINVAL || code == -ENOSYS {
            guard try SmallFile.read(path, limit: .max)?.bytes == old else { throw Conflict() }
            return try replace()
        }
        guard code != -ENOENT else { throw Conflict() }
        guard code == 0 else { throw FileProblem("cannot be put in place", errno: -code) }
        var inPlace = new
        // Something that is no readable file is an edit, too.
        var cameOut = try? SmallFile.read(draft, limit: .max)?.bytes
        if cameOut == old {
            unlink(draft)
            return
        }
        for _ in 0..<Self.patience {
            guard cp_exchange_in(AT_FDCWD, draft, path) == 0 else { break }
            let next = try? SmallFile.read(draft, limit: .max)?.bytes
            if next == inPlace { break }
            inPlace = cameOut ?? []
            cameOut = next
        }
        throw Conflict()
    }

    private func refuseLink() throws(FileProblem) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw FileProblem("is not a regular file; put the file itself there, not a link")
        }
    }

    private func syncFolder() throws(FileProblem) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileProblem("its folder cannot be opened", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileProblem("its folder cannot be synced", errno: errno) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(FileProblem) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { writeOnce(descriptor, $0) }
            if count > 0 {
                written += count
            } else if count == 0 || errno != EINTR {
                throw FileProblem("cannot be written", errno: count == 0 ? EIO : errno)
            }
        }
    }

    private static func writeOnce(_ descriptor: Int32, _ buffer: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}
