import Gate
import LayerTesting
import Synchronization
import Testing
import ToolKit

@Suite("A caller whose calls are refused again and again")
struct RefusalRateTests {
    private let nonsense = ToolCall(toolName: "nonsense", arguments: [:])

    @Test("R59: is told to wait beyond the rate, and then only counted, tool by tool")
    func flood() async throws {
        let fixture = try await GateFixture(rateLimits: RateLimits(low: 600, medium: 240, high: 60, refusals: 5))
        for _ in 0..<5 {
            let refusal = try #require(try await fixture.refusal(of: nonsense, from: fixture.local))
            #expect(refusal.code == "unknown_tool" && !refusal.isCounted)
        }
        let wrong = ToolCall(toolName: "probe", arguments: ["nonsense": 1])
        for call in [nonsense, nonsense, wrong] {
            let refusal = try #require(try await fixture.refusal(of: call, from: fixture.local))
            #expect(refusal.code == "rate_limited" && refusal.isCounted)
            #expect(refusal.retryAfterMilliseconds == 12_000)
        }
        #expect(fixture.gate.refusalTally.drain(at: fixture.time.wall).isEmpty)
        fixture.time.advance(by: 60)
        let summaries = fixture.gate.refusalTally.drain(at: fixture.time.wall)
        #expect(summaries.map(\.tool) == ["probe", RefusalTally.unknownTool])
        #expect(summaries.map(\.count) == [1, 2] && summaries.allSatisfy { $0.principal == "local" })
        #expect(fixture.gate.refusalTally.drain(at: fixture.time.wall).isEmpty)
    }

    @Test("R59: keeps the rate of its good calls, and leaves that of others alone (positive control)")
    func others() async throws {
        let fixture = try await GateFixture(rateLimits: RateLimits(low: 600, medium: 240, high: 60, refusals: 2))
        let other = try await fixture.principal(.operator, named: "other")
        let flooding = try await fixture.principal(.agent, named: "flooding")
        for _ in 0..<10 { _ = try await fixture.refusal(of: nonsense, from: flooding) }
        let good = ToolCall(toolName: "probe", arguments: ["path": "a.txt"])
        #expect(try await fixture.refusal(of: good, from: flooding) == nil)
        #expect(try await fixture.refusal(of: nonsense, from: other)?.code == "unknown_tool")
    }

    @Test("R59: is a refusal like any other when the rate of its calls is used up")
    func ordinaryRate() async throws {
        let fixture = try await GateFixture(rateLimits: RateLimits(low: 1, medium: 1, high: 1, refusals: 3))
        let good = ToolCall(toolName: "probe", arguments: ["path": "a.txt"])
        _ = try await fixture.refusal(of: good, from: fixture.local)
        var counted: [Bool] = []
        for _ in 0..<5 { counted.append(try await fixture.refusal(of: good, from: fixture.local)?.isCounted ?? false) }
        #expect(counted == [false, false, false, true, true])
    }

    @Test("R59: takes a constant size, whoever floods")
    func constantSize() {
        let tally = RefusalTally(capacity: 3)
        for number in 0..<1_000 { tally.count(principal: "p\(number)", tool: "t", at: Double(number)) }
        let summaries = tally.drain(at: 5_000, all: true)
        #expect(summaries.count == 4)
        #expect(summaries.reduce(0) { $0 + $1.count } == 1_000)
    }
}

private final class Meanwhile: Sendable {
    private let deed = Mutex<(@Sendable () -> Void)?>(nil)

    func set(_ new: @escaping @Sendable () -> Void) { deed.withLock { $0 = new } }

    /// Once.
    func act() {
        let now = deed.withLock { deed in
            defer { deed = nil }
            return deed
        }
        now?()
    }
}

/// A tool that lets a test act while the gate is judging its call.
private struct NosyTool: Tool {
    typealias Arguments = ProbeTool.Arguments
    let name = "nosy"
    let aliases: [String] = []
    let description = "Asks what it would touch."
    let risk = Risk.high
    let isEnabledByDefault = true
    let isIdempotent = true
    let annotations = ToolAnnotations(title: "Nosy", readOnly: true)
    let availability = Availability.available
    let meanwhile: Meanwhile

    func access(for arguments: Arguments) -> Access {
        meanwhile.act()
        return Access(places: [Access.Place(arguments.path, .read)])
    }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] { [:] }
    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        ToolOutput([:], summary: "")
    }
}

@Suite("A configuration that changes while a call is judged")
struct SettingsTests {
    @Test("R54: counts for the next call; this one is judged by one configuration from end to end")
    func oneConfiguration() async throws {
        let meanwhile = Meanwhile()
        let fixture = try await GateFixture(tools: [NosyTool(meanwhile: meanwhile)])
        try fixture.gate.configuration.patch(["approval_mode": "require_approval"])
        let arguments: [String: JSONValue] = ["path": "a.txt"]
        func approved() async throws -> ToolCall {
            let request = ApprovalRequest(toolName: "nosy", arguments: arguments)
            let approval = try await fixture.gate.approve(request, by: fixture.local) { _ in }
            return ToolCall(toolName: "nosy", arguments: arguments, approvalID: approval?.id)
        }
        let (first, second) = (try await approved(), try await approved())
        let configuration = fixture.gate.configuration
        meanwhile.set {
            do {
                try configuration.patch(["approval_self": false])
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(try await fixture.refusal(of: first, from: fixture.local) == nil)
        #expect(configuration.current.approvalSelf == false)
        #expect(try await fixture.refusal(of: second, from: fixture.local)?.code == "approval_invalid")
    }
}
