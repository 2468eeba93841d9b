#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The log's folder on disk. Files are 0600 and opened relative to the folder, never through a link.
package struct DiskLogStorage: LogStorage {
    private let folder: DiskFolder

    /// - Parameter path: An existing folder.
    package init(folder path: String) throws(LogStorageError) {
        let descriptor = openRetrying { openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw LogStorageError(.open, code: errno) }
        folder = DiskFolder(descriptor)
    }

    package func names() throws(LogStorageError) -> [String] {
        let copy = openRetrying { openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard copy >= 0 else { throw LogStorageError(.list, code: errno) }
        guard let stream = fdopendir(copy) else {
            let code = errno
            close(copy)
            throw LogStorageError(.list, code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package func open(_ name: String) throws(LogStorageError) -> any LogFile {
        try open(name, flags: O_RDWR, as: .open)
    }

    package func create(_ name: String) throws(LogStorageError) -> any LogFile {
        let file = try open(name, flags: O_RDWR | O_CREAT | O_EXCL, as: .create)
        try syncFolder(as: .create)
        return file
    }

    private func open(_ name: String, flags: Int32, as operation: LogStorageError.Operation) throws(LogStorageError)
        -> DiskLogFile
    {
        let descriptor = openRetrying { openat(folder.descriptor, name, flags | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard descriptor >= 0 else { throw LogStorageError(operation, code: errno) }
        return DiskLogFile(descriptor, in: folder)
    }

    package func rename(_ name: String, to newName: String) throws(LogStorageError) {
        guard renameat(folder.descriptor, name, folder.descriptor, newName) == 0 else {
            throw LogStorageError(.rename, code: errno)
        }
        try syncFolder(as: .rename)
    }

    package func remove(_ name: String) throws(LogStorageError) {
        guard unlinkat(folder.descriptor, name, 0) == 0 else { throw LogStorageError(.remove, code: errno) }
        try syncFolder(as: .remove)
    }

    package func contents(_ name: String) throws(LogStorageError) -> [UInt8]? {
        do {
            let file = try open(name, flags: O_RDONLY, as: .open)
            return try file.read(at: 0, count: file.size())
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    package func replace(_ name: String, with contents: [UInt8]) throws(LogStorageError) {
        let draft = name + ".new"
        let file = try open(draft, flags: O_RDWR | O_CREAT | O_TRUNC, as: .replace)
        let written = contents.withUnsafeBytes { bytes in
            Result { () throws(LogStorageError) in try file.write(bytes, at: 0) }
        }
        guard try written.get() == contents.count else { throw LogStorageError(.replace, code: ENOSPC) }
        try file.sync()
        try rename(draft, to: name)
    }

    package func freeBytes() throws(LogStorageError) -> Int {
        var status = statvfs()
        guard fstatvfs(folder.descriptor, &status) == 0 else { throw LogStorageError(.status, code: errno) }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    /// A new name is durable only when its folder is.
    private func syncFolder(as operation: LogStorageError.Operation) throws(LogStorageError) {
        while fsync(folder.descriptor) != 0 {
            guard errno == EINTR else { throw LogStorageError(operation, code: errno) }
        }
    }
}

private func openRetrying(_ attempt: () -> Int32) -> Int32 {
    while true {
        let descriptor = attempt()
        if descriptor >= 0 || errno != EINTR { return descriptor }
    }
}
