internal import Engine
internal import Gate
internal import Synchronization
internal import ToolKit

/// Takes runs to where a test wants them, and remembers what began. It outlives the daemon of a test, as the world does.
final class FakeWorker: RunWorking, RunInterrupting {
    struct Ending: Sendable {
        var state: RunState
        var result: JSONValue?

        static let done = Ending(state: .done, result: ["success": true, "status": "ok", "result": ["stdout": "fine"]])

        static func done(_ result: JSONValue) -> Ending {
            Ending(state: .done, result: ["success": true, "status": "ok", "result": result])
        }

        static func failed(_ code: String = "broken", _ error: String = "it broke") -> Ending {
            Ending(
                state: .failed,
                result: ["success": false, "status": "error", "code": .string(code), "error": .string(error)])
        }

        static func refused(_ code: String, _ error: String = "no", retryAfter: Int? = nil) -> Ending {
            Ending(
                state: .refused,
                result: [
                    "success": false, "code": .string(code), "error": .string(error),
                    "retry_after_ms": JSONValue(retryAfter),
                ])
        }

        static let waiting = Ending(state: .waiting, result: nil)
        static let indeterminate = Ending(
            state: .indeterminate, result: ["success": false, "code": "indeterminate", "error": "nobody knows"])
    }

    typealias Script = @Sendable (_ run: Run, _ number: Int) async -> Ending

    private struct State {
        var runs: [String: Run] = [:]
        /// `step:tool` of every beginning, in order.
        var begun: [String] = []
        var calls: [ToolCall] = []
        var script: Script = { _, _ in .done }
        var observer: (@Sendable (Run) async -> Void)?
        var cancelled: [String] = []
        var isClosed = false
    }

    private let kept: InMemoryState
    private let state = Mutex(State())

    init(_ kept: InMemoryState) { self.kept = kept }

    func script(_ script: @escaping Script) { state.withLock { $0.script = script } }

    /// The same ends one after the other; the last one from then on.
    func script(_ endings: Ending...) {
        let place = Mutex(0)
        script { _, _ in
            place.withLock { place in
                defer { place += 1 }
                return endings[min(place, endings.count - 1)]
            }
        }
    }

    var begun: [String] { state.withLock { $0.begun } }
    var calls: [ToolCall] { state.withLock { $0.calls } }
    var cancelled: [String] { state.withLock { $0.cancelled } }

    /// Whether it puts everything back in the queue.
    func close(_ isClosed: Bool) { state.withLock { $0.isClosed = isClosed } }

    func run(_ id: String) async throws -> Run? {
        if let run = state.withLock({ $0.runs[id] }) { return run }
        return try await kept.run(id)
    }

    func work(on id: String) async throws -> Run? {
        guard var run = try await run(id), run.state == .queued else { return try await run(id) }
        let (script, number) = state.withLock { state -> (Script?, Int) in
            guard !state.isClosed, state.runs[id]?.state ?? .queued == .queued else { return (nil, 0) }
            run.state = .running
            state.runs[id] = run
            state.begun.append("\(run.step?.step ?? 0):\(run.call.toolName)")
            state.calls.append(run.call)
            return (state.script, state.begun.count)
        }
        guard let script else { return try await self.run(id) }
        let ending = await script(run, number)
        return settle(id, ending)
    }

    private func settle(_ id: String, _ ending: Ending) -> Run? {
        state.withLock { state in
            state.runs[id]?.state = ending.state
            state.runs[id]?.result = ending.result
            state.runs[id]?.auditID = "aud_\(id)"
            return state.runs[id]
        }
    }

    /// As when a person decided, or another worker ended it.
    func tell(_ id: String, _ ending: Ending) async {
        guard let run = settle(id, ending) else { return }
        await state.withLock { $0.observer }?(run)
    }

    /// The same, and nobody hears of it.
    func settleSilently(_ id: String, _ ending: Ending) { _ = settle(id, ending) }

    func cancel(_ id: String, reason: String) async throws -> Run? {
        state.withLock { $0.cancelled.append(id) }
        return settle(
            id, Ending(state: .cancelled, result: ["success": false, "code": "cancelled", "error": .string(reason)]))
    }

    func stopWork(on id: String) {}

    func observe(_ observer: @escaping @Sendable (Run) async -> Void) { state.withLock { $0.observer = observer } }
}
