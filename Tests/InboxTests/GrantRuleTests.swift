internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Synchronization
internal import Testing
internal import ToolKit

/// Which calls a grant lets pass, seen from the gate.
@Suite("A standing grant's rule")
struct GrantRuleTests {
    /// A gate with one grant in force: the call of the tool `command` or `probe` that it was given with is covered.
    private func fixture(
        _ grant: JSONValue, with call: ToolCall? = nil, settings: [String: JSONValue] = [:]
    ) async throws -> DeskFixture {
        let fixture = try await DeskFixture(settings: settings)
        var members = grant.objectValue ?? [:]
        if members["uses"] == nil { members["uses"] = 100 }
        var asked = call ?? fixture.call("src/a.txt")
        asked.waitsForApproval = true
        let answer = await fixture.engine.answer(asked, from: fixture.person, through: "test")
        let item = try #require(try await fixture.desk.item(answer.waiting?.itemID ?? ""))
        _ = try await fixture.approve(item, grant: .object(members))
        #expect(fixture.gate.standingGrants.current.count == 1)
        return fixture
    }

    private func passes(_ fixture: DeskFixture, _ call: ToolCall, from principal: Principal? = nil) async -> Bool {
        let answer = await fixture.engine.answer(call, from: principal ?? fixture.person, through: "test")
        #expect(answer.isSuccess || answer.code == "approval_required", "\(answer.error ?? "")")
        return answer.isSuccess
    }

    private func command(_ command: JSONValue, _ more: [String: JSONValue] = [:]) -> ToolCall {
        ToolCall(toolName: "command", arguments: ["command": command].merging(more) { $1 })
    }

    private func probe(_ path: String, _ more: [String: JSONValue] = [:]) -> ToolCall {
        ToolCall(toolName: "probe", arguments: ["path": .string(path)].merging(more) { $1 })
    }

    @Test("that is exact covers this value in any spelling and no other")
    func exact() async throws {
        let fixture = try await fixture(["tool_name": "sonde", "args": ["file": ["exact": "./src/a.txt"]]])
        #expect(await passes(fixture, probe("src/a.txt")))
        #expect(await passes(fixture, probe("src/x/../a.txt")))
        #expect(await passes(fixture, ToolCall(toolName: "sonde", arguments: ["file": "/srv/work/src/a.txt"])))
        #expect(await !passes(fixture, probe("src/A.txt")))
        #expect(await !passes(fixture, probe("src/a.txt.txt")))
        #expect(await !passes(fixture, ToolCall(toolName: "filesystem_write", arguments: ["path": "src/a.txt"])))
    }

    @Test("that is exact tells two spellings of one letter apart, as file systems do")
    func spellings() async throws {
        let fixture = try await fixture(
            ["tool_name": "probe", "args": ["path": ["exact": "caf\u{E9}.txt"]]], with: probe("caf\u{E9}.txt"))
        #expect(await passes(fixture, probe("caf\u{E9}.txt")))
        #expect(await !passes(fixture, probe("cafe\u{301}.txt")))
    }

    @Test("that only says how a content begins is too wide")
    func content() async throws {
        let property = try #require(
            CommandTool.Arguments.schema.properties.first { $0.name == "script" })
        #expect(!ArgumentRule.prefix("#").isNarrowing(property.type))
        // The control: a content of known bytes is narrow, and so is the beginning of a path.
        #expect(ArgumentRule.exact("#").isNarrowing(property.type))
        #expect(ArgumentRule.prefix("src").isNarrowing(.path))
    }

    @Test("with a prefix of a path covers whole components only")
    func pathPrefix() async throws {
        let fixture = try await fixture(["tool_name": "probe", "args": ["path": ["prefix": "src/"]]])
        #expect(await passes(fixture, probe("src/deep/a.txt")))
        #expect(await passes(fixture, probe("src")))
        #expect(await !passes(fixture, probe("src-other/a.txt")))
        #expect(await !passes(fixture, probe("src/../other/a.txt")))
        #expect(await !passes(fixture, probe("lib/src/a.txt")))
    }

    @Test("with a prefix of a command covers its first words, as text or list, and not parts of words")
    func commandPrefix() async throws {
        let fixture = try await fixture(
            ["tool_name": "command", "args": ["cmd": ["prefix": "git log"]]], with: command("git log"))
        #expect(await passes(fixture, command("git   'log' -3")))
        #expect(await passes(fixture, command(["git", "log", "a b"])))
        #expect(await !passes(fixture, command("git logs")))
        #expect(await !passes(fixture, command(["git log"])))
        #expect(await !passes(fixture, command("git")))
        #expect(await !passes(fixture, command("git status")))
    }

    @Test("of words covers each in its place, never an option by a wildcard, and no more words than it names")
    func words() async throws {
        let rule: JSONValue = [
            "words": [["exact": "git"], ["exact": "show"], ["type": "word"], ["prefix": "src"]]
        ]
        let fixture = try await fixture(
            ["tool_name": "command", "args": ["command": rule]], with: command("git show HEAD src"))
        #expect(await passes(fixture, command(["git", "show", "main", "src/a"])))
        #expect(await !passes(fixture, command("git show --output=x src")))
        #expect(await !passes(fixture, command("git show -p src")))
        #expect(await !passes(fixture, command("git show main lib")))
        #expect(await !passes(fixture, command("git show main")))
        #expect(await !passes(fixture, command("git show main src more")))
        #expect(await !passes(fixture, command("git show main src/../lib")))
        #expect(await !passes(fixture, command("git show main:../x src")))
        #expect(await passes(fixture, command("git show main..other src")))
    }

    @Test("of words that allows more covers longer commands")
    func moreWords() async throws {
        let rule: JSONValue = ["words": [["exact": "ls"]], "more": true]
        let fixture = try await fixture(
            ["tool_name": "command", "args": ["command": rule]], with: command("ls"))
        #expect(await passes(fixture, command("ls a b")))
        #expect(await !passes(fixture, command("lsof a")))
    }

    @Test("that is exact about a command covers it as text and as list")
    func exactCommand() async throws {
        let fixture = try await fixture(
            ["tool_name": "command", "args": ["command": ["exact": "git log 'a b'"]]],
            with: command(["git", "log", "a b"]))
        #expect(await passes(fixture, command("git log \"a b\"")))
        #expect(await !passes(fixture, command("git log a b")))
    }

    @Test("that leaves an argument out demands its default")
    func defaults() async throws {
        let fixture = try await fixture(
            ["tool_name": "command", "args": ["command": ["exact": "ls"]]], with: command("ls"))
        #expect(await passes(fixture, command("ls", ["timeout": 30])))
        #expect(await !passes(fixture, command("ls", ["timeout": 31])))
        #expect(await !passes(fixture, command("ls", ["cwd": "src"])))
    }

    @Test("of a type covers any value of the kind, and one that is left out only where any will do")
    func types() async throws {
        let fixture = try await fixture(
            [
                "tool_name": "command",
                "args": ["command": ["exact": "ls"], "timeout": ["type": "integer"], "cwd": ["type": "any"]],
            ], with: command("ls"))
        #expect(await passes(fixture, command("ls", ["timeout": 31, "cwd": "src"])))
        #expect(await passes(fixture, command("ls")))
        #expect(await !passes(fixture, command("ls", ["script": "x"])))
    }

    @Test("covers the labels and callers that it names, and no others")
    func callers() async throws {
        let fixture = try await DeskFixture()
        let (bot, other) = (
            try await fixture.principal(.agent, named: "bot"), try await fixture.principal(.agent, named: "other")
        )
        var call = fixture.call(agent: "planner")
        call.waitsForApproval = true
        let answer = await fixture.engine.answer(call, from: bot, through: "test")
        let item = try #require(try await fixture.desk.item(answer.waiting?.itemID ?? ""))
        _ = try await fixture.approve(
            item,
            grant: [
                "tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "agent_id": "planner",
                "principal": "bot", "uses": 9,
            ])
        #expect(await passes(fixture, fixture.call(agent: "planner"), from: bot))
        #expect(await !passes(fixture, fixture.call(agent: "planner"), from: other))
        #expect(await !passes(fixture, fixture.call(agent: "critic"), from: bot))
        #expect(await !passes(fixture, fixture.call(), from: bot))
    }

    @Test(
        "that would cover every call of its tool is refused",
        arguments: [
            ["tool_name": "probe", "args": ["path": ["type": "path"]], "uses": 1],
            ["tool_name": "probe", "args": ["path": ["type": "any"]], "uses": 1],
            ["tool_name": "probe", "args": ["path": ["prefix": "."]], "uses": 1],
            ["tool_name": "probe", "args": ["path": ["prefix": "./x/.."], "loud": ["exact": false]], "uses": 1],
            ["tool_name": "probe", "args": ["path": ["type": "string"], "loud": ["exact": false]], "uses": 1],
        ] as [JSONValue])
    func tooWide(_ grant: JSONValue) async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        #expect(try await fixture.refusal(item, grant: grant) == "grant_too_wide")
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
    }

    @Test(
        "that cannot be read is refused by field, and nothing is decided",
        arguments: [
            (["args": ["path": ["exact": "a.txt"]], "uses": 1], "tool_name"),
            (["tool_name": "probe", "args": ["path": ["exact": "a.txt"]]], "uses"),
            (["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 0], "uses"),
            (["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 100_001], "uses"),
            (["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "expires_in_s": 0], "expires_in_s"),
            (["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 1, "extra": 1], "extra"),
            (["tool_name": "probe", "args": ["nonsense": ["exact": 1]], "uses": 1], "args.nonsense"),
            (["tool_name": "probe", "args": ["path": "a.txt"], "uses": 1], "args.path"),
            (["tool_name": "probe", "args": ["path": ["exact": "a", "prefix": "a"]], "uses": 1], "args.path"),
            (["tool_name": "probe", "args": ["path": ["regex": ".*"]], "uses": 1], "args.path"),
            (["tool_name": "probe", "args": ["path": ["prefix": ""]], "uses": 1], "args.path"),
            (["tool_name": "probe", "args": ["path": ["prefix": "../x"]], "uses": 1], "args.path"),
            (["tool_name": "probe", "args": ["path": ["words": [["exact": "a"]]]], "uses": 1], "args.path"),
            (["tool_name": "command", "args": ["command": ["type": "any"]], "uses": 1], "args.command"),
            (["tool_name": "command", "args": ["command": ["prefix": "a;b"]], "uses": 1], "args.command"),
            (["tool_name": "command", "args": ["command": ["words": [["type": "word"]]]], "uses": 1], "args.command"),
            (["tool_name": "command", "args": ["command": ["words": []]], "uses": 1], "args.command"),
        ] as [(JSONValue, String)])
    func unreadable(_ grant: JSONValue, _ field: String) async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        let problems = await #expect(throws: ArgumentProblems.self) {
            _ = try await fixture.decide(item, true, grant: grant)
        }
        #expect(problems?.problems.map(\.field).contains(field) == true, "\(problems?.problems ?? [])")
        #expect(try await fixture.desk.item(item.id)?.status == .pending)
        #expect(fixture.home.effects.isEmpty && fixture.gate.standingGrants.current.isEmpty)
    }

    @Test("that misses the call it is given with is refused, as is one of another tool or with a denial")
    func misses() async throws {
        let fixture = try await DeskFixture()
        let item = try await fixture.waitingItem(from: fixture.person)
        let other: JSONValue = ["tool_name": "probe", "args": ["path": ["exact": "b.txt"]], "uses": 1]
        #expect(try await fixture.refusal(item, grant: other) == "grant_misses_call")
        let tool: JSONValue = ["tool_name": "filesystem_write", "args": ["path": ["exact": "a.txt"]], "uses": 1]
        #expect(try await fixture.refusal(item, grant: tool) == "grant_misses_call")
        let unknown: JSONValue = ["tool_name": "nothing", "args": [:], "uses": 1]
        #expect(try await fixture.refusal(item, grant: unknown) == "unknown_tool")
        let right: JSONValue = ["tool_name": "probe", "args": ["path": ["exact": "a.txt"]], "uses": 1]
        #expect(try await fixture.refusal(item, false, grant: right) == "invalid_request")
        #expect(try await fixture.refusal(item, grant: right) == nil)
    }
}

@Suite("A standing grant in force")
struct StandingGrantTests {
    private func fixture(
        _ limit: [String: JSONValue], settings: [String: JSONValue] = [:], by principal: Role = .operator
    ) async throws -> DeskFixture {
        let fixture = try await DeskFixture(settings: settings)
        let asker = try await fixture.principal(.agent, named: "bot")
        let item = try await fixture.waitingItem(from: asker)
        let grant = ["tool_name": "probe", "args": ["path": ["prefix": "a.txt"]]] as [String: JSONValue]
        _ = try await fixture.approve(item, grant: .object(grant.merging(limit) { $1 }))
        fixture.home.touched.withLock { $0 = [] }
        return fixture
    }

    private func answer(_ fixture: DeskFixture, _ call: ToolCall? = nil) async -> Answer {
        await fixture.engine.answer(call ?? fixture.call(), from: fixture.person, through: "test")
    }

    @Test("R55: lets as many calls pass as it has uses, also at once, and counts the approved one as none")
    func uses() async throws {
        let fixture = try await fixture(["uses": 7])
        let passed = try await racers { _ in
            await fixture.engine.answer(
                fixture.call(), from: fixture.person, through: "test"
            ).isSuccess
        }
        #expect(passed == 7)
        #expect(fixture.home.effects.count == 7)
        #expect(fixture.gate.standingGrants.current.isEmpty)
    }

    @Test("is named in the intent of every call that used it, and each use is there once")
    func audited() async throws {
        let fixture = try await fixture(["uses": 2])
        let id = fixture.gate.standingGrants.current.first?.id ?? ""
        for _ in 0..<3 { _ = await answer(fixture) }
        let calls = try await fixture.calls()
        #expect(calls.count { $0["grant_id"] == .string(id) && $0["status"] == "ok" } == 2)
        let made = try #require(try await fixture.changes("change:grant").first)
        #expect(made["after"]?["grant_id"] == .string(id) && made["principal"] == "operator")
    }

    @Test("ends with its time, and not before")
    func expires() async throws {
        let fixture = try await fixture(["expires_in_s": 60])
        fixture.time.advance(by: 59)
        #expect(await answer(fixture).isSuccess)
        fixture.time.advance(by: 1)
        #expect(await answer(fixture).code == "approval_required")
        #expect(fixture.gate.standingGrants.current.isEmpty)
    }

    @Test("ends when it is revoked, for good and by those who may decide only")
    func revoked() async throws {
        let fixture = try await fixture(["uses": 9])
        let id = fixture.gate.standingGrants.current.first?.id ?? ""
        let viewer = try await fixture.principal(.viewer)
        await #expect(throws: Refusal.self) { _ = try await fixture.desk.revokeGrant(id, by: viewer) }
        #expect(await answer(fixture).isSuccess)
        #expect(try await fixture.desk.revokeGrant(id, by: fixture.person)?.id == id)
        #expect(await answer(fixture).code == "approval_required")
        #expect(try await fixture.desk.revokeGrant(id, by: fixture.person) == nil)
        #expect(try await fixture.changes("change:grant").first?["after"]?["revoked"] == true)
    }

    @Test("survives a restart with the uses that are left")
    func restart() async throws {
        let fixture = try await fixture(["uses": 2])
        #expect(await answer(fixture).isSuccess)
        await fixture.log.close()
        let next = try await DeskFixture(fixture.home)
        #expect(await answer(next).isSuccess)
        #expect(await answer(next).code == "approval_required")
        await next.log.close()
    }

    @Test("is not spent by a dry run, which says that it would cover the call")
    func dryRun() async throws {
        let fixture = try await fixture(["uses": 1])
        let id = fixture.gate.standingGrants.current.first?.id ?? ""
        var call = fixture.call()
        call.dryRun = true
        for _ in 0..<3 {
            #expect(await answer(fixture, call).result["plan"]?["covered_by_grant"] == .string(id))
        }
        #expect(try await fixture.calls().count { $0["grant_id"] == .string(id) } == 0)
        #expect(await answer(fixture).isSuccess)
        #expect(await answer(fixture, call).result["plan"]?["covered_by_grant"] == nil)
    }

    @Test("opens nothing that policy denies, that is switched off, or that a lockdown stops")
    func stronger() async throws {
        let fixture = try await fixture(["uses": 9])
        _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
        #expect(await answer(fixture).code == "lockdown")
        _ = try await fixture.administration.setLockdown(active: false, reason: nil, by: fixture.person)
        _ = try await fixture.administration.setTool("probe", enabled: false, by: fixture.person)
        #expect(await answer(fixture).code == "tool_disabled")
        _ = try await fixture.administration.setTool("probe", enabled: true, by: fixture.person)
        let rules = Rules.denyingDrafts.replacing("drafts/**", with: "a.txt").replacing("drafts/a.txt", with: "a.txt")
            .replacing("not_match: [\"a.txt\"]", with: "not_match: [\"b.txt\"]")
        _ = try fixture.gate.policy.replace(with: rules, base: fixture.gate.policy.version) { _, _ in }
        #expect(await answer(fixture).code == "policy_blocked")
        #expect(fixture.gate.standingGrants.current.first?.usesLeft == 9)
    }

    @Test("covers nothing that a rule of the policy asks about which did not ask when it was given")
    func asking() async throws {
        let fixture = try await DeskFixture(policy: Rules.askingAboutKeys)
        let asker = try await fixture.principal(.agent, named: "bot")
        let grant: JSONValue = ["tool_name": "probe", "args": ["path": ["prefix": "config"]], "uses": 9]
        _ = try await fixture.approve(try await fixture.waitingItem("config/a", from: asker), grant: grant)
        #expect(await answer(fixture, fixture.call("config/b")).isSuccess)
        #expect(await answer(fixture, fixture.call("config/keys")).code == "approval_required")
        _ = try await fixture.approve(try await fixture.waitingItem("config/keys", from: asker), grant: grant)
        #expect(await answer(fixture, fixture.call("config/keys")).isSuccess)
        await fixture.log.close()
        let next = try await DeskFixture(fixture.home)
        #expect(await answer(next, next.call("config/keys")).isSuccess)
        #expect(next.gate.standingGrants.current.map(\.asking) == [[], ["paths: keys"]])
        await next.log.close()
    }

    @Test("lets nobody pass who gave it, where approval_self is false")
    func own() async throws {
        let fixture = try await fixture(["uses": 9], settings: ["approval_self": false])
        #expect(await answer(fixture).code == "approval_required")
        let other = try await fixture.principal(.operator, named: "other")
        #expect(await fixture.engine.answer(fixture.call(), from: other, through: "test").isSuccess)
    }

    @Test("lets a call pass at once that would rather have waited, and an approval that it names is spent before it")
    func before() async throws {
        let fixture = try await fixture(["uses": 1])
        var call = fixture.call()
        call.approvalID = "apr_unknown"
        #expect(await answer(fixture, call).code == "approval_invalid")
        #expect(fixture.gate.standingGrants.current.first?.usesLeft == 1)
        call.approvalID = nil
        call.waitsForApproval = true
        #expect(await answer(fixture, call).isSuccess)
        #expect(try await fixture.desk.items(InboxQuery(isPendingOnly: true)).items.isEmpty)
    }
}
