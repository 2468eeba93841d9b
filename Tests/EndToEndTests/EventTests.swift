import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite("The stream of live events", .serialized, .timeLimit(.minutes(10)))
struct EventTests {
    private static let token = "an-operator-token"

    private func daemon(_ playground: Playground) async throws -> Daemon {
        try playground.write("hello\n", to: "workspace/a.txt")
        return try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
    }

    private func makeToken(_ daemon: Daemon, _ role: String, _ name: String) async throws -> (id: String, token: String)
    {
        let reply = try await daemon.send(
            .POST, "/api/v1/execution/tokens", ["role": .string(role), "name": .string(name)])
        return (
            try #require(reply.json["token_id"]?.stringValue), try #require(reply.json["token"]?.stringValue)
        )
    }

    private func read(_ daemon: Daemon, _ path: String, token: String? = nil) async throws {
        let reply = try await daemon.run("filesystem_read", ["path": .string(path)], token: .some(token ?? Self.token))
        #expect(reply.status == 200)
    }

    private func path(_ event: EventStreamReader.Event) -> String? { event.data["args"]?["path"]?.stringValue }

    @Test("tells of runs as they end, under the number of the audit's line")
    func runs() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let reader = try await EventStreamReader(daemon)
        #expect(reader.status == 200)
        for number in 0..<10 {
            let reply = try await daemon.run("filesystem_read", ["path": "a.txt"])
            let event = try #require(try await reader.next())
            #expect(event.name == "run" && event.data["audit_id"] == reply.json["audit_id"], "\(number)")
            #expect(event.data["outcome_seq"]?.integerValue == event.id && event.data["status"] == "ok")
        }
        #expect(await daemon.stop().status == 0)
    }

    @Test("tells one who comes back exactly once what it missed, and goes on from there")
    func resume() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let first = try await EventStreamReader(daemon)
        try await read(daemon, "1")
        let seen = try #require(try await first.next()?.id)
        for number in 2...6 { try await read(daemon, "\(number)") }
        let second = try await EventStreamReader(daemon, after: seen)
        for number in 7...9 { try await read(daemon, "\(number)") }
        let told = try await second.through { path($0) == "9" }
        #expect(told.map(path) == (2...9).map(String.init))
        #expect(told.compactMap(\.id) == Set(told.compactMap(\.id)).sorted())
        #expect(
            try await daemon.send(.GET, "/api/v1/execution/events", headers: ["Last-Event-ID": "x"]).status == 422)
        await daemon.stop()
    }

    @Test("is not silent to one whose last number this log has not reached, and says that something was left out")
    func beyond() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let reader = try await EventStreamReader(daemon, after: 1_000_000)
        #expect(try await reader.next()?.name == "gap")
        try await read(daemon, "a.txt")
        let told = try #require(try await reader.next())
        #expect(told.name == "run" && path(told) == "a.txt" && (told.id ?? .max) < 1_000_000)
        await daemon.stop()
    }

    @Test("shows an agent its own, and who decides about it")
    func own() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        _ = try await daemon.configure(["approval_mode": "require_approval"])
        try await daemon.enable("apply_patch")
        let (agent, other) = (
            try await makeToken(daemon, "agent", "bot").token, try await makeToken(daemon, "agent", "other").token
        )
        let reader = try await EventStreamReader(daemon, token: agent)
        try await read(daemon, "foreign", token: other)
        try await read(daemon, "operators")
        try await read(daemon, "own", token: agent)
        let asked = try await daemon.send(
            .POST, "/api/v1/execution/request", ["tool_name": "filesystem_read", "args": ["path": "a.txt"]],
            token: .some(agent))
        let id = try #require(asked.json["request_id"]?.stringValue)
        _ = try await daemon.send(.POST, "/api/v1/execution/approvals/\(id)", ["approved": false])
        let told = try await reader.through { $0.data["approval_status"] == "denied" }
        #expect(told.map(\.name) == ["run", "approval", "approval"])
        #expect(path(told[0]) == "own")
        #expect(told.last?.data["approval_request_id"] == .string(id))
        await daemon.stop()
    }

    @Test("ends with the token that opened it")
    func revoked() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let agent = try await makeToken(daemon, "agent", "bot")
        let reader = try await EventStreamReader(daemon, token: agent.token)
        try await read(daemon, "own", token: agent.token)
        #expect(try await reader.next()?.name == "run")
        #expect(try await daemon.send(.DELETE, "/api/v1/execution/tokens/\(agent.id)").status == 200)
        let start = ContinuousClock.now
        #expect(try await reader.next() == nil)
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(try await EventStreamReader(daemon, token: agent.token).status == 401)
        await daemon.stop()
    }

    @Test("keeps no daemon from stopping at once, whether its readers read or not")
    func stopping() async throws {
        let playground = try Playground()
        let daemon = try await daemon(playground)
        let reader = try await EventStreamReader(daemon)
        let deaf = try (0..<5).map { _ in try DeafPeer(daemon, token: Self.token) }
        for number in 0..<400 { try await read(daemon, "\(number)-" + String(repeating: "x", count: 2_000)) }
        let start = ContinuousClock.now
        #expect(await daemon.stop().status == 0)
        let elapsed = ContinuousClock.now - start
        print("events: stopped in \(elapsed) with open streams")
        #expect(elapsed < .seconds(20))
        while let event = try? await reader.next() { _ = event }
        _ = deaf.count
    }
}
