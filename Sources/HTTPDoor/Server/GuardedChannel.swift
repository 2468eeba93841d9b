internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// One connection of the server: our guard, the HTTP parser, our exchange behind it, and the task that answers.
struct GuardedChannel: ServerChildChannel {
    /// A connection: with an exchange, or turned away at the door.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let exchange: NIOLoopBound<Exchange>?
    }

    let responder: Responder
    let settings: ConnectionSettings
    let connections: Gauge

    init(responder: Responder, settings: ConnectionSettings) {
        self.responder = responder
        self.settings = settings
        connections = Gauge(limit: settings.limits.connections)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let isWelcome = connections.enter()
        channel.closeFuture.whenComplete { [connections] _ in connections.leave() }
        return channel.eventLoop.makeCompletedFuture {
            let connection = ConnectionGuard(settings: settings, isOverCapacity: !isWelcome)
            try channel.pipeline.syncOperations.addHandler(connection)
            guard isWelcome else { return Value(channel: channel, exchange: nil) }
            let exchange = Exchange(connection: connection)
            connection.exchange = exchange
            try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(parser), exchange])
            return Value(channel: channel, exchange: NIOLoopBound(exchange, eventLoop: channel.eventLoop))
        }
    }

    /// The guard has counted before; the parser's own limits only have to be no smaller.
    private var parser: HTTPRequestDecoder {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = settings.limits.headerBytes + settings.limits.requestLineBytes
        limits.maxHeaderListSize = settings.limits.headerBytes + settings.limits.requestLineBytes
        limits.maxHeaderFieldCount = settings.limits.headerFields + 1
        return HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
    }

    func handle(value: Value, logger: Logger) async {
        guard let exchange = value.exchange else { return }
        let loop = value.channel.eventLoop
        await withTaskExecutorPreference(EventLoopExecutor(loop)) {
            await withTaskCancellationHandler {
                while let request = await withCheckedContinuation({ exchange.value.wait($0) }) {
                    do {
                        try await responder.respond(to: request, at: exchange, on: value.channel)
                    } catch {
                        // The guard says its own last words; without it the peer learns of the end by the end.
                        value.channel.close(promise: nil)
                    }
                }
                value.channel.close(promise: nil)
                try? await value.channel.closeFuture.get()
            } onCancel: {
                loop.execute { exchange.value.end() }
            }
        }
    }
}
