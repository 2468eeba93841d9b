internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

/// As `desktop_automation` is: it acts for the person at the machine.
struct HandsTool: Tool {
    struct Arguments: ToolArguments {
        var path: String

        static let schema = ArgumentSchema(.required("path", .string(maxLength: 100), "What to touch."))
    }

    let name = "hands"
    let description = "Acts for a person."
    let risk = Risk.high
    let isEnabledByDefault = true
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Hands", readOnly: false)
    let needsArming = true

    func access(for arguments: Arguments) throws(ToolFailure) -> Access { .desktop }
    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "nothing")
    }
}

@Suite("A tool that acts for the person at the machine")
struct ArmingTests {
    private struct Scene {
        let fixture: DeskFixture
        let agent: Principal

        func answer(
            _ path: String, from principal: Principal? = nil, approval: String? = nil, isDryRun: Bool = false
        ) async -> Answer {
            var call = fixture.call(path, tool: "hands")
            call.approvalID = approval
            call.dryRun = isDryRun
            return await fixture.engine.answer(call, from: principal ?? agent, through: "test")
        }

        func approval(_ path: String, for principal: Principal? = nil) async throws -> String {
            let request = ApprovalRequest(
                toolName: "hands", arguments: ["path": .string(path)], principal: (principal ?? agent).name)
            return try #require(try await fixture.administration.approve(request, by: fixture.person)).id
        }

        func arm() async throws {
            let answer = await answer("first", approval: try await approval("first"))
            #expect(answer.isSuccess && answer.more["armed_seconds_left"] == 300)
        }
    }

    private func scene(_ settings: [String: JSONValue] = [:]) async throws -> Scene {
        let fixture = try await DeskFixture(settings: settings)
        return Scene(fixture: fixture, agent: try await fixture.principal(.agent))
    }

    @Test("needs a person in every mode, and then none for a while", arguments: ["auto", "require_approval"])
    func period(mode: String) async throws {
        let scene = try await scene(["approval_mode": .string(mode)])
        #expect(await scene.answer("a").code == "approval_required")
        try await scene.arm()
        #expect(await scene.answer("b").isSuccess)
        scene.fixture.time.advance(by: 299)
        let last = await scene.answer("c")
        #expect(last.isSuccess && last.more["armed_seconds_left"] == 1)
        scene.fixture.time.advance(by: 1)
        #expect(await scene.answer("d").code == "approval_required")
        #expect(scene.fixture.home.effects == ["first", "b", "c"])
    }

    @Test("is open for as long as the configuration says, and to nobody else")
    func others() async throws {
        let scene = try await scene(["desktop_armed_seconds": 10])
        let other = try await scene.fixture.principal(.agent, named: "other")
        let answer = await scene.answer("first", approval: try await scene.approval("first"))
        #expect(answer.more["armed_seconds_left"] == 10)
        #expect(await scene.answer("a", from: other).code == "approval_required")
        scene.fixture.time.advance(by: 10)
        #expect(await scene.answer("a").code == "approval_required")
    }

    @Test("is open too when a person approves a call that waits")
    func inbox() async throws {
        let scene = try await scene()
        let item = try await scene.fixture.waitingItem("first", tool: "hands", from: scene.agent)
        #expect(await scene.answer("a").code == "approval_required")
        #expect(try await scene.fixture.approve(item).execution.state == .done)
        #expect(await scene.answer("a").isSuccess)
        let change = try #require(try await scene.fixture.changes("change:desktop").first)
        #expect(change["after"]?["armed"] == "agent" && change["after"]?["seconds"] == 300)
    }

    @Test("is not opened by an approval that is not used, a dry run, or a standing grant")
    func nothing() async throws {
        let scene = try await scene()
        _ = try await scene.approval("a")
        #expect(await scene.answer("a", isDryRun: true).isSuccess)
        #expect(await scene.answer("b").code == "approval_required")
        let item = try await scene.fixture.waitingItem("first", tool: "hands", from: scene.agent)
        let grant: JSONValue = ["tool_name": "hands", "args": ["path": ["prefix": "fir"]], "uses": 9]
        _ = try await scene.fixture.approve(item, grant: grant)
        #expect(await scene.answer("c").isSuccess)
        scene.fixture.time.advance(by: 300)
        #expect(await scene.answer("firm").code == "approval_required")
    }

    @Test("closes with a lockdown, and stays closed when that is over")
    func lockdown() async throws {
        let scene = try await scene()
        try await scene.arm()
        for isActive in [true, false] {
            _ = try await scene.fixture.administration.setLockdown(
                active: isActive, reason: nil, by: scene.fixture.person)
        }
        #expect(await scene.answer("a").code == "approval_required")
        // Control: it can be opened again.
        try await scene.arm()
        #expect(await scene.answer("a").isSuccess)
    }

    @Test("closes with the daemon")
    func restart() async throws {
        let scene = try await scene()
        try await scene.arm()
        let next = try await DeskFixture(scene.fixture.home)
        let answer = await next.engine.answer(next.call("a", tool: "hands"), from: scene.agent, through: "test")
        #expect(answer.code == "approval_required")
    }

    @Test("has no preview")
    func preview() async throws {
        let scene = try await scene()
        try await scene.arm()
        var call = scene.fixture.call("a", tool: "hands")
        call.isPreview = true
        #expect(
            await scene.fixture.engine.answer(call, from: scene.agent, through: "test").code == "nothing_to_preview")
    }
}
