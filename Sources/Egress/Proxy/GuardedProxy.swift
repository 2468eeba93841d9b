internal import NIOCore
internal import NIOPosix
internal import Synchronization
package import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The proxy of one call's own network: HTTP and SOCKS 5 on one port, told apart by the first byte. What a program asks
/// for is judged like a fetch of our own: the host by the rules, every address of it, and the connection goes to one of
/// those addresses (SECURITY R38-R41).
///
/// Has to be closed.
package final class GuardedProxy: NetworkPassage {
    private struct Place {
        let channel: any Channel
        var task: Task<Void, Never>?
        /// To be cancelled as soon as there is a task.
        var isEnding = false
    }

    private struct Waiter {
        var places: Set<Int>
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var judge: ProxyJudge
        var servers: [any Channel] = []
        var places: [Int: Place] = [:]
        var nextPlace = 0
        var waiters: [Waiter] = []
        var isClosed = false
    }

    private let egress: Egress
    private let limits: ProxyLimits
    private let state: Mutex<State>

    init(_ judge: ProxyJudge, _ limits: ProxyLimits) {
        egress = judge.egress
        self.limits = limits
        state = Mutex(State(judge: judge))
    }

    package func serve(_ listener: Int32) {
        guard !state.withLock({ $0.isClosed }) else {
            closeDescriptor(listener)
            return
        }
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel) }
            }
            .withBoundSocket(listener)
            .whenSuccess { [self] server in
                let isLate = state.withLock { state in
                    if !state.isClosed { state.servers.append(server) }
                    return state.isClosed
                }
                if isLate { server.close(promise: nil) }
            }
    }

    package func close() async {
        let servers = state.withLock { state in
            state.isClosed = true
            defer { state.servers = [] }
            return state.servers
        }
        for server in servers { try? await server.close() }
        await endConnections()
    }

    package var refusals: [CallConnections.Entry.Refusal] {
        var seen: Set<CallConnections.Entry.Refusal> = []
        return state.withLock { $0.judge.connections }.entries.compactMap(\.refusal).filter { seen.insert($0).inserted }
    }

    /// For a program that outlives a call: ends every connection, and judges later ones for another call, in whose ledger
    /// they are. When it returns the ledger before is complete.
    package func turn(
        to granted: Set<WebEndpoint>, _ rules: any HostRules, _ connections: CallConnections,
        watch: HoneytokenWatch? = .underWay
    ) async {
        state.withLock {
            $0.judge = ProxyJudge(
                egress: egress, granted: granted, rules: rules, connections: connections, watch: watch)
        }
        await endConnections()
    }

    private func endConnections() async {
        // Those of now: who connects later is not ended, and not waited for.
        let places = state.withLock { state in
            for number in Array(state.places.keys) { state.places[number]?.isEnding = true }
            return state.places
        }
        for place in places.values {
            place.task?.cancel()
            place.channel.close(promise: nil)
        }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let left = Set(places.keys).intersection(state.places.keys)
                if !left.isEmpty { state.waiters.append(Waiter(places: left, continuation: continuation)) }
                return left.isEmpty
            }
            if isOver { continuation.resume() }
        }
    }

    // MARK: Connections

    private struct NoRoom: Error {}

    /// On the channel's event loop.
    private func accept(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(IdleStateHandler(allTimeout: limits.idle.amount))
        try pipeline.addHandler(IdleEnd())
        let (number, judge) = state.withLock { state -> (Int?, ProxyJudge) in
            guard !state.isClosed, state.places.count < limits.connections, takePlace() else {
                return (nil, state.judge)
            }
            state.nextPlace += 1
            state.places[state.nextPlace] = Place(channel: channel)
            return (state.nextPlace, state.judge)
        }
        guard let number else {
            judge.connections.note(.init(nil, verdict: .deny, rule: nil, problem: "too_many_connections"))
            throw NoRoom()
        }
        let client: ProxyConnection.Client
        do {
            client = try .init(
                wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        } catch {
            left(number)
            throw error
        }
        let task = Task { [limits] in
            await ProxyConnection(judge: judge, limits: limits).serve(client)
            left(number)
        }
        let isOver = state.withLock { state in
            // Gone already, or to be ended by somebody who could not cancel it yet.
            guard state.places[number] != nil else { return false }
            state.places[number]?.task = task
            return state.isClosed || state.places[number]?.isEnding == true
        }
        if isOver { task.cancel() }
    }

    /// One of those that there are for all calls together.
    private func takePlace() -> Bool {
        egress.proxied.withLock { count in
            guard count < ProxyLimits.connectionsOfAll else { return false }
            count += 1
            return true
        }
    }

    private func left(_ number: Int) {
        egress.proxied.withLock { $0 -= 1 }
        let done = state.withLock { state in
            state.places[number] = nil
            for index in state.waiters.indices { state.waiters[index].places.remove(number) }
            let done = state.waiters.filter(\.places.isEmpty)
            state.waiters.removeAll(where: \.places.isEmpty)
            return done
        }
        for waiter in done { waiter.continuation.resume() }
    }
}

private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

/// Closes a connection over which nothing went for too long.
private final class IdleEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
