import HTTPDoor
import Testing

@Suite("A request from a web page") struct OriginTests {
    static func get(_ headers: [String], host: String = "localhost:8000") -> String {
        (["GET /get HTTP/1.1", "Host: \(host)", "Connection: close"] + headers).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test(
        "R48: a Host that is not ours gets 403 before anything else",
        arguments: [
            "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost",
            "128.0.0.1", "127.0.0.256", "127.1", "127.0.0.01", "0.0.0.0", "[::2]", "[::1", "::1", "localhost.",
            "localhost:", "localhost:80a", "localhost:123456", "localhost@evil.example", "local host", "2130706433",
            "listed.example:1", "other.listed.example",
        ])
    func foreignHost(_ host: String) async throws {
        try await withServer(allowedHosts: ["listed.example:8000"]) { server in
            let answers = try await server.exchange(Self.get([], host: host) + smuggled)
            #expect(answers.map(\.status) == [403])
            #expect(answers.first?.code == "foreign_host")
            #expect(server.log.handled == [])
        }
    }

    @Test(
        "R48, control: loopback names with any port and listed hosts are admitted",
        arguments: [
            "localhost", "LocalHost:1", "127.0.0.1", "127.0.0.1:65535", "127.255.3.4:80", "[::1]", "[::1]:8000",
            "app.localhost:8000", "listed.example:8000", "any.example", "ANY.example:99",
        ])
    func ownHost(_ host: String) async throws {
        try await withServer(allowedHosts: ["listed.example:8000", "Any.Example"]) { server in
            let answers = try await server.exchange(Self.get([], host: host))
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R48: the check comes before routing, method and size")
    func order() async throws {
        try await withServer { server in
            let text = "PUT /nowhere HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 99999999\r\n\r\n"
            let lastAnswers = try await server.exchange(text)
            #expect(lastAnswers.map(\.code) == ["foreign_host"])
        }
    }

    @Test(
        "R49: a foreign origin gets 403",
        arguments: [
            "Origin: http://evil.example", "Origin: null", "Origin:", "Origin: http://localhost:3000",
            "Origin: https://localhost:8000", "Origin: http://localhost", "Origin: http://127.0.0.1:8000",
            "Origin: http://localhost:8000.evil.example", "Origin: localhost:8000", "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: anything", "Sec-Fetch-Site:",
        ])
    func foreignOrigin(_ header: String) async throws {
        try await withServer { server in
            let answers = try await server.exchange(Self.get([header]) + smuggled)
            #expect(answers.map(\.status) == [403])
            #expect(answers.first?.code == "foreign_origin")
            #expect(server.log.handled == [])
        }
    }

    @Test(
        "R49, control: our own origin, or none, is admitted",
        arguments: [
            [], ["Origin: http://localhost:8000"], ["Origin: http://localhost:8000", "Sec-Fetch-Site: same-origin"],
            ["Sec-Fetch-Site: none"],
        ])
    func ownOrigin(_ headers: [String]) async throws {
        try await withServer { server in
            let answers = try await server.exchange(Self.get(headers))
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R49, control: the default port may be spelled or left out")
    func defaultPort() {
        let rule = HostRule()
        #expect(rule.isSameOrigin("http://localhost", host: "localhost:80"))
        #expect(rule.isSameOrigin("http://localhost:80", host: "Localhost"))
        #expect(HostRule(scheme: "https").isSameOrigin("https://localhost", host: "localhost:443"))
        #expect(!rule.isSameOrigin("http://localhost:443", host: "localhost"))
    }

    @Test("R49: two Origin headers get 400")
    func twoOrigins() async throws {
        try await withServer { server in
            let text = Self.get(["Origin: http://localhost:8000", "Origin: http://evil.example"])
            let answers = try await server.exchange(text)
            #expect(answers.map(\.status) == [400])
        }
    }

    @Test(
        "R49: a write with a body that is not JSON gets 415",
        arguments: [
            "X-Note: no type", "Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data", "Content-Type: application/jsonp", "Content-Type:",
            "Content-Type: text/plain; application/json", "Content-Type: application/json; charset=utf-16",
        ])
    func notJSON(_ header: String) async throws {
        try await withServer { server in
            for method in ["POST", "PATCH", "PUT", "DELETE"] {
                let text = request(
                    "\(method) /echo HTTP/1.1", [header, "Content-Length: 2"], body: "{}", closing: false)
                let answers = try await server.exchange(text + smuggled)
                #expect(answers.map(\.status) == [415])
            }
            #expect(server.log.handled == [])
        }
    }

    @Test(
        "R49, control: JSON is admitted, with or without its charset",
        arguments: [
            "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
        ])
    func isJSON(_ type: String) async throws {
        try await withServer { server in
            let text = request("POST /echo HTTP/1.1", ["Content-Type: \(type)", "Content-Length: 2"], body: "{}")
            let answers = try await server.exchange(text)
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R49, control: a write without a body needs no content type")
    func noBody() async throws {
        try await withServer { server in
            let lastAnswers = try await server.exchange(request("PATCH /things/lamp/enabled HTTP/1.1"))
            #expect(lastAnswers.map(\.status) == [200])
            let text = request("PATCH /things/lamp/enabled HTTP/1.1", ["Content-Length: 0"])
            let moreAnswers = try await server.exchange(text)
            #expect(moreAnswers.map(\.status) == [200])
        }
    }

    @Test(
        "R51: what only this machine can reach is told from the rest",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.1", true), ("localhost", true), ("::1", true), ("[::1]", true),
            ("0.0.0.0", false), ("::", false), ("192.168.1.5", false), ("example.org", false), ("", false),
        ])
    func loopback(_ host: String, _ isLoopback: Bool) {
        #expect(BindAddress(host: host, port: 8_000).isLoopback == isLoopback)
    }
}
