internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ToolKit

/// One question and its answer, over one connection to one address that was checked. Nothing is looked up here.
struct Exchange {
    let url: WebURL
    let address: IPAddress
    let limits: FetchLimits
    let deadline: NIODeadline
    /// `nil` for plain HTTP.
    let tls: NIOSSLContext?
    let traffic: Traffic

    private static let connecting = TimeAmount.seconds(5)

    /// - Throws: ``ExchangeFailure``, `CancellationError`, or what the socket or TLS says.
    func run() async throws -> RawAnswer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: RawAnswer.self)
        let timer = loop.scheduleTask(deadline: deadline) { promise.fail(ExchangeFailure.timedOut) }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            let channel: any Channel
            do {
                channel = try await connect(on: loop, promise)
            } catch {
                // The fetch has run out of time, and not this attempt.
                let isOver = deadline - .now() < .milliseconds(1)
                let reason = isOver ? ExchangeFailure.timedOut : error
                // Nobody else would ever keep it.
                promise.fail(reason)
                throw reason
            }
            defer { channel.close(promise: nil) }
            return try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    private func connect(
        on loop: any EventLoop, _ promise: EventLoopPromise<RawAnswer>
    ) async throws -> any Channel {
        let left = max(deadline - .now(), .milliseconds(1))
        return try await ClientBootstrap(group: loop)
            .connectTimeout(min(left, Self.connecting))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try addHandlers(to: channel, promise) }
            }
            .connect(to: Self.socketAddress(address, url.port)).get()
    }

    private func addHandlers(to channel: any Channel, _ promise: EventLoopPromise<RawAnswer>) throws {
        let pipeline = channel.pipeline.syncOperations
        let progress = ExchangeProgress()
        // Chunks and records of TLS take room beside the body, but no more than the body itself.
        try pipeline.addHandler(TrafficMeter(traffic, limit: 2 * limits.body + 4 * limits.head))
        if let tls {
            let name: String? = if case .name(let name) = url.host { name } else { nil }
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        try pipeline.addHandler(HeadGuard(limit: limits.head, progress))
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(AnswerCollector(question, limits, progress, promise))
    }

    /// Tells who asks only in general words: no cookie, no token, no referrer (SECURITY R41).
    private var question: HTTPRequestHead {
        let isUsual = url.port == url.scheme.defaultPort
        return HTTPRequestHead(
            version: .http1_1, method: .GET, uri: url.target,
            headers: [
                "host": url.host.description + (isUsual ? "" : ":\(url.port)"),
                "user-agent": "Mozilla/5.0 (compatible; execution-layer)",
                "accept": "text/html,application/xhtml+xml;q=0.9,text/plain;q=0.8,*/*;q=0.5",
                "accept-encoding": "gzip, deflate",
                "connection": "close",
            ])
    }

    private static func socketAddress(_ address: IPAddress, _ port: Int) throws -> SocketAddress {
        try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: port)
    }
}

/// An answer as it came: not unpacked.
struct RawAnswer: Sendable {
    var status: Int
    var location: String?
    var contentType: String
    var encodings: [String]
    var body: [UInt8]
}

/// Why an exchange was ended by us.
enum ExchangeFailure: Error, Sendable, Hashable {
    case timedOut
    case headTooLarge
    case bodyTooLarge
    /// The connection ended before the answer did.
    case brokenOff
}

/// Sends the question and keeps the answer, within limits.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let question: HTTPRequestHead
    private let limits: FetchLimits
    private let progress: ExchangeProgress
    private let promise: EventLoopPromise<RawAnswer>
    private var answer: RawAnswer?

    init(
        _ question: HTTPRequestHead, _ limits: FetchLimits, _ progress: ExchangeProgress,
        _ promise: EventLoopPromise<RawAnswer>
    ) {
        self.question = question
        self.limits = limits
        self.progress = progress
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(question)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            progress.hasHead = true
            let answer = RawAnswer(
                status: Int(head.status.code), location: head.headers["location"].first,
                contentType: head.headers["content-type"].first ?? "",
                encodings: head.headers[canonicalForm: "content-encoding"].map { $0.lowercased() }, body: [])
            self.answer = answer
            // What stands below a redirect is for people.
            if answer.isRedirect { return finish(context, answer) }
            if let length = head.headers["content-length"].first.flatMap({ Int($0) }), length > limits.body {
                fail(context, ExchangeFailure.bodyTooLarge)
            }
        case .body(let piece):
            guard let count = answer?.body.count, count + piece.readableBytes <= limits.body else {
                return fail(context, ExchangeFailure.bodyTooLarge)
            }
            answer?.body.append(contentsOf: piece.readableBytesView)
        case .end: if let answer { finish(context, answer) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, error) }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ExchangeFailure.brokenOff)
        context.fireChannelInactive()
    }

    /// The first word counts; later ones are not heard.
    private func finish(_ context: ChannelHandlerContext, _ answer: RawAnswer) {
        promise.succeed(answer)
        context.close(promise: nil)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}

extension RawAnswer {
    var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && location != nil }
}
