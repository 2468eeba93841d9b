internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Hummingbird's HTTP/1 channel with our guard in front of its parser and our watch behind it.
struct GuardedChannel: ServerChildChannel {
    /// A connection: with an HTTP channel, or turned away at the door.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let http: HTTP1Channel.Value?
    }

    let http: HTTP1Channel
    let settings: ConnectionSettings
    let connections: Gauge

    init(responder: @escaping HTTPChannelHandler.Responder, settings: ConnectionSettings) {
        // The guard has counted before; the parser's own limits only have to be no smaller.
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: settings.limits.headerBytes + settings.limits.requestLineBytes,
            maxHeaderListSize: settings.limits.headerBytes + settings.limits.requestLineBytes,
            maxHeaderFieldCount: settings.limits.headerFields + 1)
        http = HTTP1Channel(responder: responder, configuration: .init(httpDecoderConfiguration: decoder))
        self.settings = settings
        connections = Gauge(limit: settings.limits.connections)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let isWelcome = connections.enter()
        channel.closeFuture.whenComplete { [connections] _ in connections.leave() }
        guard isWelcome else {
            return channel.eventLoop.makeCompletedFuture {
                let connection = ConnectionGuard(settings: settings, isOverCapacity: true)
                try channel.pipeline.syncOperations.addHandler(connection)
                return Value(channel: channel, http: nil)
            }
        }
        return http.setup(channel: channel, logger: logger).flatMapThrowing { [settings] value in
            let connection = ConnectionGuard(settings: settings)
            let watch = ExchangeWatch(connection: connection)
            let pipeline = channel.pipeline.syncOperations
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(watch, position: .after(parser))
            try pipeline.addHandler(connection, position: .first)
            connection.watch = watch
            return Value(channel: channel, http: value)
        }
    }

    func handle(value: Value, logger: Logger) async {
        guard let connection = value.http else { return }
        await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
            await http.handle(value: connection, logger: logger)
        }
    }
}
