import Engine
import Testing
import ToolKit

@testable import execlayer

@Suite("A planner's endpoint on this machine", .timeLimit(.minutes(2)))
struct PlannerClientTests {
    private func post(
        _ behaviour: LoopbackServer.Behaviour, key: String? = nil, limit: Int = 1_000,
        within duration: Duration = .seconds(60)
    ) async throws -> (status: Int, body: [UInt8], head: String) {
        let server = try await LoopbackServer(behaviour)
        do {
            let answer = try await PlannerClient().post(
                Array("{}".utf8), to: "http://127.0.0.1:\(server.port)/v1/chat/completions", key: key, limit: limit,
                within: duration)
            let head = server.requests.first ?? ""
            try await server.stop()
            return (answer.status, answer.body, head)
        } catch {
            try await server.stop()
            throw error
        }
    }

    @Test("gets the request with the key, and its answer is taken as it is")
    func answer() async throws {
        let answer = try await post(LoopbackServer.json("{\"a\":1}"), key: "sk-secret")
        #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self) == "{\"a\":1}")
        #expect(answer.head.hasPrefix("POST /v1/chat/completions HTTP/1.1"))
        #expect(answer.head.lowercased().contains("authorization: bearer sk-secret"))
        #expect(answer.head.lowercased().contains("content-type: application/json"))
        let without = try await post(LoopbackServer.json("{}"))
        #expect(!without.head.lowercased().contains("authorization"))
    }

    @Test("is not followed elsewhere")
    func redirect() async throws {
        let answer = try await post(
            .answer("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            key: "sk-secret")
        #expect(answer.status == 302)
    }

    private static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

    private static let slow = "longer than it may"

    private static let wrongOnes: [(LoopbackServer.Behaviour, String)] = [
        (.endless(chunked, "5\r\nhello\r\n"), "more than"),
        (
            .answer("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + String(repeating: "x", count: 5_000)),
            "more than"
        ),
        (.silence, slow),
        (.stall("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab"), slow),
        (.hangUp, "cannot be reached"), (.answer("nonsense\r\n\r\n"), "cannot be reached"),
        (.answer("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab"), "cannot be reached"),
    ]

    @Test(
        "that answers too much, too slowly or not at all is told apart, and costs no more than its time",
        arguments: wrongOnes
    )
    func bad(_ behaviour: LoopbackServer.Behaviour, _ words: String) async throws {
        let started = ContinuousClock.now
        let isSlow = words == Self.slow
        let failure = await #expect(throws: PlannerTransportFailure.self) {
            // What is no matter of time has as much of it as a busy machine may take.
            _ = try await post(behaviour, key: "sk-secret", within: .seconds(isSlow ? 1 : 60))
        }
        #expect(failure?.clause.contains(words) == true, "\(failure?.clause ?? "")")
        #expect(failure?.clause.contains("sk-secret") != true)
        if isSlow { #expect(ContinuousClock.now - started < .seconds(30)) }
    }

    @Test("that is not there is told so")
    func nobody() async throws {
        let failure = await #expect(throws: PlannerTransportFailure.self) {
            _ = try await PlannerClient().post([], to: "http://127.0.0.1:1/v1", key: nil, limit: 9, within: .seconds(2))
        }
        #expect(failure?.clause == "cannot be reached")
    }
}
