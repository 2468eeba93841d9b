import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing
import ToolKit

/// One who watches the daemon, and takes the stream apart as strictly as it is specified.
final class EventStreamReader {
    struct Event: Sendable {
        let name: String
        let id: Int?
        let data: JSONValue
    }

    struct Malformed: Error {
        let line: String
    }

    /// Of its own: a hundred streams at once would leave a shared client no connection for anybody else.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    let status: Int
    private var body: HTTPClientResponse.Body.AsyncIterator
    private var line: [UInt8] = []
    private var fields: [String: String] = [:]
    private var ready: [Event] = []
    private(set) var comments = 0

    /// - Parameters:
    ///   - token: What is sent; `nil` for none, absent for the daemon's own.
    ///   - last: Sent as `Last-Event-ID`.
    init(
        _ daemon: Daemon, token: String?? = .none, after last: Int? = nil, headers: [String: String] = [:]
    ) async throws {
        var request = HTTPClientRequest(url: daemon.base + "/api/v1/execution/events")
        if let token = token ?? daemon.token { request.headers.add(name: "X-Execution-Token", value: token) }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let last { request.headers.add(name: "Last-Event-ID", value: "\(last)") }
        let response = try await Self.client.execute(request, timeout: .minutes(10))
        status = Int(response.status.code)
        if status == 200 { #expect(response.headers.first(name: "Content-Type") == "text/event-stream") }
        body = response.body.makeAsyncIterator()
    }

    /// The next event; `nil` at the stream's end.
    func next() async throws -> Event? {
        while ready.isEmpty {
            guard let bytes = try await body.next() else { return nil }
            for byte in bytes.readableBytesView {
                if byte == UInt8(ascii: "\n") { try endLine() } else { line.append(byte) }
            }
        }
        return ready.removeFirst()
    }

    /// Events until one fits, that one included.
    func through(_ isLast: (Event) -> Bool) async throws -> [Event] {
        var events: [Event] = []
        while let event = try await next() {
            events.append(event)
            if isLast(event) { return events }
        }
        return events
    }

    private func endLine() throws {
        let text = String(decoding: line, as: UTF8.self)
        line = []
        if text.isEmpty {
            defer { fields = [:] }
            guard let data = fields["data"], let name = fields["event"] else { return }
            ready.append(
                Event(name: name, id: fields["id"].flatMap { Int($0) }, data: try JSONReader.read(Array(data.utf8))))
        } else if text.hasPrefix(":") {
            comments += 1
        } else {
            guard let colon = text.range(of: ": "),
                ["id", "event", "data", "retry"].contains(String(text[..<colon.lowerBound]))
            else { throw Malformed(line: text) }
            let name = String(text[..<colon.lowerBound])
            guard fields[name] == nil else { throw Malformed(line: text) }
            fields[name] = String(text[colon.upperBound...])
        }
    }
}

/// A peer that asks for the events and then never reads a byte.
final class DeafPeer {
    private let descriptor: Int32

    init(_ daemon: Daemon, token: String) throws {
        let port = UInt16(daemon.base.split(separator: ":").last ?? "") ?? 0
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var small: Int32 = 4_096
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let head =
            "GET /api/v1/execution/events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nX-Execution-Token: \(token)\r\n\r\n"
        let sent = send(descriptor, head, head.utf8.count, Int32(MSG_NOSIGNAL))
        try #require(sent == head.utf8.count)
    }

    deinit { close(descriptor) }
}
