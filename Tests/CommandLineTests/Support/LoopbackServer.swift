import NIOCore
import NIOPosix
import Synchronization

/// A server on loopback that answers every request with fixed bytes: it speaks no HTTP of its own, so a test decides
/// every byte.
final class LoopbackServer: Sendable {
    enum Behaviour: Sendable {
        case answer(String)
        /// Reads and says nothing.
        case silence
        /// Answers, then repeats the second text without end.
        case endless(String, String)
        /// Answers the beginning of something, and no more.
        case stall(String)
        /// Reads and closes.
        case hangUp
    }

    private let channel: any Channel
    private let received: Received
    let port: Int

    init(_ behaviour: Behaviour) async throws {
        let received = Received()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(behaviour, received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.received = received
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    /// The heads of the requests, as they came.
    var requests: [String] { received.heads.withLock { $0 } }

    func stop() async throws { try await channel.close() }

    static func json(_ body: String, status: String = "200 OK") -> Behaviour {
        .answer(
            "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private final class Received: Sendable {
        let heads = Mutex<[String]>([])
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let behaviour: Behaviour
        private let received: Received
        private var text = ""

        init(_ behaviour: Behaviour, _ received: Received) {
            self.behaviour = behaviour
            self.received = received
        }

        private static func go(on channel: any Channel, with bytes: ByteBuffer) {
            channel.writeAndFlush(bytes).whenSuccess { go(on: channel, with: bytes) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            guard text.contains("\r\n\r\n") else { return }
            let head = text
            text = ""
            received.heads.withLock { $0.append(head) }
            switch behaviour {
            case .answer(let answer):
                let channel = context.channel
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)))
                    .whenComplete { _ in channel.close(promise: nil) }
            case .silence: break
            case .endless(let answer, let more):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
                Self.go(on: context.channel, with: ByteBuffer(string: more))
            case .stall(let answer):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            case .hangUp: context.close(promise: nil)
            }
        }
    }
}
