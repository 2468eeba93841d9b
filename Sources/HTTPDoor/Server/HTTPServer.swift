internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// The HTTP server: listens, guards, routes, and ends in order when its service group shuts down (new connections are
/// refused, idle ones closed, running requests get ``ServerLimits/shutdownGrace``).
package struct HTTPServer: Service {
    private let address: BindAddress
    private let limits: ServerLimits
    private let hosts: HostRule
    private let routes: RouteTable
    private let observer: RefusalObserver?
    private let logger: Logger
    private let onListening: @Sendable (BindAddress) async -> Void

    /// - Parameters:
    ///   - observer: Told of every refused request before its answer is sent; must be quick, because the answer waits.
    ///   - onListening: Told once the port is open, with the port that the system chose when 0 was asked for.
    package init(
        address: BindAddress, hosts: HostRule, routes: RouteTable, limits: ServerLimits = ServerLimits(),
        observer: RefusalObserver? = nil, logger: Logger,
        onListening: @escaping @Sendable (BindAddress) async -> Void = { _ in }
    ) {
        self.address = address
        self.hosts = hosts
        self.routes = routes
        self.limits = limits
        self.observer = observer
        self.logger = logger
        self.onListening = onListening
    }

    /// - Throws: ``BindFailure`` when the address cannot be opened.
    package func run() async throws {
        OpenFileLimit.raise(toAtLeast: limits.connections + OpenFileLimit.reserve)
        let responder = Responder(
            routes: routes, observer: observer, inFlight: Gauge(limit: limits.answersInFlight), logger: logger)
        let settings = ConnectionSettings(limits: limits, hosts: hosts, observer: observer)
        let isListening = Atomic<Bool>(false)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        do {
            let channel = GuardedChannel(responder: responder, settings: settings)
            try await channel.server(
                configuration: ServerConfiguration(
                    address: .hostname(address.host, port: address.port), backlog: limits.connections),
                onServerRunning: { [address, onListening] channel in
                    isListening.store(true, ordering: .relaxed)
                    await onListening(BindAddress(host: address.host, port: channel.localAddress?.port ?? address.port))
                },
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: quiet
            ).run()
        } catch {
            guard !isListening.load(ordering: .relaxed) else { throw error }
            throw BindFailure(error, address: address)
        }
    }
}
