import Foundation
import HTTPDoor
import HTTPTypes
import Logging
import ServiceLifecycle
import Synchronization
import ToolKit

/// A real server on a port of its own, with a few routes and a memory of what happened.
final class ServerFixture: Sendable {
    let port: Int
    let log: EventLog

    fileprivate init(port: Int, log: EventLog) {
        self.port = port
        self.log = log
    }

    /// Sends `text` over one connection and collects the answers until the server closes it.
    func exchange(_ text: String) async throws -> [WireAnswer] { try await exchange(Array(text.utf8)) }

    func exchange(_ bytes: [UInt8]) async throws -> [WireAnswer] {
        try await onThread { [port] in
            let peer = try RawPeer(port: port)
            try peer.send(bytes)
            return try peer.answersToEnd()
        }
    }

    /// The one answer to one request, whose connection the client closes.
    func get(_ path: String) async throws -> WireAnswer? {
        try await exchange("GET \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n").first
    }
}

/// What the routes and the observer saw, and gates that routes wait at.
final class EventLog: Sendable {
    private struct State {
        var handled: [String] = []
        var refused: [RefusedRequest] = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    let arrivals: AsyncStream<String>
    private let arrivalSource: AsyncStream<String>.Continuation

    init() { (arrivals, arrivalSource) = AsyncStream.makeStream() }

    var handled: [String] { state.withLock { $0.handled } }
    var refused: [RefusedRequest] { state.withLock { $0.refused } }

    func handle(_ what: String) {
        state.withLock { $0.handled.append(what) }
        arrivalSource.yield(what)
    }

    func refuse(_ request: RefusedRequest) { state.withLock { $0.refused.append(request) } }

    /// Where `/wait` stays until ``open()``.
    func waitForOpening() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when a route has been entered `count` times since the last such wait.
    func waitForArrivals(_ count: Int) async {
        var iterator = arrivals.makeAsyncIterator()
        for _ in 0..<count { _ = await iterator.next() }
    }
}

/// Starts a server, runs `body` against it and the group that can stop it, and stops it.
func withServerAndGroup(
    limits: ServerLimits = ServerLimits(), allowedHosts: [String] = [],
    _ body: @escaping @Sendable (ServerFixture, ServiceGroup) async throws -> Void
) async throws {
    let log = EventLog()
    let (ports, portSource) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = HTTPServer(
        address: BindAddress(host: "127.0.0.1", port: 0), hosts: HostRule(allowed: allowedHosts), routes: routes(log),
        limits: limits, observer: { log.refuse($0) }, logger: logger,
        onListening: { portSource.yield($0.port) })
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [server], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { return }
            defer { log.open() }
            do {
                try await body(ServerFixture(port: port, log: log), group)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
        }
        try await tasks.waitForAll()
    }
}

func withServer(
    limits: ServerLimits = ServerLimits(), allowedHosts: [String] = [],
    _ body: @escaping @Sendable (ServerFixture) async throws -> Void
) async throws {
    try await withServerAndGroup(limits: limits, allowedHosts: allowedHosts) { fixture, _ in try await body(fixture) }
}

private struct HandlerFault: Error {}

private func routes(_ log: EventLog) -> RouteTable {
    var table = RouteTable()
    table.add(.get, "/health", isCheap: true) { _ in JSONAnswer.make(["status": "ok"]) }
    table.add(.get, "/get") { _ in
        log.handle("get")
        return JSONAnswer.make(["success": true])
    }
    table.add(.get, "/smuggled") { _ in
        log.handle("smuggled")
        return JSONAnswer.make(["success": true])
    }
    table.add(.post, "/echo") { request in
        let value = try await request.json()
        log.handle("echo")
        return JSONAnswer.make(value)
    }
    table.add(.get, "/wait") { _ in
        log.handle("wait")
        await log.waitForOpening()
        return JSONAnswer.make(["success": true])
    }
    table.add(.get, "/large") { _ in
        log.handle("large")
        return JSONAnswer.make(.string(String(repeating: "x", count: 16 * 1_024 * 1_024)))
    }
    table.add(.get, "/fault") { _ in throw HandlerFault() }
    table.add(.patch, "/things/{name}/enabled") { request in
        JSONAnswer.make(["name": JSONValue(request.parameters["name"])])
    }
    table.add(.get, "/numbers/{number}") { request in
        log.handle(request.parameters["number"] ?? "")
        return JSONAnswer.make(["number": JSONValue(request.parameters["number"])])
    }
    return table
}
