internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Open streams of live events, read by one thread, some of them never.
final class Watchers: Sendable {
    private let descriptors: [Int32]
    private let stuck: Int
    private let isOver = Atomic(false)
    private let bytes = Atomic(0)
    private let thread = DispatchGroup()

    /// - Parameter stuck: So many of `count` take the answer's head and then nothing more.
    /// - Throws: ``BenchFailure`` when one of them is refused.
    init(_ count: Int, stuck: Int, at port: UInt16) throws {
        self.stuck = stuck
        var opened: [Int32] = []
        do {
            for number in 0..<count { opened.append(try Self.open(port, isStuck: number < stuck)) }
        } catch {
            for descriptor in opened { close(descriptor) }
            throw error
        }
        descriptors = opened
        thread.enter()
        let reader = Thread { [self] in
            read()
            thread.leave()
        }
        reader.start()
    }

    private static func open(_ port: UInt16, isStuck: Bool) throws -> Int32 {
        let descriptor = try LoopbackClient.connected(to: port, receiveBuffer: isStuck ? 4_096 : nil)
        let head = "GET /api/v1/execution/events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        let request = Array((head + "X-Execution-Token: \(BenchDaemon.token)\r\n\r\n").utf8)
        var answer = [UInt8](repeating: 0, count: 512)
        let sent = write(descriptor, request, request.count)
        // With the head comes the greeting, which every stream begins with.
        let count = recv(descriptor, &answer, answer.count, 0)
        let isOpen = answer.prefix(max(0, count)).starts(with: "HTTP/1.1 200 ".utf8)
        guard sent == request.count, isOpen else {
            close(descriptor)
            throw BenchFailure("a stream of events was refused")
        }
        return descriptor
    }

    private func read() {
        var waiting = descriptors.dropFirst(stuck).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while !isOver.load(ordering: .relaxed), poll(&waiting, nfds_t(waiting.count), 50) >= 0 {
            for place in waiting.indices where waiting[place].revents != 0 {
                let count = recv(waiting[place].fd, &chunk, chunk.count, 0)
                // One that has ended is asked no more.
                if count <= 0 { waiting[place].fd = -1 } else { bytes.add(count, ordering: .relaxed) }
            }
        }
    }

    /// Ends them all.
    ///
    /// - Returns: How many bytes were read.
    func end() -> Int {
        isOver.store(true, ordering: .relaxed)
        thread.wait()
        for descriptor in descriptors { close(descriptor) }
        return bytes.load(ordering: .relaxed)
    }
}
