import Testing
import ToolKit

@testable import execlayer

@Suite("The client and a server on loopback", .timeLimit(.minutes(1)))
struct DaemonClientTests {
    private func exchange(
        _ behaviour: LoopbackServer.Behaviour, _ request: DaemonRequest = .api(.get, "tools"), token: String? = nil,
        timeout: Int = 20
    ) async throws -> (answer: Result<DaemonAnswer, any Error>, requests: [String]) {
        let server = try await LoopbackServer(behaviour)
        let client = try DaemonClient(
            address: DaemonAddress("http://127.0.0.1:\(server.port)"), token: token, timeoutSeconds: timeout)
        let answer: Result<DaemonAnswer, any Error>
        do { answer = .success(try await client.send(request)) } catch { answer = .failure(error) }
        try await server.stop()
        return (answer, server.requests)
    }

    private func failure(_ behaviour: LoopbackServer.Behaviour, timeout: Int = 20) async throws -> ClientFailure? {
        guard case .failure(let error) = try await exchange(behaviour, timeout: timeout).answer else { return nil }
        return error as? ClientFailure
    }

    @Test("sends the token and the body, and reads status and answer")
    func speaks() async throws {
        let request = DaemonRequest.api(.post, "run", body: ["tool_name": "x"])
        let (answer, requests) = try await exchange(
            LoopbackServer.json("{\"success\":false}", status: "403 Forbidden"), request, token: "t0ken")
        #expect(try answer.get() == DaemonAnswer(status: 403, body: ["success": false]))
        let head = try #require(requests.first?.lowercased())
        #expect(head.hasPrefix("post /api/v1/execution/run http/1.1\r\n"))
        #expect(head.contains("x-execution-token: t0ken\r\n"))
        #expect(head.contains("content-type: application/json\r\n"))
        #expect(!head.contains("origin:"))
    }

    @Test("leaves the token out of a request that must not have it")
    func withoutToken() async throws {
        let (_, requests) = try await exchange(LoopbackServer.json("{}"), .health, token: "t0ken")
        #expect(requests.count == 1)
        #expect(!requests.joined().contains("t0ken"))
    }

    @Test("does not follow a redirect, and the token goes nowhere else")
    func redirect() async throws {
        let elsewhere = try await LoopbackServer(LoopbackServer.json("{}"))
        let redirect = "HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:\(elsewhere.port)/\r\ncontent-length: 0\r\n\r\n"
        let failure = try await failure(.answer(redirect))
        try await elsewhere.stop()
        guard case .notADaemon = failure else {
            Issue.record("followed or misread: \(String(describing: failure))")
            return
        }
        #expect(elsewhere.requests.isEmpty)
    }

    @Test("says that no daemon is there when the connection is refused")
    func refused() async throws {
        let server = try await LoopbackServer(.silence)
        let port = server.port
        try await server.stop()
        let address = try DaemonAddress("http://127.0.0.1:\(port)")
        let client = try DaemonClient(address: address, token: nil, timeoutSeconds: 20)
        await #expect(throws: ClientFailure.unreachable(address)) { try await client.send(.health) }
    }

    @Test("gives up on a server that says nothing")
    func silent() async throws {
        guard case .timedOut(_, seconds: 1) = try await failure(.silence, timeout: 1) else {
            Issue.record("did not give up in time")
            return
        }
    }

    @Test("does not read an answer without bound")
    func huge() async throws {
        let body = String(repeating: "a", count: DaemonClient.answerLimit + 1)
        guard case .answerTooLarge = try await failure(LoopbackServer.json("\"\(body)\"")) else {
            Issue.record("read more than the limit")
            return
        }
    }

    @Test("reads an answer as large as the limit")
    func large() async throws {
        let body = "\"" + String(repeating: "a", count: DaemonClient.answerLimit - 2) + "\""
        let answer = try await exchange(LoopbackServer.json(body)).answer.get()
        #expect(answer.body.stringValue?.utf8.count == DaemonClient.answerLimit - 2)
    }

    @Test(
        "does not take something else for a daemon",
        arguments: [
            LoopbackServer.json("<html>"), LoopbackServer.json(""), LoopbackServer.json("{\"a\":1,\"a\":2}"), .hangUp,
        ])
    func stranger(behaviour: LoopbackServer.Behaviour) async throws {
        guard case .notADaemon = try await failure(behaviour) else {
            Issue.record("took it for a daemon")
            return
        }
    }

    @Test("R35: a token does not cross a network in the clear unless somebody insists")
    func inTheClear() throws {
        let far = try DaemonAddress("http://10.1.2.3:8000")
        #expect(throws: ClientFailure.tokenInTheClear(far)) {
            try DaemonClient(address: far, token: "t", timeoutSeconds: 1)
        }
        _ = try DaemonClient(address: far, token: nil, timeoutSeconds: 1)
        _ = try DaemonClient(address: far, token: "t", timeoutSeconds: 1, isInsecure: true)
        _ = try DaemonClient(address: DaemonAddress("https://10.1.2.3"), token: "t", timeoutSeconds: 1)
    }

    @Test("a token that would break a header is refused", arguments: ["", "a b", "a\r\nx: y", "é"])
    func badToken(token: String) {
        #expect(throws: ClientFailure.badToken) {
            try DaemonClient(address: .standard, token: token, timeoutSeconds: 1)
        }
    }
}
