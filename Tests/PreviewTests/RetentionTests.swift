internal import Audit
internal import Engine
internal import Gate
internal import LayerTesting
internal import Testing
internal import ToolKit

@Suite("What is kept of effects")
struct RetentionTests {
    private static let large = String(repeating: "x", count: 700_000)

    /// Writes a file that held much before, so that much is kept.
    private func overwrite(_ path: String, _ fixture: PreviewFixture, from principal: Principal? = nil) async throws
        -> String
    {
        try fixture.home.workspace.write(Self.large + path, to: path)
        fixture.home.time.advance(by: 1)
        let answer = await fixture.run(PreviewFixture.write(path, "small"), from: principal).json
        #expect(answer["undoable"] == true)
        return answer.auditID
    }

    @Test("gives way, oldest first, when more is kept than may be, and the audit says what")
    func size() async throws {
        let fixture = try await PreviewFixture(settings: ["effect_storage_bytes": 1_048_576])
        let (first, second) = (try await overwrite("1", fixture), try await overwrite("2", fixture))
        try await fixture.effects.tidy { _ in false }
        #expect(await fixture.undo(first).code == "not_undoable")
        #expect(await fixture.undo(second).isSuccess)
        #expect(fixture.texts["2"]?.count == 700_001)
        let change = try #require(try await fixture.changes("change:effects").first)
        #expect(change["before"]?["audit_ids"] == [.string(first)])
        #expect(
            change["principal"] == "daemon" && change["reason"]?.stringValue?.contains("effect_storage_bytes") == true)
    }

    @Test("of who keeps little does not give way to what somebody else keeps")
    func fairness() async throws {
        let fixture = try await PreviewFixture(settings: ["effect_storage_bytes": 1_500_000])
        let agent = try await fixture.principal(.agent)
        let own = try await overwrite("1", fixture)
        var others: [String] = []
        for name in ["2", "3"] { others.append(try await overwrite(name, fixture, from: agent)) }
        try await fixture.effects.tidy { _ in false }
        #expect(await fixture.undo(others[0]).code == "not_undoable")
        #expect(await fixture.undo(own).isSuccess)
        #expect(await fixture.undo(others[1]).isSuccess)
    }

    @Test("ends with its time")
    func age() async throws {
        let fixture = try await PreviewFixture(settings: ["effect_retention_days": 1])
        let old = await fixture.run(PreviewFixture.write("a.txt", "x")).json.auditID
        fixture.home.time.advance(by: 86_000)
        let young = await fixture.run(PreviewFixture.write("b.txt", "x")).json.auditID
        fixture.home.time.advance(by: 1_000)
        try await fixture.effects.tidy { _ in false }
        #expect(await fixture.undo(old).code == "not_undoable")
        #expect(await fixture.undo(young).isSuccess)
    }

    @Test("is removed when nobody needs it any more, and not before")
    func contents() async throws {
        let fixture = try await PreviewFixture()
        let contents = fixture.home.workspace.contents
        let effect = try await fixture.previewed()
        let needed = try await fixture.home.store.neededContents()
        #expect(!needed.isEmpty && needed.isSubset(of: contents.hashes))
        try await fixture.effects.sweep()
        #expect(await fixture.apply(effect).isSuccess)
        let other = try await fixture.previewed("b.txt", "only here")
        let record = try #require(try fixture.home.store.effect(other.id))
        _ = try await fixture.effects.discard(other.id, by: fixture.person)
        #expect(contents.hashes.isDisjoint(with: record.contents.keys))
    }

    @Test("is not more than may be kept: what is larger by itself is refused, or cannot be undone and says so")
    func tooLarge() async throws {
        let fixture = try await PreviewFixture(settings: ["effect_storage_bytes": 1_048_576])
        let huge = String(repeating: "y", count: 1_100_000)
        #expect(await fixture.preview(PreviewFixture.write("a.txt", huge)).code == "effect_too_large")
        try fixture.home.workspace.write(huge, to: "a.txt")
        let run = await fixture.run(PreviewFixture.write("a.txt", "x")).json
        #expect(run.isSuccess && run["undoable"] == false)
        #expect(run["undo_problem"]?.stringValue?.contains("effect_storage_bytes") == true)
        #expect(await fixture.undo(run.auditID).code == "not_undoable")
    }

    @Test("is told to whoever watches: kept, applied, discarded, undone")
    func events() async throws {
        let fixture = try await PreviewFixture()
        let applied = await fixture.apply(try await fixture.previewed())
        _ = await fixture.undo(applied.auditID)
        let other = try await fixture.previewed("b.txt", "x")
        _ = try await fixture.effects.discard(other.id, by: fixture.person)
        let states = fixture.told.current.compactMap { $0["state"]?.stringValue }
        #expect(states == ["previewed", "applied", "undone", "previewed", "discarded"])
    }
}
