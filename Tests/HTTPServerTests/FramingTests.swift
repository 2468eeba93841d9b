import Testing

/// R42: framing ambiguities get 400 and close; nothing after them is parsed.
@Suite("A request whose framing could be read in two ways") struct FramingTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        var testDescription: String { name }

        init(_ name: String, _ text: String) {
            self.name = name
            self.text = text
        }
    }

    static let json = "Content-Type: application/json"

    static let attacks: [Attack] = [
        Attack(
            "length and chunked",
            request(
                "POST /echo HTTP/1.1", [json, "Content-Length: 5", "Transfer-Encoding: chunked"], body: "0\r\n\r\n",
                closing: false)),
        Attack(
            "chunked and length",
            request(
                "POST /echo HTTP/1.1", [json, "Transfer-Encoding: chunked", "Content-Length: 5"], body: "0\r\n\r\n",
                closing: false)),
        Attack(
            "two lengths",
            request(
                "POST /echo HTTP/1.1", [json, "Content-Length: 2", "Content-Length: 7"], body: "{}", closing: false)),
        Attack(
            "the same length twice",
            request(
                "POST /echo HTTP/1.1", [json, "Content-Length: 2", "Content-Length: 2"], body: "{}", closing: false)),
        Attack(
            "a list of lengths",
            request("POST /echo HTTP/1.1", [json, "Content-Length: 2, 2"], body: "{}", closing: false)),
        Attack(
            "a signed length", request("POST /echo HTTP/1.1", [json, "Content-Length: +2"], body: "{}", closing: false)),
        Attack(
            "a negative length",
            request("POST /echo HTTP/1.1", [json, "Content-Length: -2"], body: "{}", closing: false)),
        Attack(
            "a hexadecimal length",
            request("POST /echo HTTP/1.1", [json, "Content-Length: 0x2"], body: "{}", closing: false)),
        Attack(
            "an empty length", request("POST /echo HTTP/1.1", [json, "Content-Length:"], body: "{}", closing: false)),
        Attack(
            "an unknown transfer encoding",
            request("POST /echo HTTP/1.1", [json, "Transfer-Encoding: gzip"], closing: false)),
        Attack(
            "two transfer encodings",
            request(
                "POST /echo HTTP/1.1", [json, "Transfer-Encoding: gzip, chunked"], body: "0\r\n\r\n", closing: false)),
        Attack(
            "chunked that is not last",
            request(
                "POST /echo HTTP/1.1", [json, "Transfer-Encoding: chunked, identity"], body: "0\r\n\r\n", closing: false
            )),
        Attack(
            "two Transfer-Encoding lines",
            request(
                "POST /echo HTTP/1.1", [json, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
                body: "0\r\n\r\n", closing: false)),
        Attack(
            "a vertical tab before chunked",
            request(
                "POST /echo HTTP/1.1", [json, "Transfer-Encoding: \u{0B}chunked"], body: "0\r\n\r\n", closing: false)),
        Attack(
            "chunked in HTTP/1.0",
            request("POST /echo HTTP/1.0", [json, "Transfer-Encoding: chunked"], body: "0\r\n\r\n", closing: false)),
        Attack("a folded header", request("GET /get HTTP/1.1", ["X-Note: one", " two"], closing: false)),
        Attack(
            "a header folded with a tab",
            request("GET /get HTTP/1.1", ["X-Note: one", "\tTransfer-Encoding: chunked"], closing: false)),
        Attack("a first header line that begins with a space", "GET /get HTTP/1.1\r\n Host: localhost\r\n\r\n"),
        Attack("a bare line feed in the head", "GET /get HTTP/1.1\r\nHost: localhost\nX-Note: one\r\n\r\n"),
        Attack("bare line feeds only", "GET /get HTTP/1.1\nHost: localhost\n\n"),
        Attack(
            "a bare carriage return in a header", request("GET /get HTTP/1.1", ["X-Note: one\rTwo: 2"], closing: false)),
        Attack("a bare carriage return in the request line", request("GET /get\r HTTP/1.1", closing: false)),
        Attack("a NUL in a header value", request("GET /get HTTP/1.1", ["X-Note: a\u{0}b"], closing: false)),
        Attack("a NUL in a header name", request("GET /get HTTP/1.1", ["X-No\u{0}te: a"], closing: false)),
        Attack("a NUL in the target", request("GET /get\u{0} HTTP/1.1", closing: false)),
        Attack("a control byte in a header value", request("GET /get HTTP/1.1", ["X-Note: a\u{1}b"], closing: false)),
        Attack("a DEL in a header value", request("GET /get HTTP/1.1", ["X-Note: a\u{7F}b"], closing: false)),
        Attack(
            "a space before the colon",
            request("POST /echo HTTP/1.1", [json, "Content-Length : 2"], body: "{}", closing: false)),
        Attack(
            "a tab before the colon",
            request("POST /echo HTTP/1.1", [json, "Transfer-Encoding\t: chunked"], body: "0\r\n\r\n", closing: false)),
        Attack("a header without a colon", request("GET /get HTTP/1.1", ["X-Note"], closing: false)),
        Attack("a header without a name", request("GET /get HTTP/1.1", [": value"], closing: false)),
        Attack("a header name in parentheses", request("GET /get HTTP/1.1", ["X(Note): value"], closing: false)),
        Attack("HTTP/0.9", "GET /get\r\n"),
        Attack("HTTP/1.2", request("GET /get HTTP/1.2", closing: false)),
        Attack("HTTP/2.0", request("GET /get HTTP/2.0", closing: false)),
        Attack("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Attack("a protocol name in lower case", request("GET /get http/1.1", closing: false)),
        Attack("two spaces before the target", request("GET  /get HTTP/1.1", closing: false)),
        Attack("two spaces behind the target", request("GET /get  HTTP/1.1", closing: false)),
        Attack("a tab in the request line", request("GET\t/get HTTP/1.1", closing: false)),
        Attack("a space before the method", request(" GET /get HTTP/1.1", closing: false)),
        Attack("two empty lines before the request", "\r\n\r\n" + request("GET /get HTTP/1.1", closing: false)),
        Attack("an absolute target of a foreign host", request("GET http://evil.example/get HTTP/1.1", closing: false)),
        Attack("an absolute target", request("GET http://localhost/get HTTP/1.1", closing: false)),
        Attack("an authority as target", request("GET localhost:80 HTTP/1.1", closing: false)),
        Attack("an asterisk as target", request("OPTIONS * HTTP/1.1", closing: false)),
        Attack("a target beyond ASCII", request("GET /gét HTTP/1.1", closing: false)),
        Attack("a fragment in the target", request("GET /get#a HTTP/1.1", closing: false)),
        Attack("no Host", "GET /get HTTP/1.1\r\nX-Note: a\r\n\r\n"),
        Attack("no Host in HTTP/1.0", "GET /get HTTP/1.0\r\n\r\n"),
        Attack("an empty Host", "GET /get HTTP/1.1\r\nHost:\r\n\r\n"),
        Attack("two Hosts", request("GET /get HTTP/1.1", ["Host: localhost"], closing: false)),
        Attack(
            "two tokens",
            request("GET /get HTTP/1.1", ["X-Execution-Token: a", "x-execution-token: b"], closing: false)),
        Attack("a handshake of TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}"),
    ]

    @Test("R42: gets 400 as JSON and a close, and what follows is not parsed", arguments: attacks)
    func refused(_ attack: Attack) async throws {
        try await withServer { server in
            let answers = try await server.exchange(attack.text + smuggled)
            #expect(answers.map(\.status) == [400])
            #expect(answers.first?.code == "malformed_request")
            #expect(server.log.handled == [])
        }
    }

    static let brokenChunks: [Attack] = [
        Attack("a size that is no number", "zz\r\n{}\r\n0\r\n\r\n"),
        Attack("an empty size", "\r\n{}\r\n0\r\n\r\n"),
        Attack("a signed size", "+2\r\n{}\r\n0\r\n\r\n"),
        Attack("a size with 0x", "0x2\r\n{}\r\n0\r\n\r\n"),
        Attack("a size that overflows 64 bits", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
        Attack("a size of nine digits", "000000002\r\n{}\r\n0\r\n\r\n"),
        Attack("a space behind the size", "2 \r\n{}\r\n0\r\n\r\n"),
        Attack("an extension", "2;a=b\r\n{}\r\n0\r\n\r\n"),
        Attack("a size line that ends with a bare line feed", "2\n{}\r\n0\r\n\r\n"),
        Attack("data longer than its size", "1\r\n{}\r\n0\r\n\r\n"),
        Attack("data that ends with a bare line feed", "2\r\n{}\n0\r\n\r\n"),
        Attack("a trailer", "2\r\n{}\r\n0\r\nX-Note: a\r\n\r\n"),
        Attack("a trailer that is a length", "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n"),
        Attack("an end with a bare line feed", "2\r\n{}\r\n0\r\n\n"),
    ]

    @Test("R42: broken chunks get 400 and a close, and what follows is not parsed", arguments: brokenChunks)
    func brokenChunk(_ attack: Attack) async throws {
        try await withServer { server in
            let head = request("POST /echo HTTP/1.1", [Self.json, "Transfer-Encoding: chunked"], closing: false)
            let answers = try await server.exchange(head + attack.text + smuggled)
            #expect(answers.map(\.status) == [400])
            #expect(answers.first?.code == "malformed_request")
            #expect(server.log.handled == [])
        }
    }

    static let sound: [Attack] = [
        Attack("a plain GET", request("GET /get HTTP/1.1")),
        Attack("one empty line before the request", "\r\n" + request("GET /get HTTP/1.1")),
        Attack("HTTP/1.0", "GET /get HTTP/1.0\r\nHost: localhost\r\n\r\n"),
        Attack("a header value with UTF-8 and a tab", request("GET /get HTTP/1.1", ["X-Note: é\ta"])),
        Attack("a query", request("GET /get?a=b&c=%20 HTTP/1.1")),
        Attack("a length", post("/echo", "{}")),
        Attack(
            "a length with spaces around", request("POST /echo HTTP/1.1", [json, "Content-Length: \t 2 "], body: "{}")),
        Attack(
            "chunks",
            request(
                "POST /echo HTTP/1.1", [json, "transfer-encoding: Chunked"], body: "1\r\n{\r\n01\r\n}\r\n0\r\n\r\n")),
        Attack(
            "an upgrade that is not followed",
            request("GET /get HTTP/1.1", ["Connection: upgrade", "Upgrade: websocket"], closing: false)),
        Attack("a GET with a body", request("GET /get HTTP/1.1", ["Content-Length: 2"], body: "ab")),
    ]

    @Test("R42, control: sound requests are answered", arguments: sound)
    func control(_ sound: Attack) async throws {
        try await withServer { server in
            let answers = try await server.exchange(sound.text)
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R42: refuses a request that arrives one byte at a time just the same")
    func trickled() async throws {
        try await withServer { server in
            let text = request(
                "POST /echo HTTP/1.1", [Self.json, "Content-Length: 2", "Content-Length: 2"], closing: false)
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                for byte in Array((text + "{}" + smuggled).utf8) { try peer.send([byte]) }
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.status) == [400])
        }
    }

    @Test("R42, control: a sound request that arrives one byte at a time is answered")
    func trickledControl() async throws {
        try await withServer { server in
            let head = request("POST /echo HTTP/1.1", [Self.json, "Transfer-Encoding: chunked"])
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                for byte in Array((head + "2\r\n{}\r\n0\r\n\r\n").utf8) { try peer.send([byte]) }
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.status) == [200])
        }
    }

    @Test("R42: a body that ends too early gets 400, and its beginning is not taken for the whole")
    func truncated() async throws {
        try await withServer { server in
            let head = request("POST /echo HTTP/1.1", [Self.json, "Content-Length: 4"], closing: false)
            let answers = try await onThread { [port = server.port] in
                let peer = try RawPeer(port: port)
                try peer.send(head + "{}")
                peer.finishSending()
                return try peer.answersToEnd()
            }
            #expect(answers.map(\.status) == [400])
            #expect(server.log.handled == [])
        }
    }
}
