internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("Whether an effect needs a person")
struct VerdictTests {
    private static let small = """
        version: 1
        paths:
          - name: keep out
            match: [docs/secret]
            write: deny
            reason: nobody writes there
            examples: {match: [docs/secret/a.txt]}
          - name: look first
            match: [src/main.c]
            write: ask
            reason: the heart of it
            examples: {match: [src/main.c]}
        effects:
          - name: small edits
            paths: [src/**, docs/**]
            deletions: 0
            lines: 4
            modes: false
            links: false
            verdict: allow
            reason: small edits of sources pass
            examples:
              match: [{modified: [src/a.c], lines: 4}]
              not_match: [{modified: [src/a.c], lines: 5}, {deleted: [src/a.c]}, {added: [b.txt]}, {modes: [src/a.c]}]
          - name: landslides
            deletions: 2
            beyond: deny
            reason: nobody deletes that much at once
            examples: {match: [{deleted: [a, b]}], not_match: [{deleted: [a, b, c]}]}
        """

    private func script(_ does: [String: String?], _ fixture: PreviewFixture) async -> JSONValue {
        fixture.does.withLock { $0 = does }
        return await fixture.run(ToolCall(toolName: "shell_script", arguments: ["script": "true"])).json
    }

    @Test("inside a rule's limits: no, in any mode")
    func allowed() async throws {
        let fixture = try await PreviewFixture(policy: Self.small)
        let answer = await script(["src/a.c": "int a;\n"], fixture)
        #expect(answer["effect_verdict"]?["verdict"] == "allow" && answer["effect_verdict"]?["rule"] == "small edits")
        #expect(answer["approval_required"] == false)
        try fixture.gate.configuration.patch(["approval_mode": "require_approval"])
        #expect(try await fixture.apply(PreviewFixture.effect(of: answer)).isSuccess)
    }

    @Test("beyond them: yes, and the answer says which limit")
    func asked() async throws {
        let fixture = try await PreviewFixture(policy: Self.small)
        let answer = await script(["src/a.c": "1\n2\n3\n4\n5\n", "top.txt": "x"], fixture)
        let refused = try await fixture.apply(PreviewFixture.effect(of: answer))
        #expect(refused.code == "approval_required")
        let rules = refused["effect_verdict"]?["rules"]?.arrayValue?.compactMap(\.stringValue).joined() ?? ""
        #expect(rules.contains("changes 6 lines, and 4 may be") && rules.contains("top.txt"))
        #expect(fixture.texts["top.txt"] == nil)
    }

    @Test("what a rule denies, nobody can approve")
    func denied() async throws {
        let home = try PreviewHome(["a": "1", "b": "2", "c": "3"])
        let fixture = try await PreviewFixture(home, policy: Self.small)
        let answer = await script(["a": nil, "b": nil, "c": nil], fixture)
        #expect(answer["effect_verdict"]?["rule"] == "landslides")
        let refused = try await fixture.apply(PreviewFixture.effect(of: answer))
        #expect(refused.code == "policy_blocked")
        #expect(refused["error"]?.stringValue?.contains("deletes 3 files, and 2 may be") == true)
    }

    @Test("rules about places win over an effect's rule", arguments: ["src/main.c", "docs/secret/a.txt"])
    func places(path: String) async throws {
        let fixture = try await PreviewFixture(policy: Self.small)
        let answer = await script([path: "x\n"], fixture)
        let refused = try await fixture.apply(PreviewFixture.effect(of: answer))
        #expect(refused.code == (path == "src/main.c" ? "approval_required" : "policy_blocked"))
    }

    @Test("without a rule: a tool that names what it changes, as its run; anything else is asked about")
    func unruled() async throws {
        let fixture = try await PreviewFixture()
        #expect(await fixture.apply(try await fixture.previewed()).isSuccess)
        let answer = await script(["x": "y"], fixture)
        #expect(try await fixture.apply(PreviewFixture.effect(of: answer)).code == "approval_required")
        try fixture.gate.configuration.patch(["approval_mode": "require_approval"])
        #expect(await fixture.apply(try await fixture.previewed("b.txt", "x")).code == "approval_required")
    }

    @Test("R54: an approval is for one effect and its digest, and is spent once")
    func approval() async throws {
        let fixture = try await PreviewFixture()
        let agent = try await fixture.principal(.agent)
        fixture.does.withLock { $0 = ["x": "y"] }
        let call = ToolCall(toolName: "shell_script", arguments: ["script": "true"])
        let wanted = try PreviewFixture.effect(of: await fixture.run(call, from: agent).json)
        let other = try PreviewFixture.effect(of: await fixture.run(call, from: agent).json)
        let approval = try #require(
            try await fixture.administration.approve(
                ApprovalRequest(
                    toolName: EffectDesk.applyName, arguments: PreviewFixture.apply(wanted).arguments,
                    principal: agent.name), by: fixture.person))
        #expect(
            await fixture.run(PreviewFixture.apply(other, approval: approval.id), from: agent).code
                == "approval_invalid")
        #expect(await fixture.run(PreviewFixture.apply(wanted, approval: approval.id), from: agent).isSuccess)
        #expect(
            await fixture.run(PreviewFixture.apply(other, approval: approval.id), from: agent).code
                == "approval_invalid")
        // Nobody approves effects by the dozen.
        await #expect(throws: Refusal.self) {
            try await fixture.administration.approve(
                ApprovalRequest(toolName: EffectDesk.applyName), by: fixture.person)
        }
    }

    @Test("R54: an approval of the call itself lets its effect pass, and that of no other call")
    func approvalOfCall() async throws {
        let fixture = try await PreviewFixture(settings: ["approval_mode": "require_approval"])
        let effect = try await fixture.previewed()
        let other = try await fixture.previewed("b.txt", "x")
        let approval = try #require(
            try await fixture.administration.approve(
                ApprovalRequest(
                    toolName: "filesystem_write", arguments: ["path": "a.txt", "content": "one\n2\n"]),
                by: fixture.person))
        #expect(await fixture.run(PreviewFixture.apply(other, approval: approval.id)).code == "approval_invalid")
        #expect(await fixture.run(PreviewFixture.apply(effect, approval: approval.id)).isSuccess)
    }

    @Test("R54: where a rule asks about the effect, an approval of the call itself is none of it")
    func approvalOfCallWhereARuleAsks() async throws {
        let fixture = try await PreviewFixture(
            policy: """
                version: 1
                effects:
                  - name: few lines
                    lines: 0
                    beyond: ask
                    reason: a person looks at what changes
                    examples: {match: [{modified: [a.txt], lines: 0}], not_match: [{modified: [a.txt], lines: 1}]}

                """, settings: ["approval_mode": "require_approval"])
        let effect = try await fixture.previewed()
        let approval = try #require(
            try await fixture.administration.approve(
                ApprovalRequest(
                    toolName: "filesystem_write", arguments: ["path": "a.txt", "content": "one\n2\n"]),
                by: fixture.person))
        #expect(await fixture.run(PreviewFixture.apply(effect, approval: approval.id)).code == "approval_invalid")
        #expect(fixture.texts == ["a.txt": "one\ntwo\n"])
    }

    @Test("R54: an approval for the tool alone lets its call pass, and no effect of one")
    func unboundApproval() async throws {
        let fixture = try await PreviewFixture(settings: ["approval_mode": "require_approval"])
        let effect = try await fixture.previewed()
        let approval = try #require(
            try await fixture.administration.approve(ApprovalRequest(toolName: "filesystem_write"), by: fixture.person))
        #expect(await fixture.run(PreviewFixture.apply(effect, approval: approval.id)).code == "approval_invalid")
        #expect(fixture.texts == ["a.txt": "one\ntwo\n"])
        let call = ToolCall(
            toolName: "filesystem_write", arguments: ["path": "a.txt", "content": "x"], approvalID: approval.id)
        #expect(await fixture.run(call).isSuccess)
    }

    @Test("who waits shows the diff to a person, and what they approve is applied")
    func inbox() async throws {
        let fixture = try await PreviewFixture(settings: ["approval_mode": "require_approval"])
        let agent = try await fixture.principal(.agent)
        let effect = try await fixture.previewed(from: agent)
        let answer = await fixture.run(PreviewFixture.apply(effect, waits: true), from: agent)
        let id = try #require(answer.waiting?.itemID)
        let item = try #require(try await fixture.desk.item(id))
        #expect(item.isUndoable)
        let file = item.plan["effects"]?["files"]?.arrayValue?.first
        #expect(file?["diff"]?.stringValue?.contains("-two") == true)
        // It waits as long as the question about it.
        fixture.home.time.advance(by: 86_400)
        try await fixture.effects.tidy { _ in false }
        let decided = try #require(
            try await fixture.desk.decide(item.id, .init(isApproved: true), by: fixture.person))
        #expect(decided.execution.result?["success"] == true)
        #expect(fixture.texts == ["a.txt": "one\n2\n"])
    }

    @Test("a grant lets effects pass that stay inside its limits, and no others")
    func grant() async throws {
        let fixture = try await PreviewFixture()
        let agent = try await fixture.principal(.agent)
        fixture.does.withLock { $0 = ["src/a.c": "x\n"] }
        let call = ToolCall(toolName: "shell_script", arguments: ["script": "true"])
        let first = try PreviewFixture.effect(of: await fixture.run(call, from: agent).json)
        let waiting = await fixture.run(PreviewFixture.apply(first, waits: true), from: agent)
        let id = try #require(waiting.waiting?.itemID)
        let open: JSONValue = [
            "tool_name": "effect_apply", "uses": 5,
            "args": ["effect_id": ["type": "string"], "effect_digest": ["type": "string"]],
        ]
        // Without limits it would cover every effect.
        await #expect(throws: Refusal.self) {
            try await fixture.desk.decide(id, .init(isApproved: true, grant: open), by: fixture.person)
        }
        // All ids begin like this one.
        let prefix = open.merging(["args": ["effect_id": ["prefix": "eff_"], "effect_digest": ["type": "string"]]])
        await #expect(throws: Refusal.self) {
            try await fixture.desk.decide(id, .init(isApproved: true, grant: prefix), by: fixture.person)
        }
        let narrow = open.merging(["within": ["paths": ["src/**"], "deletions": 0, "lines": 3]])
        _ = try await fixture.desk.decide(id, .init(isApproved: true, grant: narrow), by: fixture.person)
        fixture.does.withLock { $0 = ["src/b.c": "x\n"] }
        let inside = try PreviewFixture.effect(of: await fixture.run(call, from: agent).json)
        #expect(await fixture.apply(inside, from: agent).isSuccess)
        fixture.does.withLock { $0 = ["src/b.c": nil] }
        let beyond = try PreviewFixture.effect(of: await fixture.run(call, from: agent).json)
        #expect(await fixture.apply(beyond, from: agent).code == "approval_required")
    }
}

extension JSONValue {
    fileprivate func merging(_ more: [String: JSONValue]) -> JSONValue {
        .object((objectValue ?? [:]).merging(more) { _, new in new })
    }
}
