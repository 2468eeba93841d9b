import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that says exactly what a test tells it to, byte for byte.
final class LoopbackSite: Sendable {
    enum Reply: Sendable {
        /// Then the connection ends.
        case bytes([UInt8])
        /// Forever, as fast as it is read.
        case endless(head: String, [UInt8])
        /// Then nothing more, and the connection stays open.
        case stalls(String)

        static func text(_ text: String) -> Reply { .bytes(Array(text.utf8)) }

        static func page(_ body: String, _ fields: String = "") -> Reply {
            .text(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
            )
        }

        static func redirect(_ location: String, status: Int = 302) -> Reply {
            .text("HTTP/1.1 \(status) Found\r\nlocation: \(location)\r\ncontent-length: 0\r\n\r\n")
        }
    }

    /// Of their own: a server that pours must not keep those it pours on from hearing.
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let requests = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    /// Heads as they came, in order.
    var requests: [String] { log.requests.withLock { $0 } }
    var connectionCount: Int { log.connections.withLock { $0 } }

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
    }

    static func start(
        host: String = "127.0.0.1", tls: NIOSSLContext? = nil, _ reply: @escaping @Sendable (_ path: String) -> Reply
    ) async throws -> LoopbackSite {
        let log = Log()
        let channel = try await ServerBootstrap(group: threads)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.connections.withLock { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Answerer(log: log, reply: reply))
                }
            }
            .bind(host: host, port: 0).get()
        return LoopbackSite(channel, log)
    }

    func stop() async { try? await channel.close() }
}

private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: LoopbackSite.Log
    private let reply: @Sendable (String) -> LoopbackSite.Reply
    private var head = ""

    init(log: LoopbackSite.Log, reply: @escaping @Sendable (String) -> LoopbackSite.Reply) {
        self.log = log
        self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += String(buffer: unwrapInboundIn(data))
        guard head.hasSuffix("\r\n\r\n") else { return }
        let request = head
        head = ""
        log.requests.withLock { $0.append(request) }
        let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
        switch reply(path) {
        case .bytes(let bytes):
            let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                loop.value.close(promise: nil)
            }
        case .stalls(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .endless(let head, let piece):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
            pour(ByteBuffer(bytes: piece), NIOLoopBound(context, eventLoop: context.eventLoop))
        }
    }

    private func pour(_ piece: ByteBuffer, _ context: NIOLoopBound<ChannelHandlerContext>) {
        let own = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(piece)).whenSuccess {
            // A write that is done at once must not nest in the one before.
            context.eventLoop.execute { own.value.pour(piece, context) }
        }
    }
}
