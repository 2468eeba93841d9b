import HTTPDoor
import Logging
import ServiceLifecycle
import Testing
import ToolKit

@Suite("Connections and their order", .timeLimit(.minutes(2))) struct ConnectionTests {
    @Test("pipelined requests are answered in their order")
    func pipelining() async throws {
        try await withServer { server in
            let text = (0..<50).map { request("GET /numbers/\($0) HTTP/1.1", closing: $0 == 49) }.joined()
            let answers = try await server.exchange(text)
            #expect(answers.map { $0.json?["number"]?.stringValue } == (0..<50).map { "\($0)" })
        }
    }

    @Test("pipelined requests with bodies, their pieces cut anywhere, are answered in their order")
    func pipeliningWithBodies() async throws {
        try await withServer { server in
            let text = (0..<40).map { post("/echo", "\($0)", closing: $0 == 39) }.joined()
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                let bytes = Array(text.utf8)
                var start = 0
                while start < bytes.count {
                    let end = min(start + 37, bytes.count)
                    try peer.send(Array(bytes[start..<end]))
                    start = end
                }
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.json) == (0..<40).map { .integer($0) })
        }
    }

    @Test("R43: a pipelined request is not begun while the one before it is being answered")
    func oneAtATime() async throws {
        try await withServer { server in
            async let answers = server.exchange(
                request("GET /wait HTTP/1.1", closing: false) + request("GET /get HTTP/1.1"))
            await server.log.waitForArrivals(1)
            // The answer to another connection shows that the server had its chance.
            _ = try await server.get("/health")
            #expect(server.log.handled == ["wait"])
            server.log.open()
            let both = try await answers
            #expect(both.map(\.status) == [200, 200])
        }
    }

    @Test("R42: what comes before a broken request is answered first, what comes behind it never")
    func brokenInTheMiddle() async throws {
        try await withServer { server in
            let text = request("GET /get HTTP/1.1", closing: false) + "broken\r\n\r\n" + smuggled
            let answers = try await server.exchange(text)
            #expect(answers.map(\.status) == [200, 400])
            #expect(server.log.handled == ["get"])
        }
    }

    @Test("a peer that ends its side after the request still gets its answers")
    func halfClosed() async throws {
        try await withServer { server in
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send(
                    request("GET /get HTTP/1.1", closing: false) + request("GET /numbers/2 HTTP/1.1", closing: false))
                peer.finishSending()
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.status) == [200, 200])
        }
    }

    @Test("Connection: close ends the connection behind the answer, in any case of letters")
    func close() async throws {
        try await withServer { server in
            let answers = try await server.exchange(
                request("GET /get HTTP/1.1", ["connection: Keep-Alive, CLOSE"], closing: false) + smuggled)
            #expect(answers.map(\.status) == [200])
            #expect(answers.first?.headers["connection"] == "close")
            #expect(server.log.handled == ["get"])
        }
    }

    @Test("R43: a connection beyond the limit gets 503 with Retry-After and a close")
    func tooMany() async throws {
        var limits = ServerLimits()
        limits.connections = 3
        try await withServer(limits: limits) { server in
            let answers = try await onThread { [port = server.port] in
                let peers = try (0..<3).map { _ in
                    let peer = try RawPeer(port: port)
                    try peer.send(request("GET /get HTTP/1.1", closing: false))
                    #expect(try peer.answer()?.status == 200)
                    return peer
                }
                defer { withExtendedLifetime(peers) {} }
                let fourth = try RawPeer(port: port)
                try fourth.send(request("GET /get HTTP/1.1"))
                return try fourth.answersToEnd()
            }
            #expect(answers.map(\.status) == [503])
            #expect(answers.first?.code == "too_many_connections")
            #expect(answers.first?.headers["retry-after"] == "1")
        }
    }

    @Test("R43, control: a connection is welcome again once another has gone")
    func roomAgain() async throws {
        var limits = ServerLimits()
        limits.connections = 1
        try await withServer(limits: limits) { server in
            for _ in 0..<5 {
                // The server learns of a client's close a moment after the client: until then 503 is right.
                var status: Int?
                for _ in 0..<1_000 where status != 200 { status = try await server.get("/get")?.status }
                #expect(status == 200)
            }
        }
    }

    @Test("beyond the limit of requests being answered there is 503 with Retry-After, cheap reads excepted")
    func overload() async throws {
        var limits = ServerLimits()
        limits.answersInFlight = 2
        try await withServer(limits: limits) { server in
            async let first = server.exchange(request("GET /wait HTTP/1.1"))
            async let second = server.exchange(request("GET /wait HTTP/1.1"))
            await server.log.waitForArrivals(2)
            let refused = try await server.get("/get")
            #expect(refused?.status == 503)
            #expect(refused?.code == "overloaded")
            #expect(refused?.headers["retry-after"] == "1")
            let answer = try await server.get("/health")
            #expect(answer?.status == 200)
            server.log.open()
            let answers = try await first + second
            #expect(answers.map(\.status) == [200, 200])
            let another2 = try await server.get("/get")
            #expect(another2?.status == 200)
        }
    }

    @Test("a shutdown closes idle connections at once and lets a running request finish")
    func shutdown() async throws {
        try await withServerAndGroup { server, group in
            async let running = server.exchange(request("GET /wait HTTP/1.1", closing: false))
            await server.log.waitForArrivals(1)
            let idleAnswers = try await onThread { [port = server.port] in
                let idle = try RawPeer(port: port)
                try idle.send(request("GET /get HTTP/1.1", closing: false))
                #expect(try idle.answer()?.status == 200)
                Task { await group.triggerGracefulShutdown() }
                return try idle.answersToEnd()
            }
            #expect(idleAnswers.isEmpty)
            server.log.open()
            let answers = try await running
            #expect(answers.map(\.status) == [200])
            #expect(answers.first?.headers["connection"] == "close")
        }
    }

    @Test("a shutdown waits for a running request no longer than its grace")
    func grace() async throws {
        var limits = ServerLimits()
        limits.shutdownGrace = .milliseconds(700)
        try await withServerAndGroup(limits: limits) { server, group in
            async let running = server.exchange(request("GET /wait HTTP/1.1", closing: false))
            await server.log.waitForArrivals(1)
            await group.triggerGracefulShutdown()
            let answers = try await running
            #expect(answers.isEmpty)
        }
    }

    @Test("a port that is taken is a plain sentence with the remedy")
    func takenPort() async throws {
        try await withServer { server in
            let second = HTTPServer(
                address: BindAddress(host: "127.0.0.1", port: server.port), hosts: HostRule(), routes: RouteTable(),
                logger: .init(label: "test"))
            let failure = await #expect(throws: BindFailure.self) { try await second.run() }
            #expect(failure?.message.contains("port \(server.port) on 127.0.0.1 is taken") == true)
            #expect(failure?.remedy.contains("--port") == true)
        }
    }

    @Test("an address of another machine is a plain sentence with the remedy")
    func foreignAddress() async throws {
        let server = HTTPServer(
            address: BindAddress(host: "192.0.2.1", port: 0), hosts: HostRule(), routes: RouteTable(),
            logger: .init(label: "test"))
        let failure = await #expect(throws: BindFailure.self) { try await server.run() }
        #expect(failure?.message.contains("no address 192.0.2.1") == true)
    }
}
