import Crypto
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A web site on loopback that says what a test tells it to, and remembers who came.
final class PageSite: Sendable {
    struct Request: Sendable {
        let method: String
        let path: String
        let head: String
        let body: String

        func field(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name {
                    return parts[1].trimmingCharacters(in: .whitespaces)
                }
            }
            return nil
        }
    }

    enum Reply: Sendable {
        /// Then the connection ends.
        case bytes([UInt8])
        /// Then nothing more, and the connection stays open.
        case stalls(String)
        /// Over and over.
        case endless(head: String, String)
        /// A WebSocket that says back what it is told.
        case echoes

        static func text(
            _ text: String, _ type: String = "text/plain", _ fields: String = "", status: String = "200 OK"
        )
            -> Reply
        {
            .bytes(
                Array(
                    "HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(text.utf8.count)\r\nconnection: close\r\n\(fields)\r\n\(text)"
                        .utf8))
        }

        static func page(_ body: String, _ fields: String = "") -> Reply {
            text("<!doctype html><meta charset=utf-8>" + body, "text/html", fields)
        }

        static func script(_ body: String) -> Reply { text(body, "text/javascript") }

        static func redirect(_ location: String, status: Int = 302) -> Reply {
            text("", "text/plain", "location: \(location)\r\n", status: "\(status) Found")
        }

        static let missing = text("nothing here", status: "404 Not Found")
    }

    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    final class Log: Sendable {
        let requests = Mutex<[Request]>([])
        let connections = Mutex(0)
    }

    private let channel: any Channel
    private let log: Log

    private init(_ channel: any Channel, _ log: Log) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    let port: Int
    var origin: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { log.requests.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }

    /// Whether somebody asked for it.
    func was(asked path: String) -> Bool { requests.contains { $0.path.hasPrefix(path) } }

    static func start(_ reply: @escaping @Sendable (Request) -> Reply) async throws -> PageSite {
        let log = Log()
        let channel = try await ServerBootstrap(group: threads)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.connections.withLock { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(log: log, reply: reply))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return PageSite(channel, log)
    }

    /// One that answers by path.
    static func start(_ pages: [String: Reply]) async throws -> PageSite {
        try await start { pages[String($0.path.prefix { $0 != "?" })] ?? .missing }
    }

    func stop() async { try? await channel.close() }
}

private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: PageSite.Log
    private let reply: @Sendable (PageSite.Request) -> PageSite.Reply
    private var bytes = ByteBuffer()
    private var isSocket = false

    init(log: PageSite.Log, reply: @escaping @Sendable (PageSite.Request) -> PageSite.Reply) {
        self.log = log
        self.reply = reply
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        if isSocket { return echo(context) }
        // TLS, where none is spoken.
        if bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == 0x16 { return context.close(promise: nil) }
        let text = String(buffer: bytes)
        guard let end = text.range(of: "\r\n\r\n") else { return }
        let head = String(text[..<end.lowerBound])
        let words = head.split(separator: " ")
        guard words.count > 1 else { return context.close(promise: nil) }
        var request = PageSite.Request(method: String(words[0]), path: String(words[1]), head: head, body: "")
        let length = request.field("content-length").flatMap { Int($0) } ?? 0
        guard text[end.upperBound...].utf8.count >= length else { return }
        request = PageSite.Request(
            method: request.method, path: request.path, head: head, body: String(text[end.upperBound...]))
        bytes.clear()
        log.requests.withLock { $0.append(request) }
        switch reply(request) {
        case .bytes(let bytes):
            let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
                loop.value.close(promise: nil)
            }
        case .stalls(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .endless(let head, let piece):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: head)), promise: nil)
            pour(ByteBuffer(string: piece), NIOLoopBound(context, eventLoop: context.eventLoop))
        case .echoes:
            isSocket = true
            let key = (request.field("sec-websocket-key") ?? "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            let accept = Data(Insecure.SHA1.hash(data: Data(key.utf8))).base64EncodedString()
            context.writeAndFlush(
                wrapOutboundOut(
                    ByteBuffer(
                        string:
                            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: \(accept)\r\n\r\n"
                    )), promise: nil)
        }
    }

    private func pour(_ piece: ByteBuffer, _ context: NIOLoopBound<ChannelHandlerContext>) {
        let own = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(piece)).whenSuccess {
            context.eventLoop.execute { own.value.pour(piece, context) }
        }
    }

    /// Short text frames only.
    private func echo(_ context: ChannelHandlerContext) {
        guard let frame = bytes.getBytes(at: bytes.readerIndex, length: bytes.readableBytes), frame.count >= 6 else {
            return
        }
        let length = Int(frame[1] & 0x7F)
        guard frame.count >= 6 + length else { return }
        let text = (0..<length).map { frame[6 + $0] ^ frame[2 + $0 % 4] }
        bytes.clear()
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(bytes: [frame[0], UInt8(length)] + text)), promise: nil)
    }
}
