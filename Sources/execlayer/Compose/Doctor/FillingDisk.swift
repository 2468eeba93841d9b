internal import Audit
internal import Synchronization

/// A disk for an audit of doctor's own, which is full when it is told to be.
final class FillingDisk: LogStorage {
    private let disk: DiskLogStorage
    private let isFull = Atomic(false)

    init(_ disk: DiskLogStorage) { self.disk = disk }

    func fill() { isFull.store(true, ordering: .sequentiallyConsistent) }
    func empty() { isFull.store(false, ordering: .sequentiallyConsistent) }

    fileprivate func check(_ operation: LogStorageError.Operation) throws(LogStorageError) {
        // ENOSPC is 28 on every system this runs on.
        if isFull.load(ordering: .sequentiallyConsistent) { throw LogStorageError(operation, code: 28) }
    }

    func names() throws(LogStorageError) -> [String] { try disk.names() }
    func open(_ name: String) throws(LogStorageError) -> any LogFile { FillingFile(try disk.open(name), on: self) }

    func create(_ name: String) throws(LogStorageError) -> any LogFile {
        try check(.create)
        return FillingFile(try disk.create(name), on: self)
    }

    func rename(_ name: String, to newName: String) throws(LogStorageError) {
        try disk.rename(name, to: newName)
    }

    func remove(_ name: String) throws(LogStorageError) { try disk.remove(name) }
    func contents(_ name: String) throws(LogStorageError) -> [UInt8]? { try disk.contents(name) }

    func replace(_ name: String, with contents: [UInt8]) throws(LogStorageError) {
        try check(.replace)
        try disk.replace(name, with: contents)
    }

    func freeBytes() throws(LogStorageError) -> Int { try disk.freeBytes() }
}

private final class FillingFile: LogFile {
    private let file: any LogFile
    private let disk: FillingDisk

    init(_ file: any LogFile, on disk: FillingDisk) {
        self.file = file
        self.disk = disk
    }

    func size() throws(LogStorageError) -> Int { try file.size() }

    func read(at offset: Int, count: Int) throws(LogStorageError) -> [UInt8] {
        try file.read(at: offset, count: count)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogStorageError) -> Int {
        try disk.check(.write)
        return try file.write(bytes, at: offset)
    }

    func sync() throws(LogStorageError) {
        try disk.check(.sync)
        try file.sync()
    }

    func truncate(to size: Int) throws(LogStorageError) { try file.truncate(to: size) }

    func reserve(upTo size: Int) throws(LogStorageError) {
        try disk.check(.reserve)
        try file.reserve(upTo: size)
    }

    func isIntact(as name: String, size: Int) -> Bool { file.isIntact(as: name, size: size) }
}
