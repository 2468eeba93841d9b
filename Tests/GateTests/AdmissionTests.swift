import Gate
import LayerTesting
import Testing
import ToolKit

@Suite("A call at the gate")
struct AdmissionTests {
    private let call = ToolCall(toolName: "probe", arguments: ["path": "a.txt"])

    @Test("passes when nothing speaks against it")
    func passes() async throws {
        let fixture = try await GateFixture()
        #expect(try await fixture.admit(call, from: fixture.local) == .run)
    }

    @Test(
        "R14: is unknown in any other spelling of its tool's name",
        arguments: [
            "PROBE", "Probe", " probe", "probe ", "probe\0", "pr\u{43E}be", "ｐｒｏｂｅ", "probe\u{200B}", "probe\n", "",
        ])
    func spelling(_ name: String) async throws {
        let fixture = try await GateFixture()
        var other = call
        other.toolName = name
        #expect(try await fixture.refusal(of: other, from: fixture.local)?.code == "unknown_tool")
    }

    @Test("R14: of a disabled tool is refused under its alias too")
    func alias() async throws {
        let fixture = try await GateFixture(tools: [ProbeTool(aliases: ["older_probe"], isEnabledByDefault: false)])
        var aliased = call
        aliased.toolName = "older_probe"
        #expect(try await fixture.refusal(of: aliased, from: fixture.local)?.status == .disabled)
        try fixture.gate.configuration.setTool("probe", enabled: true)
        #expect(try await fixture.refusal(of: aliased, from: fixture.local) == nil)
    }

    @Test("is a dry run when it says so, and when the configuration says so")
    func dryRun() async throws {
        let fixture = try await GateFixture()
        var dry = call
        dry.dryRun = true
        #expect(try await fixture.admit(dry, from: fixture.local) == .plan)
        try fixture.gate.configuration.patch(["dry_run_default": true])
        #expect(try await fixture.admit(call, from: fixture.local) == .plan)
        dry.dryRun = false
        #expect(try await fixture.admit(dry, from: fixture.local) == .run)
    }

    @Test("of an unavailable tool is refused with the reason and the remedy")
    func unavailable() async throws {
        let fixture = try await GateFixture(tools: [
            ProbeTool(
                availability: .unavailable(reason: "needs Windows", remedy: "run it there", dependency: "windows"))
        ])
        let refusal = try await fixture.refusal(of: call, from: fixture.local)
        #expect(refusal?.code == "tool_unavailable")
        #expect(refusal?.message.contains("needs Windows") == true)
        #expect(refusal?.remedy == "run it there")
    }

    @Test("that leaves the workspace is a matter of policy")
    func outside() async throws {
        let fixture = try await GateFixture()
        let refusal = try await fixture.refusal(
            of: ToolCall(toolName: "probe", arguments: ["path": "../secret"]), from: fixture.local)
        #expect(refusal?.status == .policyBlocked)
        #expect(refusal?.code == "path_outside_workspace")
    }

    @Test("R5: that writes a control file is denied, one that reads it is not")
    func controlFiles() async throws {
        let fixture = try await GateFixture(tools: [ProbeTool("writer", use: .write), ProbeTool("reader")])
        for path in [".git/config", "a/.GIT/hooks/x", ".git"] {
            let arguments: [String: JSONValue] = ["path": .string(path)]
            let write = ToolCall(toolName: "writer", arguments: arguments)
            #expect(try await fixture.refusal(of: write, from: fixture.local)?.status == .policyBlocked)
            let read = ToolCall(toolName: "reader", arguments: arguments)
            #expect(try await fixture.refusal(of: read, from: fixture.local) == nil)
        }
        let plain = ToolCall(toolName: "writer", arguments: ["path": ".gitignore"])
        #expect(try await fixture.refusal(of: plain, from: fixture.local) == nil)
    }

    @Test("is refused under lockdown, a dry run included, and passes after it")
    func lockdown() async throws {
        let fixture = try await GateFixture()
        _ = try await fixture.lockdown.set(active: true, reason: "drill") { _, _ in }
        var dry = call
        dry.dryRun = true
        #expect(try await fixture.refusal(of: call, from: fixture.local)?.status == .locked)
        #expect(try await fixture.refusal(of: dry, from: fixture.local)?.status == .locked)
        _ = try await fixture.lockdown.set(active: false, reason: nil) { _, _ in }
        #expect(try await fixture.refusal(of: call, from: fixture.local) == nil)
    }

    @Test("survives in lockdown over a restart")
    func lockdownRestart() async throws {
        let fixture = try await GateFixture()
        _ = try await fixture.lockdown.set(active: true, reason: "drill") { _, _ in }
        let again = try await Lockdown(store: fixture.state, time: fixture.time)
        #expect(again.state.isActive && again.state.reason == "drill")
    }

    @Test("is limited a minute, the whole minute's worth at once, and a dry run counts")
    func rate() async throws {
        let fixture = try await GateFixture(rateLimits: RateLimits(all: 3))
        for _ in 0..<3 { #expect(try await fixture.refusal(of: call, from: fixture.local) == nil) }
        let refusal = try await fixture.refusal(of: call, from: fixture.local)
        #expect(refusal?.message == "rate_limited")
        #expect(refusal?.retryAfterMilliseconds == 20_000)
        fixture.time.advance(by: 20)
        #expect(try await fixture.refusal(of: call, from: fixture.local) == nil)
        #expect(try await fixture.refusal(of: call, from: fixture.local)?.status == .rateLimited)
    }

    @Test("cannot escape its rate by inventing labels")
    func rateLabels() async throws {
        let limiter = RateLimiter(capacity: 8)
        var passed = 0
        for number in 0..<1_000
        where limiter.take(
            principal: "p", label: "label \(number)", tool: "t", perMinute: 2, at: 10) == nil
        {
            passed += 1
        }
        #expect(passed == 8 + 2)
    }
}
