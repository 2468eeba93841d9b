/// The folder that holds the log, as far as the audit needs it. Two conformers: the disk, and a twin in the tests that
/// loses at a crash what was not synced.
///
/// The promise: what `LogFile.sync` returned for survives any crash; so do ``rename(_:to:)`` and ``replace(_:with:)``
/// once they return. Everything else may be lost, in part and in any order.
package protocol LogStorage: Sendable {
    /// The names in the folder, in no order.
    func names() throws(LogStorageError) -> [String]
    /// - Throws: `ENOENT` when it is not there.
    func open(_ name: String) throws(LogStorageError) -> any LogFile
    /// A new, empty file, durable as such.
    /// - Throws: `EEXIST` when the name is taken.
    func create(_ name: String) throws(LogStorageError) -> any LogFile
    func rename(_ name: String, to newName: String) throws(LogStorageError)
    func remove(_ name: String) throws(LogStorageError)
    /// The whole of a small file; `nil` when it is not there.
    func contents(_ name: String) throws(LogStorageError) -> [UInt8]?
    /// Replaces a small file as a whole: afterwards, also after a crash, it is the old one or the new one.
    func replace(_ name: String, with contents: [UInt8]) throws(LogStorageError)
    /// Bytes that could still be written here.
    func freeBytes() throws(LogStorageError) -> Int
}

/// An open file of the log.
package protocol LogFile: AnyObject, Sendable {
    func size() throws(LogStorageError) -> Int
    /// - Returns: Less than `count` bytes only at the end of the file.
    func read(at offset: Int, count: Int) throws(LogStorageError) -> [UInt8]
    /// - Returns: How many bytes were taken; fewer than given when the disk is full.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogStorageError) -> Int
    /// Everything written is durable afterwards.
    func sync() throws(LogStorageError)
    func truncate(to size: Int) throws(LogStorageError)
    /// Keeps disk space for the file up to `size` without growing it.
    /// - Throws: `ENOSPC` when there is none, ``LogStorageError/isUnsupported`` where that cannot be asked for.
    func reserve(upTo size: Int) throws(LogStorageError)
    /// Whether `name` still is this file, and `size` bytes long: nobody else wrote to it, moved or removed it.
    func isIntact(as name: String, size: Int) -> Bool
}

/// An operation on the log's files that failed.
package struct LogStorageError: Error, Sendable, Hashable {
    package enum Operation: String, Sendable {
        case list, open, create, rename, remove, read, write, sync, truncate, reserve, replace, status
    }

    package let operation: Operation
    /// `errno`; 0 when the system gave none, as for a short write.
    package let code: Int32

    package init(_ operation: Operation, code: Int32) {
        self.operation = operation
        self.code = code
    }
}
