import Synchronization
import ToolKit

@testable import execlayer

/// A daemon in memory: answers by a closure and remembers what it was asked.
final class TwinDoor: DaemonDoor {
    let address: DaemonAddress
    let hasToken: Bool
    private let asked = Mutex<[DaemonRequest]>([])
    private let answer: @Sendable (DaemonRequest) throws -> DaemonAnswer

    init(
        address: DaemonAddress = .standard, hasToken: Bool = false,
        answer: @escaping @Sendable (DaemonRequest) throws -> DaemonAnswer
    ) {
        self.address = address
        self.hasToken = hasToken
        self.answer = answer
    }

    var requests: [DaemonRequest] { asked.withLock { $0 } }

    func send(_ request: DaemonRequest) async throws -> DaemonAnswer {
        try Task.checkCancellation()
        asked.withLock { $0.append(request) }
        return try answer(request)
    }

    /// As ``send(_:)``; an answer that has a text as its only body is a file.
    func fetch(_ request: DaemonRequest) async throws -> DaemonDownload {
        let answer = try await send(request)
        return answer.body.stringValue.map { .file(Array($0.utf8)) } ?? .answer(answer)
    }

    /// What ``watch(after:_:)`` tells; it ends like a task that was cancelled.
    let events = Mutex<[ServerEvent]>([])

    func watch(after last: Int?, _ receive: (ServerEvent) async throws -> Bool) async throws {
        for event in events.withLock({ $0 }) where event.id ?? .max > last ?? -1 {
            guard try await receive(event) else { return }
        }
        throw CancellationError()
    }

    /// Answers `/health` as a daemon does, and everything else with the same answer.
    static func always(_ status: Int, _ body: JSONValue) -> TwinDoor {
        TwinDoor { request in
            request.path == "/health"
                ? DaemonAnswer(status: 200, body: ["status": "ok"]) : DaemonAnswer(status: status, body: body)
        }
    }

    static let absent = TwinDoor { _ in throw ClientFailure.unreachable(.standard) }
}
