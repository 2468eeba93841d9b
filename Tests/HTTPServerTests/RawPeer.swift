import Foundation
import ToolKit

#if canImport(Glibc)
    import Glibc
    private let streamSocket = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Darwin)
    import Darwin
    private let streamSocket = SOCK_STREAM
#endif

/// One answer as it came over the wire.
struct WireAnswer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]

    var json: JSONValue? { try? JSONReader.read(body) }
    var code: String? { json?["code"]?.stringValue }
}

/// A TCP peer that sends exactly the bytes it is given: a blocking socket, to be used on a thread of its own.
final class RawPeer {
    enum Failure: Error {
        case system(String)
        case timedOut
        case reset
        case notHTTP
    }

    private let socketDescriptor: Int32
    private var received: [UInt8] = []
    private(set) var isAtEnd = false

    /// - Parameter patience: Seconds that a read waits at most.
    init(port: Int, patience: Int = 60, receiveBuffer: Int32? = nil) throws {
        socketDescriptor = socket(AF_INET, streamSocket, 0)
        var time = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(socketDescriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socketDescriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(socketDescriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socketDescriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure.system("connect: \(errno)") }
    }

    deinit { close(socketDescriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Stops quietly when the other side has closed: what it said is still to be read.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                sendQuietly(socketDescriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Whether something can be read, or becomes readable within the time.
    func hasInput(withinMilliseconds time: Int32) -> Bool {
        var entry = pollfd(fd: socketDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, time) > 0
    }

    func finishSending() { shutdown(socketDescriptor, Int32(SHUT_WR)) }

    /// Appends what comes next; `false` at the end.
    private func receive() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socketDescriptor, &chunk, chunk.count, 0)
        if count > 0 {
            received.append(contentsOf: chunk[..<count])
            return true
        }
        if count < 0 {
            if errno == EAGAIN || errno == EWOULDBLOCK { throw Failure.timedOut }
            isAtEnd = true
            throw Failure.reset
        }
        isAtEnd = true
        return false
    }

    /// The next answer, or `nil` when the connection ends instead.
    func answer(toHead: Bool = false) throws -> WireAnswer? {
        while true {
            if let end = headEnd() {
                let head = String(decoding: received[..<end], as: UTF8.self)
                var lines = head.components(separatedBy: "\r\n")
                let words = lines.removeFirst().split(separator: " ")
                guard words.count >= 2, let status = Int(words[1]) else { throw Failure.notHTTP }
                var headers: [String: String] = [:]
                for line in lines {
                    guard let colon = line.firstIndex(of: ":") else { continue }
                    headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                        in: .whitespaces)
                }
                let length = toHead || status < 200 ? 0 : Int(headers["content-length"] ?? "0") ?? 0
                while received.count < end + 4 + length { guard try receive() else { return nil } }
                let body = Array(received[(end + 4)..<(end + 4 + length)])
                received.removeFirst(end + 4 + length)
                return WireAnswer(status: status, headers: headers, body: body)
            }
            guard try receive() else { return nil }
        }
    }

    /// Every answer until the other side closes.
    func answersToEnd() throws -> [WireAnswer] {
        var answers: [WireAnswer] = []
        while let answer = try answer() { answers.append(answer) }
        return answers
    }

    /// Waits for the end of the connection and tells how many bytes came before it.
    func waitForEnd() throws -> Int {
        while try receive() {}
        return received.count
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        for index in 0...(received.count - 4) where received[index..<index + 4].elementsEqual([13, 10, 13, 10]) {
            return index
        }
        return nil
    }
}

private func sendQuietly(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #else
        send(descriptor, bytes, count, 0)
    #endif
}

/// Runs blocking work away from the threads that the server's handlers need.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: work)) }
    }
}
