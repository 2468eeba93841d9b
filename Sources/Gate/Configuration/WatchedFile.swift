internal import Synchronization

/// What a look at a watched file found.
package enum WatchEvent<Value: Sendable>: Sendable {
    /// Somebody edited the file; the new value is in force.
    case changed(before: Value, after: Value)
    /// Somebody edited the file and it cannot be used; the value before stays in force.
    case broken(String)
    /// The file is again the one in force.
    case mended
}

/// A file that people edit while the daemon runs: the last good value stays in force whatever happens to the file.
///
/// ``current`` and ``problem`` are cheap and may be asked from anywhere. Everything else touches the disk: it blocks,
/// takes its turn behind other such calls, and belongs on a thread that may block.
final class WatchedFile<Value: Sendable>: Sendable {
    /// Makes a value of the file's bytes; `nil` stands for no file.
    typealias Decode = @Sendable ([UInt8]?) throws(FileProblem) -> Value

    private struct Shown {
        var value: Shared
        var problem: String?
    }

    /// Every call asks for the value: what is done under the lock is one count, the value is copied without it.
    private final class Shared: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    /// Owned by whoever holds the turn.
    private struct Disk {
        /// Of the last content that was looked at; `nil` looks again.
        var stamp: FileStamp?
        var looked: [UInt8]?
        /// What the value in force was made of; `nil` for no file.
        var inForce: [UInt8]?
        var isMissing: Bool
        /// Found while writing; handed out by the next ``poll()``.
        var events: [WatchEvent<Value>] = []
    }

    private let path: String
    private let limit: Int
    private let decode: Decode
    private let shown: Mutex<Shown>
    private let turn: Mutex<Disk>

    /// Blocks.
    ///
    /// - Parameter limit: Of the file's size, in bytes.
    /// - Throws: ``FileProblem`` when the file is there and cannot be used: a reason not to start.
    init(path: String, limit: Int, decode: @escaping Decode) throws(FileProblem) {
        self.path = path
        self.limit = limit
        self.decode = decode
        let file = try SmallFile.read(path, limit: limit)
        shown = Mutex(Shown(value: Shared(try decode(file?.bytes)), problem: nil))
        turn = Mutex(
            Disk(stamp: file?.stamp, looked: file?.bytes, inForce: file?.bytes, isMissing: file == nil))
    }

    var current: Value { shown.withLock { $0.value }.value }

    /// Why the file on disk is not what is in force; `nil` when it is.
    var problem: String? { shown.withLock { $0.problem } }

    /// Looks whether somebody edited the file, and takes over what can be used. Blocks.
    func poll() -> [WatchEvent<Value>] {
        turn.withLock { disk in
            look(&disk)
            defer { disk.events = [] }
            return disk.events
        }
    }

    /// A value to be written in place of the one in force.
    struct Draft<Result> {
        let value: Value
        let bytes: [UInt8]
        let result: Result
    }

    /// Writes what `change` makes of the value that is on disk at this moment. Blocks; changes never overlap.
    ///
    /// - Throws: What `change` throws; ``Obstacle`` when the file holds a hand edit that would be lost;
    ///   ``FileProblem`` when it cannot be written. The value in force is the one before then.
    func rewrite<Result>(_ change: (Value) throws -> Draft<Result>) throws -> Result {
        try turn.withLock { disk in
            look(&disk)
            if let problem, !disk.isMissing { throw Obstacle.broken(problem) }
            let draft = try change(current)
            if draft.bytes == disk.inForce, !disk.isMissing { return draft.result }
            do {
                try AtomicFile(path).write(draft.bytes, over: .content(disk.isMissing ? nil : disk.looked))
            } catch {
                // Whatever is there now, the next look reads it.
                disk.stamp = nil
                throw error is AtomicFile.Conflict ? Obstacle.editedMeanwhile : error
            }
            disk.stamp = FileStamp(path: path)
            disk.looked = draft.bytes
            disk.inForce = draft.bytes
            disk.isMissing = false
            shown.withLock { $0 = Shown(value: Shared(draft.value), problem: nil) }
            return draft.result
        }
    }

    enum Obstacle: Error {
        case broken(String)
        case editedMeanwhile
    }

    private func look(_ disk: inout Disk) {
        if let stamp = disk.stamp, stamp.isSettled, stamp == FileStamp(path: path) { return }
        let file: SmallFile
        do throws(FileProblem) {
            guard let found = try SmallFile.read(path, limit: limit) else { return vanished(&disk) }
            file = found
        } catch {
            disk.isMissing = false
            disk.stamp = nil
            disk.looked = nil
            return report(error.reason, &disk)
        }
        disk.isMissing = false
        disk.stamp = file.stamp
        guard file.bytes != disk.looked else { return }
        disk.looked = file.bytes
        do throws(FileProblem) {
            adopt(try decode(file.bytes), from: file.bytes, &disk)
        } catch {
            report(error.reason, &disk)
        }
    }

    private func adopt(_ after: Value, from bytes: [UInt8], _ disk: inout Disk) {
        let before = shown.withLock { shown in
            defer { shown = Shown(value: Shared(after), problem: nil) }
            return shown
        }
        if bytes != disk.inForce {
            disk.events.append(.changed(before: before.value.value, after: after))
        } else if before.problem != nil {
            disk.events.append(.mended)
        }
        disk.inForce = bytes
    }

    /// A file that vanished is no wish for the defaults: they could be weaker, and many editors save by removing.
    private func vanished(_ disk: inout Disk) {
        disk.isMissing = true
        disk.stamp = nil
        disk.looked = nil
        if disk.inForce != nil { report("was removed; what it held stays in force", &disk) }
    }

    private func report(_ problem: String, _ disk: inout Disk) {
        let isNews = shown.withLock { shown in
            defer { shown.problem = problem }
            return shown.problem != problem
        }
        if isNews { disk.events.append(.broken(problem)) }
    }
}
