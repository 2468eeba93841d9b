internal import Synchronization
internal import ToolKit

/// The conversation with one browser: commands with their answers, and events in the order in which they came.
///
/// Nothing in it can grow without end: a browser that says more than is read, or does not read what it is told, is ended.
final class BrowserConnection: Sendable {
    typealias Listener = @Sendable (BrowserEvent) -> Void

    /// Why a command has no answer.
    enum Failure: Error, Sendable, Hashable {
        /// The browser is gone: it crashed, was ended, or said what nobody understands.
        case gone
        case timedOut
    }

    private struct State {
        var splitter = MessageSplitter()
        var nextID = 1
        var waiting: [Int: CheckedContinuation<JSONValue, any Error>] = [:]
        var queuedBytes = 0
        var isGone = false
        var listener: Listener?
    }

    /// Bytes of messages that were not looked at yet.
    private static let queueLimit = 96 << 20

    private let pipe: any BrowserPipe
    private let state = Mutex(State())
    private let messages: AsyncStream<[UInt8]>.Continuation
    private let stream: AsyncStream<[UInt8]>

    init(_ pipe: any BrowserPipe) {
        self.pipe = pipe
        (stream, messages) = AsyncStream.makeStream()
    }

    /// Reads until the browser is gone. Has to run for as long as the connection is used.
    func run() async {
        for await bytes in stream {
            state.withLock { $0.queuedBytes -= bytes.count }
            guard let message = BrowserMessage(bytes) else {
                close()
                continue
            }
            switch message {
            case .answer(let id, let result):
                let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
                waiting?.resume(with: result.mapError { $0 as any Error })
            case .event(let event):
                state.withLock { $0.listener }?(event)
            }
        }
    }

    var isGone: Bool { state.withLock { $0.isGone } }

    /// Whoever is told of events; called by the one task that reads, so it must hand over and return.
    func listen(_ listener: Listener?) { state.withLock { $0.listener = listener } }

    /// What the browser wrote. Called on a thread that must not wait.
    func took(_ bytes: UnsafeRawBufferPointer) {
        let isFine = state.withLock { state in
            guard !state.isGone, let complete = try? state.splitter.take(bytes) else { return false }
            for message in complete {
                state.queuedBytes += message.count
                messages.yield(message)
            }
            return state.queuedBytes <= Self.queueLimit
        }
        if !isFine { close() }
    }

    /// Does something and answers what came of it.
    ///
    /// - Throws: ``CommandRefused``, ``Failure``, `CancellationError`.
    @discardableResult
    func call(
        _ method: String, _ fields: [String: JSONValue] = [:], in session: String? = nil,
        until deadline: ContinuousClock.Instant
    ) async throws -> JSONValue {
        try Task.checkCancellation()
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        // The only one who waits for it: whoever comes first of the answer, the time and the cancellation.
        let timer = Task { [weak self] in
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
            self?.fail(id, Failure.timedOut)
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isGone = state.withLock { state in
                    if !state.isGone { state.waiting[id] = continuation }
                    return state.isGone
                }
                if isGone { return continuation.resume(throwing: Failure.gone) }
                // What came before there was anybody to tell.
                if Task.isCancelled { return fail(id, CancellationError()) }
                if deadline <= .now { return fail(id, Failure.timedOut) }
                send(id, method, fields, session)
            }
        } onCancel: {
            fail(id, CancellationError())
        }
    }

    /// Does something whose answer nobody waits for. Commands are done in the order in which they were given.
    func post(_ method: String, _ fields: [String: JSONValue] = [:], in session: String? = nil) {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        send(id, method, fields, session)
    }

    private func send(_ id: Int, _ method: String, _ fields: [String: JSONValue], _ session: String?) {
        var message: [String: JSONValue] = [
            "id": .integer(id), "method": .string(method), "params": .object(fields),
        ]
        if let session { message["sessionId"] = .string(session) }
        if !pipe.send(JSONWriter.write(.object(message)) + [0]) { close() }
    }

    private func fail(_ id: Int, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: error)
    }

    /// Ends the browser; whoever waits is told. May be called twice.
    func close() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        messages.finish()
        pipe.end()
        for continuation in waiting.values { continuation.resume(throwing: Failure.gone) }
    }
}
