import HTTPDoor
import Testing
import ToolKit

/// R46: every answer is JSON with nosniff and no-store, whoever made it.
@Suite("The shape of answers") struct AnswerTests {
    struct Situation: Sendable, CustomTestStringConvertible {
        let status: Int
        let text: String
        var testDescription: String { "\(status)" }
    }

    static let situations = [
        Situation(status: 200, text: request("GET /get HTTP/1.1")),
        Situation(status: 400, text: "broken\r\n\r\n"),
        Situation(status: 400, text: post("/echo", "{")),
        Situation(status: 403, text: "GET /get HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        Situation(status: 404, text: request("GET /nowhere HTTP/1.1")),
        Situation(status: 405, text: request("DELETE /get HTTP/1.1")),
        Situation(
            status: 413,
            text: request("POST /echo HTTP/1.1", ["Content-Type: application/json", "Content-Length: 9999999"])),
        Situation(status: 414, text: "GET /" + String(repeating: "a", count: 20_000)),
        Situation(status: 415, text: request("POST /echo HTTP/1.1", ["Content-Length: 2"], body: "{}")),
        Situation(status: 422, text: request("POST /echo HTTP/1.1")),
        Situation(status: 431, text: request("GET /get HTTP/1.1", (0..<200).map { "X-\($0): a" })),
        Situation(status: 500, text: request("GET /fault HTTP/1.1")),
    ]

    @Test("R46: is JSON with nosniff and no-store", arguments: situations)
    func shape(_ situation: Situation) async throws {
        try await withServer { server in
            let answer = try #require(try await server.exchange(situation.text).first)
            #expect(answer.status == situation.status)
            #expect(answer.headers["content-type"] == "application/json")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["server"] == nil)
            #expect(answer.headers.keys.filter { $0.hasPrefix("access-control") }.isEmpty)
            #expect(answer.json?["success"]?.boolValue == (situation.status == 200))
        }
    }

    @Test("R46: a refusal names what is wrong and what would pass", arguments: situations.filter { $0.status != 200 })
    func refusal(_ situation: Situation) async throws {
        try await withServer { server in
            let json = try #require(try await server.exchange(situation.text).first?.json)
            for member in ["detail", "code", "remedy"] { #expect(json[member]?.stringValue?.isEmpty == false) }
        }
    }

    @Test("R46: a fault of a handler tells nothing of its inside")
    func fault() async throws {
        try await withServer { server in
            let answer = try #require(try await server.get("/fault"))
            #expect(answer.code == "internal_error")
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("HandlerFault"))
        }
    }

    @Test("a wrong method of a known path gets 405 with Allow", arguments: ["DELETE", "OPTIONS", "PUT"])
    func wrongMethod(_ method: String) async throws {
        try await withServer { server in
            let answer = try #require(try await server.exchange(request("\(method) /get HTTP/1.1")).first)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == "GET, HEAD")
        }
    }

    @Test(
        "a method that no path knows gets 405 with Allow", arguments: ["TRACE", "CONNECT", "PROPFIND", "get", "BREW"])
    func strangeMethod(_ method: String) async throws {
        try await withServer { server in
            let answers = try await server.exchange(request("\(method) /get HTTP/1.1", closing: false) + smuggled)
            #expect(answers.map(\.status) == [405])
            #expect(answers.first?.headers["allow"] != nil)
        }
    }

    @Test("HEAD is answered as GET without its body, and the connection goes on")
    func head() async throws {
        try await withServer { server in
            let statuses = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send(request("HEAD /get HTTP/1.1", closing: false) + request("GET /numbers/7 HTTP/1.1"))
                let head = try peer.answer(toHead: true)
                #expect(head?.headers["content-length"] == "16")
                return [head?.status, try peer.answer()?.status]
            }
            #expect(statuses == [200, 200])
        }
    }

    @Test("a refusal of HEAD has no body")
    func refusedHead() async throws {
        try await withServer { server in
            let rest = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send("HEAD /get HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                #expect(try peer.answer(toHead: true)?.status == 403)
                return try peer.waitForEnd()
            }
            #expect(rest == 0)
        }
    }

    @Test("a segment of the path reaches the handler; an empty one is no such path")
    func parameters() async throws {
        try await withServer { server in
            let answers = try await server.exchange(request("PATCH /things/lamp/enabled?enabled=true HTTP/1.1"))
            #expect(answers.first?.json?["name"] == "lamp")
            let lastAnswers = try await server.exchange(request("PATCH /things//enabled HTTP/1.1"))
            #expect(lastAnswers.map(\.status) == [404])
        }
    }

    @Test("R45: malformed JSON gets 400 with line and column")
    func malformedJSON() async throws {
        try await withServer { server in
            let answer = try #require(try await server.exchange(post("/echo", "{\n \"a\": 1,\n \"a\": 2}")).first)
            #expect(answer.status == 400)
            #expect(answer.code == "malformed_json")
            #expect(answer.json?["line"] == 3)
            #expect(answer.json?["column"] == 2)
        }
    }

    @Test("R59: a refused request is told to the observer, with peer, method and path but without query")
    func observed() async throws {
        try await withServer { server in
            _ = try await server.exchange("GET /get?secret=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n")
            _ = try await server.get("/nowhere?secret=2")
            _ = try await server.exchange("broken\r\n\r\n")
            _ = try await server.exchange(
                request(
                    "POST /echo HTTP/1.1", ["Content-Type: application/json", "Transfer-Encoding: chunked"], body: "x"))
            #expect(
                server.log.refused.map(\.code) == [
                    "foreign_host", "not_found", "malformed_request", "malformed_request",
                ])
            #expect(server.log.refused.map(\.path) == ["/get", "/nowhere", "", "/echo"])
            #expect(server.log.refused.map(\.method) == ["GET", "GET", "", "POST"])
            #expect(Set(server.log.refused.map(\.peer)) == ["127.0.0.1"])
        }
    }
}
