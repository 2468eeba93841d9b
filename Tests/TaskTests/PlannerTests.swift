internal import Audit
@testable internal import Engine
internal import Foundation
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// An endpoint that answers what a test says, and remembers what it was asked.
final class FakeEndpoint: PlannerTransport {
    enum Reply: Sendable {
        case content(String)
        case body(String, status: Int = 200)
        case failure(String)
    }

    struct Request: Sendable {
        let body: [UInt8]
        let url: String
        let key: String?
        let limit: Int
        let duration: Duration
    }

    private let state: Mutex<(replies: [Reply], requests: [Request])>

    init(_ replies: Reply...) { state = Mutex((replies, [])) }

    var requests: [Request] { state.withLock { $0.requests } }

    func post(
        _ body: [UInt8], to url: String, key: String?, limit: Int, within duration: Duration
    ) async throws -> (status: Int, body: [UInt8]) {
        let reply = state.withLock { state in
            state.requests.append(Request(body: body, url: url, key: key, limit: limit, duration: duration))
            return state.replies.count > 1 ? state.replies.removeFirst() : state.replies.first ?? .failure("is gone")
        }
        switch reply {
        case .content(let text):
            return (200, JSONWriter.write(["choices": .array([["message": ["content": .string(text)]]])]))
        case .body(let text, let status): return (status, Array(text.utf8))
        case .failure(let clause): throw PlannerTransportFailure(clause)
        }
    }
}

@Suite("A task that a model plans")
struct PlannerTests {
    private static let configuration = """
        {"planner": {"kind": "openai", "base_url": "http://127.0.0.1:9/v1/", "model": "small", "api_key_env": "THE_KEY"}}
        """

    private static let key = "sk-very-secret-key-of-the-planner"
    private static let step = #"{"tool_name": "probe", "args": {"path": "a.txt"}, "description": "look"}"#
    private static let done = #"{"done": true, "summary": "all is well"}"#

    private func fixture(_ endpoint: FakeEndpoint, settings: [String: JSONValue] = [:]) async throws -> TaskFixture {
        let home = try TaskHome()
        let file = try Self.settings(home)
        return try await TaskFixture(
            home, settings: settings,
            planner: ModelPlanner(
                transport: endpoint, settings: { file.current.planner },
                key: PlannerKey(variable: "THE_KEY", value: Self.key),
                redactor: Redactor(knownSecrets: [Self.key, TaskFixture.operatorToken])),
            configuration: Self.configuration)
    }

    private static func settings(_ home: TaskHome) throws -> ConfigurationFile {
        try configuration.write(toFile: home.folder + "/planner.json", atomically: true, encoding: .utf8)
        return try ConfigurationFile(path: home.folder + "/planner.json")
    }

    @Test("asks after each step, runs what is proposed, and ends when the model says so")
    func course() async throws {
        let endpoint = FakeEndpoint(.content(Self.step), .content("```json\n\(Self.step)\n```"), .content(Self.done))
        let fixture = try await fixture(endpoint)
        let task = try await fixture.create(nil)
        #expect(task.source == .model && task.stepCount == 0)
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun == ["1:probe", "2:probe"])
        let after = try await fixture.now(task)
        #expect(after.status == .completed && after.note == "all is well")
        let request = try #require(endpoint.requests.first)
        #expect(request.url == "http://127.0.0.1:9/v1/chat/completions" && request.key == Self.key)
        #expect(request.duration == .seconds(60))
    }

    private static let badAnswers: [FakeEndpoint.Reply] = [
        .content("I would rather talk about the weather."), .content(""), .content("{}"), .content("[]"),
        .content(#"{"done": "yes"}"#), .content(#"{"tool_name": "no_such_tool", "args": {}}"#),
        .content(#"{"tool_name": "probe", "args": "a.txt"}"#),
        .content(#"{"tool_name": "probe", "args": {"pth": "a"}}"#),
        .content(#"{"tool_name": "probe", "args": {"path": "/etc/passwd"}}"#),
        .content(String(repeating: #"{"a":"#, count: 10_000)), .body("<html>"), .body("{}"), .body("null"),
        .body(#"{"choices": []}"#), .body(#"{"choices": [{"message": {"content": null}}]}"#),
        .body("{}", status: 500), .body("{}", status: 302), .failure("takes longer than it may"),
        .failure("answers more than 262144 bytes"), .failure("cannot be reached"),
    ]

    @Test("waits for a person after three answers that are no step", arguments: badAnswers)
    func nonsense(_ reply: FakeEndpoint.Reply) async throws {
        let endpoint = FakeEndpoint(reply)
        let fixture = try await fixture(endpoint)
        let task = try await fixture.create(nil)
        let after = try await fixture.step(task).task
        #expect(after.status == .paused && after.note?.contains("3 answers in a row") == true)
        #expect(endpoint.requests.count == 3)
        #expect(fixture.worker.begun.isEmpty)
    }

    @Test("goes on after two bad answers, and tells the model what was wrong")
    func recovers() async throws {
        let endpoint = FakeEndpoint(
            .content("hm"), .content(#"{"tool_name": "prob", "args": {}}"#), .content(Self.step), .content(Self.done))
        let fixture = try await fixture(endpoint)
        let task = try await fixture.create(nil)
        try await fixture.step(task)
        #expect(fixture.worker.begun == ["1:probe"])
        let third = String(decoding: try #require(endpoint.requests.dropFirst(2).first).body, as: UTF8.self)
        #expect(third.contains("could not be used") && third.contains("unknown tool"))
    }

    @Test("R67: stops at its steps when the model never ends")
    func endless() async throws {
        let fixture = try await fixture(FakeEndpoint(.content(Self.step)), settings: ["max_steps_per_run": 4])
        let task = try await fixture.create(nil)
        _ = try await fixture.desk.start(task.id, by: fixture.person)
        await fixture.desk.goOn()
        #expect(fixture.worker.begun.count == 4)
        #expect(try await fixture.now(task).status == .paused)
    }

    @Test("R63: tells no secret, and no more than it may, however much came of the steps")
    func prompt() async throws {
        let endpoint = FakeEndpoint(.content(Self.step))
        let fixture = try await fixture(endpoint)
        let large = String(repeating: "x", count: 1 << 20)
        fixture.worker.script(.done(["stdout": .string("\(TaskFixture.operatorToken) \(Self.key) \(large)")]))
        let task = try await fixture.create(nil, goal: "find \(TaskFixture.operatorToken)")
        for _ in 0..<30 { try await fixture.step(task) }
        #expect(endpoint.requests.count == 30)
        for request in endpoint.requests {
            let text = String(decoding: request.body, as: UTF8.self)
            #expect(!text.contains(TaskFixture.operatorToken) && !text.contains(Self.key))
            #expect(request.body.count <= PlannerPrompt.bytes && request.limit == ModelPlanner.answerBytes)
        }
        let last = String(decoding: try #require(endpoint.requests.last).body, as: UTF8.self)
        #expect(last.contains("29. probe: done") && !last.contains("\\n2. probe"))
        #expect(try await fixture.now(task).note?.contains(Self.key) != true)
    }

    @Test("offers only tools that are on, and that its token may use")
    func tools() async throws {
        let endpoint = FakeEndpoint(.content(Self.done))
        let fixture = try await fixture(endpoint)
        let made = try await fixture.authenticator.create(.init(name: "bot", role: .agent, tools: ["probe", "other"])) {
            _ in
        }
        let agent = try fixture.authenticator.principal(for: made.token, from: "test")
        try fixture.gate.configuration.setTool("other", enabled: false)
        let task = try await fixture.create(nil, by: agent)
        try await fixture.step(task)
        let text = String(decoding: try #require(endpoint.requests.first).body, as: UTF8.self)
        #expect(text.contains("- probe:") && !text.contains("- other") && !text.contains("- filesystem_read"))
    }

    @Test("waits for a person when the key was not there at the start")
    func noKey() async throws {
        let home = try TaskHome()
        let file = try Self.settings(home)
        let endpoint = FakeEndpoint(.content(Self.step))
        let planner = ModelPlanner(
            transport: endpoint, settings: { file.current.planner }, key: nil, redactor: Redactor(knownSecrets: []))
        let fixture = try await TaskFixture(home, planner: planner, configuration: Self.configuration)
        let task = try await fixture.create(nil)
        let after = try await fixture.step(task).task
        #expect(after.status == .paused && after.note?.contains("THE_KEY") == true)
        #expect(endpoint.requests.isEmpty)
    }
}
