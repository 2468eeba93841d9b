internal import NIOCore
internal import ToolKit

/// What one connection to the proxy asks for, read from its first bytes.
struct ProxyQuestion: Sendable {
    let host: WebHost
    let port: Int
    let way: CallConnections.Entry.Way
    /// The head of a plain request as its server gets it, and the bytes of its body; `nil` for a tunnel.
    let request: (head: [UInt8], body: Int)?

    /// The scheme that decides; a tunnel has none.
    var scheme: WebURL.Scheme? { request == nil ? nil : .http }

    /// Reads it, and says to a client of SOCKS that it may go on.
    ///
    /// - Parameter way: Set as soon as it is known, so that an objection can be told in its words.
    /// - Returns: `nil` when nothing came.
    /// - Throws: ``ProxyObjection``, or what the connection says.
    static func read(
        _ source: inout ProxySource, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ way: inout CallConnections.Entry.Way?
    ) async throws -> ProxyQuestion? {
        guard try await source.more(), let first = source.view.first else { return nil }
        switch first {
        case Socks.version:
            way = .socks
            return try await readSocks(&source, outbound)
        // Methods are letters.
        case 0x41...0x5A:
            way = .http
            return try await readHTTP(&source, &way)
        default: throw ProxyObjection.malformed("is neither HTTP nor SOCKS 5")
        }
    }

    private static func readHTTP(
        _ source: inout ProxySource, _ way: inout CallConnections.Entry.Way?
    ) async throws -> ProxyQuestion {
        if source.view.starts(with: "CONNECT ".utf8) { way = .connect }
        while true {
            if let head = source.takeHead() {
                guard head.count <= ProxyRequest.headLimit else { break }
                if head.starts(with: "CONNECT ".utf8) { way = .connect }
                let request = try ProxyRequest(head: head)
                switch request.kind {
                case .tunnel:
                    return ProxyQuestion(host: request.host, port: request.port, way: .connect, request: nil)
                case .plain(let head, let body):
                    return ProxyQuestion(host: request.host, port: request.port, way: .http, request: (head, body))
                }
            }
            guard source.count <= ProxyRequest.headLimit else { break }
            try await waitForMore(&source)
        }
        throw ProxyObjection.malformed("has a head of more than \(ProxyRequest.headLimit) bytes", status: 431)
    }

    private static func readSocks(
        _ source: inout ProxySource, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> ProxyQuestion {
        let isOpen = try await read(&source, Socks.greeting)
        guard isOpen else {
            // No method of theirs: the only answer that has no reply code.
            try await outbound.write(ByteBuffer(bytes: [Socks.version, 0xFF]))
            throw ProxyObjection.notSupported("wants a user and a password", socks: 0xFF)
        }
        try await outbound.write(ByteBuffer(bytes: [Socks.version, 0]))
        let target = try await read(&source, Socks.request)
        return ProxyQuestion(host: target.host, port: target.port, way: .socks, request: nil)
    }

    private static func read<Value>(
        _ source: inout ProxySource, _ word: (ArraySlice<UInt8>) -> Socks.Reading<Value>
    ) async throws -> Value {
        while true {
            switch word(source.view) {
            case .done(let value, let count):
                _ = source.take(count)
                return value
            case .refused(let objection): throw objection
            case .more: try await waitForMore(&source)
            }
        }
    }

    private static func waitForMore(_ source: inout ProxySource) async throws {
        guard try await source.more() else { throw ProxyObjection.malformed("ends before it is complete") }
    }
}
