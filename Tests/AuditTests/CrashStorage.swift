internal import Audit
internal import Foundation
internal import Synchronization

/// The log's folder in memory, with what is durable kept apart from what is not: a crash drops unsynced bytes, in part
/// and by page, and any operation can be made to fail.
final class CrashStorage: LogStorage {
    enum Fault: Sendable, Hashable, CaseIterable {
        /// The operation fails and has no effect.
        case unpersisted
        /// The operation takes effect and is then reported as failed.
        case persisted
        /// A write takes only half of its bytes.
        case short
    }

    struct Content: Sendable {
        var current: [UInt8] = []
        var durable: [UInt8] = []
    }

    struct State: Sendable {
        var files: [Int: Content] = [:]
        var names: [String: Int] = [:]
        var nextID = 1
        var isDown = false
        /// Counted down by operations of the kinds below; the one that meets zero fails.
        var failsIn: Int?
        var fault = Fault.unpersisted
        var code = ENOSPC
        var failing: Set<LogStorageError.Operation> = []
        var operations: [LogStorageError.Operation] = []
        var writes = 0
        /// Told when so many writes have begun.
        var milestone: (writes: Int, resume: Once)?
        var free = 1 << 40
        /// Where every file ends at the latest.
        var capacity = Int.max
        var cutsNext = false
    }

    let state = Mutex(State())

    /// - Returns: Whether the operation goes on, and whether it is reported as failed afterwards.
    static func begin(_ operation: LogStorageError.Operation, _ state: inout State) throws(LogStorageError) -> Bool {
        if state.isDown { throw LogStorageError(operation, code: EIO) }
        state.operations.append(operation)
        if operation == .write {
            state.writes += 1
            if let milestone = state.milestone, state.writes >= milestone.writes { milestone.resume() }
        }
        guard let left = state.failsIn, state.failing.contains(operation) else { return false }
        guard left == 0 else {
            state.failsIn = left - 1
            return false
        }
        state.failsIn = nil
        switch state.fault {
        case .unpersisted: throw LogStorageError(operation, code: state.code)
        case .persisted: return true
        case .short:
            state.cutsNext = true
            return false
        }
    }

    func perform<Value>(
        _ operation: LogStorageError.Operation, _ body: (inout State) throws(LogStorageError) -> Value
    ) throws(LogStorageError) -> Value where Value: Sendable {
        let result: Result<Value, LogStorageError> = state.withLock { state in
            do throws(LogStorageError) {
                let fails = try Self.begin(operation, &state)
                let value = try body(&state)
                if fails { throw LogStorageError(operation, code: state.code) }
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    func names() throws(LogStorageError) -> [String] { try perform(.list) { Array($0.names.keys) } }

    func open(_ name: String) throws(LogStorageError) -> any LogFile {
        let id = try perform(.open) { state throws(LogStorageError) in
            guard let id = state.names[name] else { throw LogStorageError(.open, code: ENOENT) }
            return id
        }
        return CrashFile(id, self)
    }

    func create(_ name: String) throws(LogStorageError) -> any LogFile {
        let id = try perform(.create) { state throws(LogStorageError) in
            guard state.names[name] == nil else { throw LogStorageError(.create, code: EEXIST) }
            let id = state.nextID
            state.nextID += 1
            state.names[name] = id
            state.files[id] = Content()
            return id
        }
        return CrashFile(id, self)
    }

    func rename(_ name: String, to newName: String) throws(LogStorageError) {
        try perform(.rename) { state throws(LogStorageError) in
            guard let id = state.names.removeValue(forKey: name) else { throw LogStorageError(.rename, code: ENOENT) }
            state.names[newName] = id
        }
    }

    func remove(_ name: String) throws(LogStorageError) {
        try perform(.remove) { state in state.names[name] = nil }
    }

    func contents(_ name: String) throws(LogStorageError) -> [UInt8]? {
        try perform(.open) { state in state.names[name].flatMap { state.files[$0]?.current } }
    }

    func replace(_ name: String, with contents: [UInt8]) throws(LogStorageError) {
        try perform(.replace) { state in
            let id = state.nextID
            state.nextID += 1
            state.names[name] = id
            state.files[id] = Content(current: contents, durable: contents)
        }
    }

    func freeBytes() throws(LogStorageError) -> Int { state.withLock { $0.free } }

    // MARK: The test's side

    func fail(
        _ operations: Set<LogStorageError.Operation>, after count: Int = 0, _ fault: Fault = .unpersisted,
        code: Int32 = ENOSPC
    ) {
        state.withLock { state in
            state.failing = operations
            state.failsIn = count
            state.fault = fault
            state.code = code
        }
    }

    /// The machine stops: every later operation of whoever still runs fails.
    /// - Returns: The folder as the next start finds it.
    func crash(using random: inout some RandomNumberGenerator) -> CrashStorage {
        let next = CrashStorage()
        let before = state.withLock { state in
            state.isDown = true
            return state
        }
        var after = State()
        after.nextID = before.nextID
        after.names = before.names
        for (id, content) in before.files.sorted(by: { $0.key < $1.key }) {
            let kept = Self.survivor(content, &random)
            after.files[id] = Content(current: kept, durable: kept)
        }
        next.state.withLock { $0 = after }
        return next
    }

    /// What is on the disk of a file whose last bytes were not synced: any prefix of them, some pages of it lost.
    private static func survivor(_ content: Content, _ random: inout some RandomNumberGenerator) -> [UInt8] {
        let common = zip(content.current, content.durable).prefix { $0 == $1 }.count
        // A truncation that was not synced may be undone.
        if content.current.count < content.durable.count {
            return Bool.random(using: &random) ? content.current : content.durable
        }
        var kept = Array(content.current[..<Int.random(in: common...content.current.count, using: &random)])
        guard Bool.random(using: &random) else { return kept }
        let page = 512
        for start in stride(from: common / page * page, to: kept.count, by: page)
        where Int.random(in: 0..<3, using: &random) == 0 {
            for index in max(start, common)..<min(start + page, kept.count) { kept[index] = 0 }
        }
        return kept
    }

    /// Waits until that many writes have begun, or `task` has ended.
    func reached(writes: Int, orEndOf task: Task<Void, Never>) async {
        await withCheckedContinuation { continuation in
            let resume = Once { continuation.resume() }
            let isReached = state.withLock { state in
                state.milestone = (writes, resume)
                return state.writes >= writes
            }
            if isReached { resume() }
            Task {
                await task.value
                resume()
            }
        }
    }

    func bytes(_ name: String) -> [UInt8] {
        state.withLock { state in state.names[name].flatMap { state.files[$0]?.current } ?? [] }
    }

    func set(_ name: String, _ bytes: [UInt8]) {
        state.withLock { state in
            let id = state.nextID
            state.nextID += 1
            state.names[name] = id
            state.files[id] = Content(current: bytes, durable: bytes)
        }
    }

    func copy() -> CrashStorage {
        let copy = CrashStorage()
        let state = state.withLock { $0 }
        copy.state.withLock { new in
            new = state
            new.isDown = false
            new.operations = []
            new.milestone = nil
        }
        return copy
    }
}

final class CrashFile: LogFile {
    private let id: Int
    private let storage: CrashStorage

    init(_ id: Int, _ storage: CrashStorage) {
        self.id = id
        self.storage = storage
    }

    func size() throws(LogStorageError) -> Int {
        try storage.perform(.status) { $0.files[self.id]?.current.count ?? 0 }
    }

    func read(at offset: Int, count: Int) throws(LogStorageError) -> [UInt8] {
        try storage.perform(.read) { state in
            let bytes = state.files[self.id]?.current ?? []
            guard offset < bytes.count else { return [] }
            return Array(bytes[offset..<min(offset + count, bytes.count)])
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogStorageError) -> Int {
        let bytes = Array(bytes)
        return try storage.perform(.write) { state throws(LogStorageError) in
            var bytes = bytes[...]
            if state.cutsNext { bytes = bytes.prefix(bytes.count / 2) }
            state.cutsNext = false
            let room = state.capacity - offset
            if bytes.count > room { bytes = bytes.prefix(max(room, 0)) }
            var content = state.files[self.id] ?? CrashStorage.Content()
            if content.current.count < offset {
                content.current += Array(repeating: 0, count: offset - content.current.count)
            }
            content.current.replaceSubrange(offset..<min(offset + bytes.count, content.current.count), with: bytes)
            state.files[self.id] = content
            return bytes.count
        }
    }

    func sync() throws(LogStorageError) {
        try storage.perform(.sync) { state in
            let bytes = state.files[self.id]?.current ?? []
            state.files[self.id]?.durable = bytes
        }
    }

    func truncate(to size: Int) throws(LogStorageError) {
        try storage.perform(.truncate) { state in
            let bytes = state.files[self.id]?.current ?? []
            state.files[self.id]?.current = Array(bytes.prefix(size))
        }
    }

    func reserve(upTo size: Int) throws(LogStorageError) {
        try storage.perform(.reserve) { state throws(LogStorageError) in
            if size > state.capacity { throw LogStorageError(.reserve, code: ENOSPC) }
        }
    }

    func isIntact(as name: String, size: Int) -> Bool {
        storage.state.withLock { $0.names[name] == self.id && $0.files[self.id]?.current.count == size }
    }
}

/// Something that happens at most once, whoever asks for it first.
final class Once: Sendable {
    private let isDone = Atomic(false)
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    func callAsFunction() {
        if !isDone.exchange(true, ordering: .relaxed) { body() }
    }
}
