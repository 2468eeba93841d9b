import HTTPDoor
import Testing

/// R43: limits before anybody has shown a token, each beside a request that stays just within it.
@Suite("A request at the limits") struct LimitTests {
    @Test("R43: a request line over 16 KiB gets 414")
    func requestLine() async throws {
        try await withServer { server in
            let path = "/get?" + String(repeating: "a", count: 16 * 1_024)
            let answers = try await server.exchange(request("GET \(path) HTTP/1.1", closing: false) + smuggled)
            #expect(answers.map(\.code) == ["request_line_too_long"])
            #expect(answers.map(\.status) == [414])
        }
    }

    @Test("R43, control: a request line of exactly 16 KiB is answered")
    func requestLineControl() async throws {
        try await withServer { server in
            let path = "/get?" + String(repeating: "a", count: 16 * 1_024 - "GET /get? HTTP/1.1".utf8.count)
            let lastAnswers = try await server.exchange(request("GET \(path) HTTP/1.1"))
            #expect(lastAnswers.map(\.status) == [200])
        }
    }

    @Test("R43: a request line that never ends gets 414 without waiting for its end")
    func endlessRequestLine() async throws {
        try await withServer { server in
            let answers = try await server.exchange("GET /" + String(repeating: "a", count: 17 * 1_024))
            #expect(answers.map(\.status) == [414])
        }
    }

    @Test("R43: 101 headers get 431")
    func headerCount() async throws {
        try await withServer { server in
            let headers = (1...100).map { "X-\($0): a" }
            let answers = try await server.exchange(request("GET /get HTTP/1.1", headers, closing: false) + smuggled)
            #expect(answers.map(\.code) == ["headers_too_large"])
            #expect(answers.map(\.status) == [431])
        }
    }

    @Test("R43, control: 100 headers are answered")
    func headerCountControl() async throws {
        try await withServer { server in
            let headers = (1...98).map { "X-\($0): a" }
            let lastAnswers = try await server.exchange(request("GET /get HTTP/1.1", headers))
            #expect(lastAnswers.map(\.status) == [200])
        }
    }

    @Test("R43: headers over 64 KiB get 431")
    func headerBytes() async throws {
        try await withServer { server in
            let header = "X-Note: " + String(repeating: "a", count: 64 * 1_024)
            let answers = try await server.exchange(request("GET /get HTTP/1.1", [header], closing: false) + smuggled)
            #expect(answers.map(\.status) == [431])
        }
    }

    @Test("R43, control: headers of 63 KiB are answered")
    func headerBytesControl() async throws {
        try await withServer { server in
            let header = "X-Note: " + String(repeating: "a", count: 63 * 1_024)
            let lastAnswers = try await server.exchange(request("GET /get HTTP/1.1", [header]))
            #expect(lastAnswers.map(\.status) == [200])
        }
    }

    @Test("R43: a length over 4 MiB gets 413 before any of the body is sent")
    func announcedBody() async throws {
        try await withServer { server in
            let head = request(
                "POST /echo HTTP/1.1", ["Content-Type: application/json", "Content-Length: 4194305"], closing: false)
            let answers = try await server.exchange(head)
            #expect(answers.map(\.code) == ["body_too_large"])
            #expect(answers.map(\.status) == [413])
        }
    }

    @Test("R43: a length that no number can hold gets 413")
    func absurdBody() async throws {
        try await withServer { server in
            let length = "Content-Length: " + String(repeating: "9", count: 40)
            let head = request("POST /echo HTTP/1.1", ["Content-Type: application/json", length], closing: false)
            let lastAnswers = try await server.exchange(head + smuggled)
            #expect(lastAnswers.map(\.status) == [413])
        }
    }

    @Test("R43: a client that expects 100-continue gets 413 instead of the permission")
    func expectation() async throws {
        try await withServer { server in
            let head = request(
                "POST /echo HTTP/1.1",
                ["Content-Type: application/json", "Content-Length: 5000000", "Expect: 100-continue"], closing: false)
            let answers = try await server.exchange(head)
            #expect(answers.map(\.status) == [413])
        }
    }

    @Test("R43, control: a client that expects 100-continue with a body that fits gets the permission and the answer")
    func expectationControl() async throws {
        try await withServer { server in
            let head = request(
                "POST /echo HTTP/1.1", ["Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue"])
            let statuses = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send(head)
                let permission = try peer.answer()
                try peer.send("{}")
                return [permission?.status, try peer.answer()?.status]
            }
            #expect(statuses == [100, 200])
        }
    }

    @Test("R43: an expectation that is not 100-continue gets 417")
    func strangeExpectation() async throws {
        try await withServer { server in
            let text = request("GET /get HTTP/1.1", ["Expect: tea"], closing: false)
            let answers = try await server.exchange(text + smuggled)
            #expect(answers.map(\.status) == [417])
        }
    }

    @Test("R43: a client that sends 5 MiB regardless still reads its 413")
    func stubbornBody() async throws {
        try await withServer { server in
            let body = String(repeating: " ", count: 5 * 1_024 * 1_024)
            let lastAnswers = try await server.exchange(post("/echo", body))
            #expect(lastAnswers.map(\.status) == [413])
        }
    }

    @Test("R43: a chunk size over the limit gets 413 before its data")
    func chunkSize() async throws {
        try await withServer { server in
            let head = request(
                "POST /echo HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"], closing: false)
            let answers = try await server.exchange(head + "7fffffff\r\n")
            #expect(answers.map(\.status) == [413])
        }
    }

    @Test("R43: chunks that together exceed the limit get 413")
    func manyChunks() async throws {
        var limits = ServerLimits()
        limits.bodyBytes = 100
        try await withServer(limits: limits) { server in
            let head = request(
                "POST /echo HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"], closing: false)
            let chunk = "32\r\n" + String(repeating: " ", count: 50) + "\r\n"
            let lastAnswers = try await server.exchange(head + chunk + chunk + "1\r\n")
            #expect(lastAnswers.map(\.status) == [413])
        }
    }

    @Test("R43, control: a body of exactly 4 MiB is answered, with a length and in chunks")
    func bodyControl() async throws {
        try await withServer { server in
            let body = "\"" + String(repeating: "a", count: 4 * 1_024 * 1_024 - 2) + "\""
            let answers = try await server.exchange(post("/echo", body))
            #expect(answers.map(\.status) == [200])
            let head = request(
                "POST /echo HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"])
            let moreAnswers = try await server.exchange(head + "400000\r\n\(body)\r\n0\r\n\r\n")
            #expect(moreAnswers.map(\.status) == [200])
        }
    }
}
