import HTTPDoor
import Testing

/// R43: a phase that takes too long ends, while others are served.
@Suite("A peer that takes its time", .timeLimit(.minutes(2))) struct DeadlineTests {
    static func limits(_ change: (inout ServerLimits) -> Void) -> ServerLimits {
        var limits = ServerLimits()
        change(&limits)
        return limits
    }

    @Test("R43: a head that does not end in time gets 408")
    func slowHead() async throws {
        try await withServer(limits: Self.limits { $0.headerDeadline = .milliseconds(700) }) { server in
            let answers = try await server.exchange("GET /get HTTP/1.1\r\nHost: loc")
            #expect(answers.map(\.status) == [408])
            #expect(answers.first?.code == "request_timeout")
        }
    }

    @Test("R43: the deadline of a head counts from its first byte, however many follow")
    func drippingHead() async throws {
        try await withServer(limits: Self.limits { $0.headerDeadline = .milliseconds(700) }) { server in
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send("GET /get HTTP/1.1\r\n")
                // Until the server has had enough; the limits of size are far away.
                for _ in 0..<1_000 where !peer.hasInput(withinMilliseconds: 5) { try peer.send("X") }
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.status) == [408])
        }
    }

    @Test("R43: a connection that says nothing is closed without a word")
    func silent() async throws {
        try await withServer(limits: Self.limits { $0.headerDeadline = .milliseconds(700) }) { server in
            let answers = try await server.exchange("")
            #expect(answers.isEmpty)
        }
    }

    @Test(
        "R43: a body that does not arrive in time gets 408",
        arguments: ["Content-Length: 10", "Transfer-Encoding: chunked"])
    func slowBody(framing: String) async throws {
        try await withServer(limits: Self.limits { $0.bodyDeadline = .milliseconds(700) }) { server in
            let head = request("POST /echo HTTP/1.1", ["Content-Type: application/json", framing], closing: false)
            let answers = try await server.exchange(head + "1")
            #expect(answers.map(\.status) == [408])
            #expect(server.log.handled == [])
        }
    }

    @Test("R43: a connection at rest is closed without a word")
    func idle() async throws {
        try await withServer(limits: Self.limits { $0.idleDeadline = .milliseconds(700) }) { server in
            let answers = try await server.exchange(request("GET /get HTTP/1.1", closing: false))
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R43: a long answer is not cut off by the deadlines of requests")
    func longAnswer() async throws {
        let limits = Self.limits {
            $0.headerDeadline = .seconds(1)
            $0.bodyDeadline = .seconds(1)
            $0.idleDeadline = .seconds(1)
        }
        try await withServer(limits: limits) { server in
            async let waiting = server.exchange(request("GET /wait HTTP/1.1"))
            await server.log.waitForArrivals(1)
            // Another connection that the server closes for idleness proves that those deadlines have passed.
            _ = try await server.exchange(request("GET /get HTTP/1.1", closing: false))
            server.log.open()
            let answers = try await waiting
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R43: a peer that takes none of its answer loses the connection")
    func stuckReader() async throws {
        let limits = Self.limits {
            $0.writeDeadline = .milliseconds(700)
            $0.connections = 1
        }
        try await withServer(limits: limits) { server in
            let received = try await onThread { [port = server.port] in
                let stuck = try RawPeer(port: port, receiveBuffer: 4_096)
                try stuck.send(request("GET /large HTTP/1.1", closing: false))
                // There is room for one connection: another one gets it when the stuck one has lost it.
                var status: Int?
                for _ in 0..<2_000 where status != 200 {
                    let next = try RawPeer(port: port)
                    try next.send(request("GET /health HTTP/1.1"))
                    status = (try? next.answer())?.status
                    _ = next.hasInput(withinMilliseconds: 5)
                }
                #expect(status == 200)
                return (try? stuck.waitForEnd()) ?? 0
            }
            #expect(received < 16 * 1_024 * 1_024)
        }
    }

    @Test("R43, control: a peer that reads gets the whole of a large answer")
    func readerControl() async throws {
        try await withServer { server in
            let answer = try await server.get("/large")
            #expect(answer?.body.count == 16 * 1_024 * 1_024 + 2)
        }
    }

    @Test("R43: ordinary calls stay under a second while 300 peers are half open")
    func halfOpen() async throws {
        try await withServer { server in
            let durations = try await onThread { [port = server.port] in
                let peers = try (0..<300).map { index in
                    let peer = try RawPeer(port: port)
                    try peer.send(
                        index.isMultiple(of: 2)
                            ? "GET /get HTTP/1.1\r\nHost:" : post("/echo", "{}").dropLast().description)
                    return peer
                }
                defer { withExtendedLifetime(peers) {} }
                let clock = ContinuousClock()
                return try (0..<20).map { _ in
                    try clock.measure {
                        let peer = try RawPeer(port: port)
                        try peer.send(request("GET /get HTTP/1.1"))
                        #expect(try peer.answer()?.status == 200)
                    }
                }
            }
            // The median: a busy test machine may delay single calls, a server that waits for half-open peers delays all.
            #expect(durations.sorted()[10] < .seconds(1))
        }
    }
}
