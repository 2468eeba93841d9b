internal import NIOCore
internal import Synchronization

/// Bytes on the wire of one connection, both ways.
final class Traffic: Sendable {
    private let counts = Mutex<(sent: Int, received: Int)>((0, 0))

    func sent(_ count: Int) { counts.withLock { $0.sent += count } }

    func received(_ count: Int) -> Int {
        counts.withLock {
            $0.received += count
            return $0.received
        }
    }

    var current: (sent: Int, received: Int) { counts.withLock { $0 } }
}

/// Counts at the very bottom, beneath TLS, and ends a connection that brings more than any answer may be.
final class TrafficMeter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let traffic: Traffic
    private let limit: Int

    init(_ traffic: Traffic, limit: Int) {
        self.traffic = traffic
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard traffic.received(unwrapInboundIn(data).readableBytes) <= limit else {
            context.fireErrorCaught(ExchangeFailure.bodyTooLarge)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        traffic.sent(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }
}

/// Ends an answer whose head is longer than it may be, however many small fields and interim answers it is made of.
final class HeadGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let limit: Int
    private let progress: ExchangeProgress
    private var seen = 0

    init(limit: Int, _ progress: ExchangeProgress) {
        self.limit = limit
        self.progress = progress
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        guard !progress.hasHead else { return }
        seen += count
        guard seen > limit else { return }
        context.fireErrorCaught(ExchangeFailure.headTooLarge)
        context.close(promise: nil)
    }
}

/// How far an exchange has come; of one event loop.
final class ExchangeProgress {
    var hasHead = false
}
