internal import Dispatch
internal import Foundation
internal import Synchronization

/// Brings the index after the log, on a thread of its own, so that nobody who records waits for it. Also stores the
/// head file, which likewise may come a little later than the lines.
///
/// When it falls behind, the writer lets it catch up for a moment, so that a restart after a crash has little to make up
/// for. When that does not help, what waits in memory is forgotten, and those lines are read from the log.
final class Indexer: Sendable {
    private struct State {
        var lines: [IndexedLine] = []
        var tiles: [Tile] = []
        /// Of the last durable line.
        var offered: IndexPosition?
        /// `seq` of the last line in the index.
        var indexed = 0
        /// Whether lines before ``lines`` have to be read from the log.
        var hasGap = false
        var head: LogHead?
        var isUrgent = false
        var isClosed = false
        /// Whether the writer waits for room.
        var isWriterWaiting = false
        /// Whether the last attempt failed: then nobody waits.
        var isFailing = false
        var waiting: [Waiting] = []
    }

    private struct Waiting {
        let seq: Int
        let answer: CheckedContinuation<Result<Void, AuditReadError>, Never>
    }

    /// How long lines gather before they are indexed while nobody asks.
    private static let gathering = DispatchTimeInterval.milliseconds(100)
    /// Lines that are not left to gather any longer.
    private static let enough = 1_024

    private let index: any AuditIndex
    private let files: LogFiles
    private let memory: (any AuditMemory)?
    private let configuration: AuditLogConfiguration
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)

    /// How long the writer waits for room at most.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    /// - Parameter indexed: What the index holds already.
    init(
        _ index: any AuditIndex, files: LogFiles, indexed: Int, memory: (any AuditMemory)?,
        configuration: AuditLogConfiguration
    ) {
        self.index = index
        self.files = files
        self.memory = memory
        self.configuration = configuration
        var state = State()
        state.indexed = indexed
        self.state = Mutex(state)
    }

    /// Durable lines, in order; called by the writer only.
    func offer(_ committed: BatchWriter.Committed) {
        waitForRoom(committed.lines.count)
        let wakes = state.withLock { state in
            let before = state.lines.count
            let wasIdle = before == 0 && state.head == nil
            state.offered = committed.position
            if let head = committed.head { state.head = head }
            if before + committed.lines.count > configuration.indexBacklog {
                state.lines.removeAll()
                state.tiles.removeAll()
                state.hasGap = true
                return true
            }
            state.lines += committed.lines
            state.tiles += committed.tiles
            // Those who were answered may ask for their lines before they are offered here.
            if !state.waiting.isEmpty {
                state.isUrgent = true
                return true
            }
            return wasIdle || (before < Self.enough && state.lines.count >= Self.enough)
        }
        if wakes { wake.signal() }
    }

    private func waitForRoom(_ count: Int) {
        let waits = state.withLock { state in
            let isFull = !state.lines.isEmpty && state.lines.count + count > configuration.indexBacklog
            state.isWriterWaiting = isFull && !state.isFailing && !state.isClosed
            if state.isWriterWaiting { state.isUrgent = true }
            return state.isWriterWaiting
        }
        guard waits else { return }
        wake.signal()
        _ = room.wait(timeout: .now() + Self.patience)
        state.withLock { $0.isWriterWaiting = false }
    }

    /// Waits until the index holds line `seq`, which is durable.
    func caughtUp(to seq: Int) async throws(AuditReadError) {
        let result = await withCheckedContinuation { continuation in
            enum Fate { case ready, closed, waits }
            let fate = state.withLock { state -> Fate in
                if state.indexed >= seq { return .ready }
                if state.isClosed { return .closed }
                state.waiting.append(Waiting(seq: seq, answer: continuation))
                state.isUrgent = true
                return .waits
            }
            switch fate {
            case .ready: continuation.resume(returning: Result<Void, AuditReadError>.success(()))
            case .closed: continuation.resume(returning: .failure(AuditReadError("the audit is closed")))
            case .waits: wake.signal()
            }
        }
        try result.get()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        wake.signal()
    }

    func start(ended: @escaping @Sendable () -> Void) {
        let thread = Thread { [self] in
            Thread.current.name = "audit-indexer"
            var isClosed = false
            while !isClosed {
                wake.wait()
                if !state.withLock({ $0.isUrgent || $0.isClosed }) { _ = wake.wait(timeout: .now() + Self.gathering) }
                isClosed = state.withLock { $0.isClosed }
                drain()
            }
            answerWaiting(with: .failure(AuditReadError("the audit is closed")), through: .max)
            ended()
        }
        thread.start()
    }

    private func drain() {
        let work = state.withLock { state in
            let work = state
            state.lines = []
            state.tiles = []
            state.head = nil
            state.hasGap = false
            state.isUrgent = false
            state.isWriterWaiting = false
            return work
        }
        if work.isWriterWaiting { room.signal() }
        if let head = work.head { store(head) }
        guard let position = work.offered, position.seq > work.indexed else {
            return answerWaiting(with: .success(()), through: work.indexed)
        }
        do {
            if work.hasGap {
                _ = try IndexCatchUp(index: index, files: files).run(through: position.seq)
            } else {
                do {
                    try index.add(work.lines, tiles: work.tiles, position: position)
                } catch is IndexGap {
                    _ = try IndexCatchUp(index: index, files: files).run(through: position.seq)
                }
            }
            state.withLock { state in
                state.indexed = position.seq
                state.isFailing = false
            }
            configuration.onLines(work.lines)
            answerWaiting(with: .success(()), through: position.seq)
        } catch {
            configuration.onFault("the audit index cannot be written: \(error)")
            // What was taken out is read from the log at the next attempt.
            state.withLock { state in
                state.hasGap = true
                state.isFailing = true
            }
            answerWaiting(with: .failure(AuditReadError("the audit index cannot be written")), through: .max)
        }
    }

    private func store(_ head: LogHead) {
        do {
            try files.storage.replace(LogNames.head, with: head.encoded(signer: configuration.signer))
        } catch {
            configuration.onFault("the audit's head file cannot be written: \(error)")
            state.withLock { state in if state.head == nil { state.head = head } }
        }
        remember(head.chain)
    }

    /// Lines of a checkpoint are durable by now, so what is remembered is never ahead of the log.
    private func remember(_ chain: ChainState) {
        guard let memory else { return }
        let end = LinePlace(file: chain.file, offset: chain.bytes)
        do {
            try memory.remember(
                RememberedHead(
                    position: IndexPosition(seq: chain.seq, hash: chain.hash, end: end), at: configuration.now()))
        } catch {
            configuration.onFault("the audit's head cannot be remembered in the state database: \(error)")
        }
    }

    private func answerWaiting(with result: Result<Void, AuditReadError>, through seq: Int) {
        let ready = state.withLock { state in
            let ready = state.waiting.filter { $0.seq <= seq }
            state.waiting.removeAll { $0.seq <= seq }
            return ready
        }
        for waiting in ready { waiting.answer.resume(returning: result) }
    }
}
