internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTP1

/// Sits behind the HTTP parser of one connection: makes requests of its parts for the connection's task, and tells the
/// guard in front of the parser what the parser saw.
///
/// A request whose body came in with its head is handed over whole. The body of any other follows piece by piece, and
/// the socket is read no faster than the pieces are taken. The next request waits until the peer has taken most of the
/// answers before it.
///
/// Owner of its state is the connection's event loop.
final class Exchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never

    /// Why the task loses its request: the connection broke, or the guard refused the rest of it.
    struct RequestCut: Error {}

    let connection: ConnectionGuard
    /// The newest request.
    private(set) var request: HTTPRequestHead?
    private lazy var peer = context?.channel.remoteAddress?.ipAddress ?? ""
    private var context: ChannelHandlerContext?
    /// The body as far as it came in with its head; `nil` when that was handed over.
    private var gathered: ByteBuffer?
    private var pieces: BodyPieces.Source?
    private var readIsOwed = false
    private var ready: ReceivedRequest?
    private var waiting: CheckedContinuation<ReceivedRequest?, Never>?
    private var waitingForRoom: CheckedContinuation<Void, Never>?
    private var isOver = false

    init(connection: ConnectionGuard) {
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            request = head
            gathered = ByteBuffer()
        case .body(var bytes):
            if gathered == nil {
                pieces?.add(bytes)
            } else if gathered?.readableBytes == 0 {
                gathered = bytes
            } else {
                gathered?.writeBuffer(&bytes)
            }
        case .end:
            connection.parserReachedEnd()
            if let body = gathered {
                gathered = nil
                handOver(RequestBody(buffer: body), whole: body)
            }
            pieces?.finish()
            pieces = nil
            readWhatIsOwed()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard let begun = gathered else { return }
        gathered = nil
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let (source, body) = BodyPieces.make {
            loop.execute { bound.value.readWhatIsOwed() }
        }
        pieces = source
        if begun.readableBytes > 0 { source.add(begun) }
        handOver(body, whole: nil)
    }

    func read(context: ChannelHandlerContext) {
        if pieces?.isFull == true { readIsOwed = true } else { context.read() }
    }

    private func readWhatIsOwed() {
        pieces?.isFull = false
        guard readIsOwed else { return }
        readIsOwed = false
        context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { proceed() }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError {
            connection.parserFailed()
        } else {
            cutInbound()
            context.close(promise: nil)
        }
    }

    /// Ends the request for whoever is reading it, with an error rather than with an end.
    func cutInbound() {
        gathered = nil
        pieces?.fail(RequestCut())
        pieces = nil
        readWhatIsOwed()
    }
}

// MARK: The connection's task

extension Exchange {
    /// Answers the next request, or `nil` when there will be none.
    func wait(_ task: CheckedContinuation<ReceivedRequest?, Never>) {
        waiting = task
        proceed()
    }

    /// Waits until the peer has taken most of what was written.
    func waitForRoom(_ task: CheckedContinuation<Void, Never>) {
        waitingForRoom = task
        proceed()
    }

    /// No request is handed over any more.
    func end() {
        isOver = true
        ready = nil
        proceed()
    }

    private func proceed() {
        guard isOver || context?.channel.isWritable == true else { return }
        waitingForRoom?.resume()
        waitingForRoom = nil
        guard let task = waiting, isOver || ready != nil else { return }
        waiting = nil
        let request = ready
        ready = nil
        task.resume(returning: request)
    }

    private func handOver(_ body: RequestBody, whole: ByteBuffer?) {
        guard let request, let method = HTTPRequest.Method(request.method.rawValue) else {
            return connection.parserFailed()
        }
        var fields = HTTPFields()
        fields.reserveCapacity(request.headers.count)
        var host: String?
        for (name, value) in request.headers {
            guard let name = HTTPField.Name(name) else { continue }
            // The guard let only one pass; this type keeps it in a place of its own.
            if name.canonicalName == "host" { host = value } else { fields.append(HTTPField(name: name, value: value)) }
        }
        let head = HTTPRequest(
            method: method, scheme: "http", authority: host, path: request.uri, headerFields: fields)
        ready = ReceivedRequest(request: Request(head: head, body: body), body: whole, peer: peer)
        proceed()
    }
}
