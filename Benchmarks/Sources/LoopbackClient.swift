#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One connection to a server on this machine; one request at a time. It exists because a client library would cost more
/// than what is measured.
final class LoopbackClient {
    struct Answer {
        let status: Int
        let body: String
    }

    private let descriptor: Int32
    private let port: UInt16
    private var pending: [UInt8] = []

    /// - Throws: ``BenchFailure`` when nobody listens.
    init(port: UInt16) throws {
        self.port = port
        descriptor = try Self.connected(to: port)
    }

    /// A connection that sends at once what is written to it.
    ///
    /// - Parameter receiveBuffer: In bytes; `nil` leaves it to the system.
    static func connected(to port: UInt16, receiveBuffer: Int32? = nil) throws -> Int32 {
        let descriptor = try openSocket()
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        guard isConnected == 0 else {
            close(descriptor)
            throw BenchFailure("nobody listens on port \(port)")
        }
        var noDelay: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &noDelay, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    deinit { close(descriptor) }

    /// - Parameter body: JSON text, sent as `POST`; `nil` sends `GET`.
    func ask(_ path: String, token: String, body: String? = nil) throws -> Answer {
        var head = "\(body == nil ? "GET" : "POST") \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        head += "X-Execution-Token: \(token)\r\n"
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        try send(Array((head + "\r\n" + (body ?? "")).utf8))
        return try receive()
    }

    /// The same, and the answer must be a success.
    @discardableResult
    func expectSuccess(_ path: String, token: String, body: String? = nil) throws -> String {
        let answer = try ask(path, token: token, body: body)
        guard answer.status == 200, answer.body.contains(#""success":true"#) else {
            throw BenchFailure("\(path) answered \(answer.status): \(answer.body.prefix(300))")
        }
        return answer.body
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent) }
            guard count > 0 else { throw BenchFailure("the connection broke while sending") }
            sent += count
        }
    }

    private func receive() throws -> Answer {
        let separator = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        while headEnd == nil {
            headEnd = pending.indices.first { pending[$0...].starts(with: separator) }
            if headEnd == nil { try fill() }
        }
        guard let headEnd else { throw BenchFailure("no answer") }
        let lines = String(decoding: pending[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
        guard let status, let length else { throw BenchFailure("an answer without a status or a length") }
        let bodyStart = headEnd + separator.count
        while pending.count < bodyStart + length { try fill() }
        let body = String(decoding: pending[bodyStart..<(bodyStart + length)], as: UTF8.self)
        pending.removeFirst(bodyStart + length)
        return Answer(status: status, body: body)
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw BenchFailure("the connection was closed before the answer was complete") }
        pending.append(contentsOf: chunk[..<count])
    }

    /// A port that nobody uses at the moment.
    static func freePort() throws -> UInt16 {
        let descriptor = try openSocket()
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard named else { throw BenchFailure("no free port on loopback") }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func openSocket() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw BenchFailure("no socket") }
        return descriptor
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
