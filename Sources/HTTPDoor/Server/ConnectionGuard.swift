internal import NIOCore
internal import NIOHTTP1

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
    weak var watch: ExchangeWatch?
    var date = HTTPDate()

    private var held: ByteBuffer?
    private var reader = HeadReader()
    private var meter = BodyMeter(.none, limit: 0)
    private(set) var current: RequestHead?
    private(set) var isHTTP10 = false
    /// No further request follows on this connection.
    private(set) var closesAfterAnswer = false
    private var answerBegan = false
    private var answerEnded = false
    private var parserSawEnd = false
    var inputClosed = false
    private var readIsOwed = false

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
        if phase == .body { watch?.cutInbound() }
        phase = .closed
        deadlines.cancel()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.set(.write, to: context.channel.isWritable ? nil : settings.write, in: self)
        context.fireChannelWritabilityChanged()
    }
}

// MARK: - Bytes in

extension ConnectionGuard {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .head, .body, .answering: break
        case .refusing, .lingering, .closed: return
        }
        var bytes = unwrapInboundIn(data)
        if held == nil { held = bytes } else { held?.writeBuffer(&bytes) }
        proceed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The handlers behind have stopped asking for bytes; the peer's end still has to be noticed.
        if phase == .lingering { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if phase == .answering, let held, held.readableBytes > settings.limits.pipelinedBytes {
            readIsOwed = true
        } else {
            context.read()
        }
    }

    /// Works through what has been read, as far as the phase allows.
    private func proceed() {
        while let context, held != nil {
            switch phase {
            case .head:
                guard proceedWithHead(context) else { return }
            case .body:
                proceedWithBody(context)
                return
            case .answering, .refusing, .lingering, .closed: return
            }
        }
    }

    /// `true` when a body follows that is to be looked at now.
    private func proceedWithHead(_ context: ChannelHandlerContext) -> Bool {
        guard let bytes = held else { return false }
        var admission: HTTPRefusal?
        let progress = bytes.withUnsafeReadableBytes { bytes in
            let progress = reader.read(bytes, limits: settings.limits)
            if case .complete(let head) = progress { admission = settings.admission.refusal(of: head, in: bytes) }
            return progress
        }
        switch progress {
        case .incomplete:
            if !deadlines.isHeadRunning {
                deadlines.isHeadRunning = true
                deadlines.set(.phase, to: settings.header, in: self)
            }
            return false
        case .refused(let refusal):
            current = reader.head
            refuse(refusal)
            return false
        case .complete(let head):
            current = head
            if let admission {
                refuse(admission)
                return false
            }
            admit(head, context)
            return phase == .body
        }
    }

    private func admit(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard var bytes = held else { return }
        isHTTP10 = head.isHTTP10
        if head.closes { closesAfterAnswer = true }
        answerBegan = false
        answerEnded = false
        parserSawEnd = false
        deadlines.isHeadRunning = false
        bytes.moveReaderIndex(forwardBy: head.bytes.lowerBound)
        guard let forwarded = bytes.readSlice(length: head.bytes.count) else { return }
        held = bytes.readableBytes == 0 ? nil : bytes
        meter = BodyMeter(head.framing, limit: settings.limits.bodyBytes)
        let hasBody = head.framing != .none && head.framing != .length(0)
        phase = hasBody ? .body : .answering
        if hasBody {
            deadlines.set(.phase, to: settings.body, in: self)
            if head.expectsContinue, !head.isHTTP10, held == nil {
                let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(.byteBuffer(line)), promise: nil)
            }
        } else {
            deadlines.set(.phase, to: nil, in: self)
        }
        forward(forwarded, isLast: !hasBody, context)
    }

    private func proceedWithBody(_ context: ChannelHandlerContext) {
        guard var bytes = held else { return }
        switch bytes.withUnsafeReadableBytes({ meter.read($0) }) {
        case .incomplete:
            held = nil
            forward(bytes, isLast: false, context)
        case .complete(let count):
            guard let last = bytes.readSlice(length: count) else { return }
            held = bytes.readableBytes == 0 ? nil : bytes
            phase = .answering
            deadlines.set(.phase, to: nil, in: self)
            forward(last, isLast: true, context)
        case .refused(let refusal):
            refuse(refusal)
        }
    }

    private func forward(_ bytes: ByteBuffer, isLast: Bool, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(bytes))
        guard phase == .body || phase == .answering else { return }
        guard parserSawEnd == isLast else {
            return refuse(.malformed("the request's length is ambiguous"))
        }
        if isLast, answerEnded { endExchange() }
    }
}

// MARK: - What the watch behind the parser reports

extension ConnectionGuard {
    /// Whether the handlers behind may still write an answer.
    var takesAnswers: Bool { phase == .body || phase == .answering }

    func parserReachedEnd() { parserSawEnd = true }

    /// The parser refuses what the guard let through.
    func parserFailed() {
        guard takesAnswers else { return }
        refuse(.malformed("the request is not well-formed HTTP/1.1"))
    }

    func answerBegins() { answerBegan = true }

    func answerIsWritten() {
        answerEnded = true
        if phase == .answering { endExchange() } else if closesAfterAnswer { farewell() }
    }

    private func endExchange() {
        current = nil
        if closesAfterAnswer || (inputClosed && held == nil) { return farewell() }
        phase = .head
        reader = HeadReader()
        deadlines.set(.phase, to: settings.idle, in: self)
        guard held != nil, let context else { return }
        // Not from within the write that ended the answer: it has not been flushed yet.
        context.eventLoop.assumeIsolated().execute { [self] in resume() }
    }

    private func resume() {
        guard phase == .head, let context else { return }
        proceed()
        context.fireChannelReadComplete()
        if readIsOwed {
            readIsOwed = false
            context.read()
        }
        if inputClosed, phase == .head { inputEnded() }
    }
}

// MARK: - Ends

extension ConnectionGuard {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event {
            inputClosed = true
            // What was pipelined before the end is still answered, so the handlers behind must not hear of the end yet.
            if phase == .answering, held == nil { context.fireUserInboundEventTriggered(event) }
            inputEnded()
        } else if event is ChannelShouldQuiesceEvent {
            quiesce()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func inputEnded() {
        switch phase {
        case .head where held == nil: context?.close(promise: nil)
        case .head, .body: refuse(.malformed("the request ends too early"))
        case .lingering: context?.close(promise: nil)
        case .answering, .refusing, .closed: break
        }
    }

    /// The server stops: an idle connection ends now, a running request ends within the grace.
    private func quiesce() {
        closesAfterAnswer = true
        switch phase {
        case .head: context?.close(promise: nil)
        case .body, .answering, .refusing: deadlines.set(.grace, to: settings.grace, in: self)
        case .lingering, .closed: break
        }
    }

    /// A close by the handlers behind must not cut off a refusal that is on its way, nor what is said before it.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch phase {
        case .refusing, .lingering:
            if case .all = mode { context.channel.closeFuture.cascade(to: promise) } else { promise?.succeed() }
        case .head, .body, .answering, .closed:
            context.close(mode: mode, promise: promise)
        }
    }

    func deadlinePassed(_ kind: ConnectionDeadlines.Kind) {
        guard kind == .phase else {
            context?.close(promise: nil)
            return
        }
        switch phase {
        case .head where held == nil: context?.close(promise: nil)
        case .head: refuse(.tooSlow("head"))
        case .body: refuse(.tooSlow("body"))
        case .answering: break
        case .refusing, .lingering, .closed: context?.close(promise: nil)
        }
    }

    /// Ends the connection with an answer of its own, unless one has begun already.
    func refuse(_ refusal: HTTPRefusal) {
        guard let context, phase == .head || takesAnswers else { return }
        let observation = observation(of: refusal)
        let wasForwarded = takesAnswers
        phase = .refusing
        held = nil
        if wasForwarded { watch?.cutInbound() }
        if answerBegan {
            context.close(promise: nil)
            return
        }
        guard let observer = settings.observer else { return send(refusal) }
        deadlines.set(.phase, to: settings.write, in: self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        // Outlives this callback on purpose: the entry has to exist before the answer leaves (SECURITY R59).
        Task {
            await observer(observation)
            loop.execute { if bound.value.phase == .refusing { bound.value.send(refusal) } }
        }
    }

    private func send(_ refusal: HTTPRefusal) {
        guard let context else { return }
        phase = .refusing
        let bytes = refusal.bytes(withBody: current?.isHead != true, date: date.now())
        context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
        farewell()
    }

    private func observation(of refusal: HTTPRefusal) -> RefusedRequest {
        let peer = context?.channel.remoteAddress?.ipAddress ?? ""
        var method = ""
        var path = ""
        if phase == .head, let current, let held {
            held.withUnsafeReadableBytes { bytes in
                method = String(decoding: bytes[current.method], as: UTF8.self)
                path = String(decoding: bytes[current.target].prefix(RefusedRequest.longestPath * 2), as: UTF8.self)
            }
        } else if let request = watch?.request {
            method = request.method.rawValue
            path = request.uri
        }
        return RefusedRequest(
            peer: peer, method: method, path: RefusedRequest.shortened(path), status: refusal.status, code: refusal.code)
    }

    /// Sends what is written, then the end of our side, and listens for a moment: closing at once with bytes unread would
    /// reset the connection and could destroy the answer on its way.
    private func farewell() {
        guard let context else { return }
        phase = .lingering
        held = nil
        let flushed = context.eventLoop.makePromise(of: Void.self)
        flushed.futureResult.assumeIsolated().whenComplete { [self] _ in finishOutput() }
        deadlines.set(.phase, to: settings.write, in: self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: flushed)
    }

    private func finishOutput() {
        guard phase == .lingering, let context else { return }
        guard !inputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        deadlines.set(.phase, to: isOverCapacity ? settings.shortLinger : settings.linger, in: self)
        context.read()
    }
}
