internal import NIOCore

/// Stands between the socket and the HTTP parser of one connection (SECURITY R42, R43).
///
/// It lets exactly one request at a time through, and only when it has understood the request's head itself and follows
/// the body to its end; the next one waits until the answer is written. So a request that is refused is refused in its
/// turn, nothing behind it is parsed, and what a peer can pile up is bounded. Where the parser behind it sees another
/// end of the request than it does, the connection is closed.
///
/// Owner of its state is the connection's event loop. Deadlines share one timer per connection, which is moved only
/// when a nearer one comes.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    enum Phase {
        /// Waiting for a head, or in the middle of one.
        case head
        /// A request is going through, its body is not complete.
        case body
        /// The request is complete, its answer is not.
        case answering
        /// A refusal is being recorded, then sent; nothing is read any more.
        case refusing
        /// The last answer is out; what still comes in is thrown away.
        case lingering
        case closed
    }

    let settings: ConnectionSettings
    let isOverCapacity: Bool
    let deadlines = ConnectionDeadlines()
    var phase = Phase.head
    var context: ChannelHandlerContext?
    weak var exchange: Exchange?
    var date = HTTPDate()

    var held: ByteBuffer?
    var reader = HeadReader()
    var meter = BodyMeter(.none, limit: 0)
    var current: RequestHead?
    var isHTTP10 = false
    /// What the last `Host` header said that was let through.
    var knownHost: [UInt8] = []
    /// No further request follows on this connection.
    var closesAfterAnswer = false
    var answerBegan = false
    var answerEnded = false
    var parserSawEnd = false
    var inputClosed = false
    var readIsOwed = false

    init(settings: ConnectionSettings, isOverCapacity: Bool = false) {
        self.settings = settings
        self.isOverCapacity = isOverCapacity
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadlines.cancel()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        begin()
    }

    private func begin() {
        guard !isOverCapacity else { return send(.tooManyConnections) }
        deadlines.isHeadRunning = true
        deadlines.set(.phase, to: settings.header, in: self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A body that was cut off must not look like a complete one to whoever is reading it.
        if phase == .body { exchange?.cutInbound() }
        phase = .closed
        deadlines.cancel()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.set(.write, to: context.channel.isWritable ? nil : settings.write, in: self)
        context.fireChannelWritabilityChanged()
    }
}
