import Egress
import Glibc
import NIOCore
import NIOPosix
import Testing
import ToolKit

/// A proxy as a program finds it, on a port of the test's.
struct ProxyFixture {
    /// No other test's load ends a connection.
    static let patient: ProxyLimits = {
        var limits = ProxyLimits()
        limits.asking = .seconds(300)
        return limits
    }()

    let egress: EgressFixture
    let proxy: GuardedProxy
    let port: Int

    init(
        _ names: [String: [[String]]] = [:], allowing allowed: [String: HostDecision.Reach] = [:],
        asking: Set<String> = [], granted: Set<WebEndpoint> = [], own: OwnPorts = OwnPorts(machine: { [] }),
        watch: HoneytokenWatch? = nil, limits: ProxyLimits = patient
    ) throws {
        egress = try EgressFixture(names, allowing: allowed, asking: asking, own: own)
        proxy = egress.egress.proxy(
            granted: granted, rules: egress.rules, connections: egress.connections, watch: watch,
            limits: limits)
        let (listener, port) = try Self.listener()
        self.port = port
        proxy.serve(listener)
    }

    static func listener() throws -> (Int32, Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        try #require(isOpen)
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Sends the words one after another, each once the answer to the one before is as long as said, and reads to the end.
    func talk(_ words: [(bytes: [UInt8], answer: Int)]) async throws -> [UInt8] {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var iterator = inbound.makeAsyncIterator()
            var got: [UInt8] = []
            for word in words {
                // Who was refused has been hung up on.
                guard (try? await outbound.write(ByteBuffer(bytes: word.bytes))) != nil else { break }
                let wanted = got.count + word.answer
                while got.count < wanted, let piece = try await iterator.next() { got += piece.readableBytesView }
            }
            do {
                while let piece = try await iterator.next() { got += piece.readableBytesView }
            } catch {}
            return got
        }
    }

    func ask(_ text: String) async throws -> String {
        String(decoding: try await talk([(Array(text.utf8), 0)]), as: UTF8.self)
    }

    /// - Returns: The reply's code and what came behind it.
    func socks(_ request: [UInt8], then text: String = "") async throws -> (UInt8?, String) {
        let answer = try await talk([([5, 1, 0], 2), (request, 10), (Array(text.utf8), 0)])
        return (answer.dropFirst(3).first, String(decoding: answer.dropFirst(12), as: UTF8.self))
    }

    static func socks(name: String, port: Int) -> [UInt8] {
        [5, 1, 0, 3, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(port >> 8), UInt8(port & 0xFF)]
    }
}
