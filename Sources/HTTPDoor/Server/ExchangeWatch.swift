internal import NIOCore
internal import NIOHTTP1

/// Sits behind the HTTP parser and tells the guard in front of it what the parser saw and when an answer is written; adds
/// the headers that no answer goes without (SECURITY R46).
final class ExchangeWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Why the handlers behind lose their request: the connection broke, or the guard refused the rest of it.
    struct RequestCut: Error {}

    private let connection: ConnectionGuard
    private var context: ChannelHandlerContext?
    private(set) var request: HTTPRequestHead?

    init(connection: ConnectionGuard) {
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end: connection.parserReachedEnd()
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError {
            connection.parserFailed()
        } else {
            context.fireErrorCaught(error)
        }
    }

    /// Ends the request for whoever is reading it, with an error rather than with an end.
    func cutInbound() {
        context?.fireErrorCaught(RequestCut())
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard connection.takesAnswers else {
            promise?.fail(RequestCut())
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if head.status.code >= 200 { connection.answerBegins() }
            complete(&head)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            connection.answerIsWritten()
        }
    }

    private func complete(_ head: inout HTTPResponseHead) {
        if connection.isHTTP10 {
            // Without a length the body ends with the connection: HTTP/1.0 knows no chunks.
            head.version = .http1_0
        }
        head.headers.add(name: AnswerHeaders.noSniff.name, value: AnswerHeaders.noSniff.value)
        if !head.headers.contains(name: AnswerHeaders.noStore.name) {
            head.headers.add(name: AnswerHeaders.noStore.name, value: AnswerHeaders.noStore.value)
        }
        head.headers.add(name: "Date", value: connection.date.now())
        if connection.closesAfterAnswer { head.headers.add(name: "Connection", value: "close") }
    }
}
