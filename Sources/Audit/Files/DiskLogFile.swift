internal import CPlatform

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A file of the log on disk. Writes go to explicit offsets, so reads on other threads need no lock.
package final class DiskLogFile: LogFile {
    private let descriptor: Int32
    private let folder: DiskFolder

    init(_ descriptor: Int32, in folder: DiskFolder) {
        self.descriptor = descriptor
        self.folder = folder
    }

    deinit { close(descriptor) }

    package func size() throws(LogStorageError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw LogStorageError(.status, code: errno) }
        return Int(status.st_size)
    }

    package func read(at offset: Int, count: Int) throws(LogStorageError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = 0
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
                let result = pread(descriptor, rest.baseAddress, count - filled, off_t(offset + filled))
                if result < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                if result == 0 { return }
                filled += result
            }
        }
        guard failure == 0 else { throw LogStorageError(.read, code: failure) }
        return bytes
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogStorageError) -> Int {
        while true {
            let result = pwrite(descriptor, bytes.baseAddress, bytes.count, off_t(offset))
            if result >= 0 { return result }
            guard errno == EINTR else { throw LogStorageError(.write, code: errno) }
        }
    }

    package func sync() throws(LogStorageError) {
        let code = cp_log_sync(descriptor)
        guard code == 0 else { throw LogStorageError(.sync, code: code) }
    }

    package func truncate(to size: Int) throws(LogStorageError) {
        while ftruncate(descriptor, off_t(size)) != 0 {
            guard errno == EINTR else { throw LogStorageError(.truncate, code: errno) }
        }
    }

    package func reserve(upTo size: Int) throws(LogStorageError) {
        let current = try self.size()
        guard size > current else { return }
        let code = cp_log_reserve(descriptor, Int64(current), Int64(size - current))
        guard code == 0 else { throw LogStorageError(.reserve, code: code) }
    }

    package func isIntact(as name: String, size: Int) -> Bool {
        var named = stat()
        var opened = stat()
        guard fstatat(folder.descriptor, name, &named, AT_SYMLINK_NOFOLLOW) == 0, fstat(descriptor, &opened) == 0 else {
            return false
        }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev && Int(named.st_size) == size
    }
}

/// An open folder, closed with the last file that came from it.
final class DiskFolder: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
