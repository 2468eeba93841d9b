internal import Engine
internal import Foundation
internal import LayerTesting
internal import Store
internal import Testing
internal import ToolKit

@Suite("Whoever keeps effects")
struct EffectStoreConformance {
    enum Kind: CaseIterable { case inMemory, database }

    private func with(_ kind: Kind, _ body: (any EffectStore) async throws -> Void) async throws {
        guard kind == .database else { return try await body(InMemoryEffects()) }
        let folder = FileManager.default.temporaryDirectory.path + "/effects-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let state = try StateDatabase(path: folder + "/state.sqlite")
        try await body(state)
        try state.close()
    }

    private func state(_ text: String, mode: UInt16 = 0o644) -> FileState {
        FileState(.file, size: text.utf8.count, sha256: text, mode: mode)
    }

    /// Of one file, from one content to another; the contents are their own hashes.
    private func effect(_ before: String?, _ after: String?, at path: String = "a\u{1F40C}.txt") throws -> Effect {
        Effect(
            files: [
                FileEffect(
                    try InMemoryWorkspace.path(path), before: before.map { state($0) }, after: after.map { state($0) })
            ], folders: [FolderEffect(try InMemoryWorkspace.path("new"), before: nil, after: 0o755)])
    }

    private func record(
        _ id: String, _ before: String? = "old", _ after: String? = "newer", by principal: String = "ada",
        at wall: Double = 10, expires: Double = 100
    ) throws -> EffectRecord {
        EffectRecord(
            id: id, principal: principal, agentID: "label", toolName: "shell_exec", arguments: ["command": "x"],
            callDigest: CallDigest(toolName: "shell_exec", arguments: ["command": "x"]), auditID: "aud_" + id,
            effect: try effect(before, after), lines: [nil], basis: .folders([try WorkspacePath("build")]),
            method: .copy, omissions: ["a socket"], answer: ["success": true], policyVersion: "v1", createdAt: wall,
            expiresAt: expires)
    }

    private func undo(
        _ auditID: String, _ before: String = "old", problem: String? = nil, by principal: String = "ada",
        at wall: Double = 10
    ) throws -> UndoRecord {
        let effect = try effect(before, "newer")
        return UndoRecord(
            auditID: auditID, principal: principal, toolName: "apply_patch", effect: effect, problem: problem,
            contents: effect.contents(before: true, after: false), createdAt: wall)
    }

    @Test("gives back what it was given", arguments: Kind.allCases)
    func same(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try record("a"))
            #expect(try store.effect("a") == (try record("a")))
            #expect(try store.effect("b") == nil)
            try await store.insert(try undo("aud_1"))
            try await store.insert(try undo("aud_2", problem: "it is gone"))
            #expect(try store.undo(of: "aud_1") == (try undo("aud_1")))
            #expect(try store.undo(of: "aud_2")?.state == .impossible("it is gone"))
            #expect(try store.undo(of: "aud_3") == nil)
            let move = GitMove(
                repository: .root, reference: "refs/heads/main", before: .init(commit: nil, index: nil),
                after: .init(commit: "c1", index: .init(sha256: "i1", size: 7)))
            let commit = UndoRecord(
                auditID: "aud_4", principal: "ada", toolName: "git_commit", effect: .none, commits: [move],
                contents: [:], createdAt: 10)
            try await store.insert(commit)
            #expect(try store.undo(of: "aud_4") == commit)
            #expect(try await store.needs("i1"))
        }
    }

    @Test("lists them, newest first and page by page", arguments: Kind.allCases)
    func lists(kind: Kind) async throws {
        try await with(kind) { store in
            for id in ["a", "b", "c"] { try await store.insert(try record(id, by: id == "b" ? "bob" : "ada")) }
            let page = try await store.effects(EffectQuery(limit: 2))
            #expect(page.effects.map(\.id) == ["c", "b"])
            #expect(page.effects.first == (try record("c").heading))
            #expect(try await store.effects(EffectQuery(limit: 2, before: page.next)).effects.map(\.id) == ["a"])
            #expect(try await store.effects(EffectQuery(principal: "bob")).effects.map(\.id) == ["b"])
        }
    }

    @Test("lets one call apply it, once", arguments: Kind.allCases)
    func applies(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try record("a"))
            #expect(try await store.beginApplying("a", by: "aud_1", at: 100) == false)
            #expect(try await store.beginApplying("a", by: "aud_1", at: 20))
            #expect(try await store.beginApplying("a", by: "aud_2", at: 20) == false)
            #expect(try await store.end("a", as: .discarded, at: 21) == nil)
            #expect(try await store.unfinished().effects.map(\.id) == ["a"])
            try await store.stopApplying("a")
            #expect(try store.effect("a") == (try record("a")))
            #expect(try await store.beginApplying("a", by: "aud_3", at: 22))
            try await store.endApplying("a", at: 23, undo: try undo("aud_3"))
            #expect(try store.effect("a")?.state == .applied)
            #expect(try store.effect("a")?.appliedAuditID == "aud_3")
            #expect(try store.undo(of: "aud_3")?.state == .possible)
            #expect(try await store.beginApplying("a", by: "aud_4", at: 24) == false)
            #expect(try await store.unfinished().effects.isEmpty)
        }
    }

    @Test("lets one call undo it, once", arguments: Kind.allCases)
    func undoes(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try undo("aud_1"))
            #expect(try await store.beginUndoing("aud_1", by: "aud_2"))
            #expect(try await store.beginUndoing("aud_1", by: "aud_3") == false)
            #expect(try await store.evict("aud_1", at: 5) == nil)
            #expect(try await store.undoStates(of: ["aud_1", "aud_9"]) == ["aud_1": .underWay])
            #expect(try await store.unfinished().undos.map(\.auditID) == ["aud_1"])
            try await store.stopUndoing("aud_1")
            #expect(try await store.undoStates(of: ["aud_1"]) == ["aud_1": .possible])
            #expect(try await store.beginUndoing("aud_1", by: "aud_4"))
            try await store.endUndoing("aud_1", undo: try undo("aud_4", "newer"))
            #expect(
                try await store.undoStates(of: ["aud_1", "aud_4"]) == [
                    "aud_1": .undone(by: "aud_4"), "aud_4": .possible,
                ])
            #expect(try await store.beginUndoing("aud_1", by: "aud_5") == false)
        }
    }

    @Test("tells which contents nobody needs any more", arguments: Kind.allCases)
    func contents(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try record("a"))
            try await store.insert(try record("b", "old", "newest"))
            #expect(try await store.neededContents() == ["newer", "newest"])
            #expect(try await store.end("a", as: .discarded, at: 20) == ["newer"])
            #expect(try await store.end("a", as: .expired, at: 20) == nil)
            #expect(try await store.needs("newer") == false)
            #expect(try await store.needs("old") == false)
            try await store.insert(try undo("aud_1"))
            #expect(try await store.needs("old"))
            #expect(try await store.end("b", as: .expired, at: 20) == ["newest"])
            #expect(try await store.evict("aud_1", at: 30) == ["old"])
            #expect(try await store.evict("aud_1", at: 30) == nil)
            #expect(try await store.neededContents().isEmpty)
            #expect(try store.undo(of: "aud_1")?.state == .impossible("what it replaced is not kept any more"))
        }
    }

    @Test("keeps for an applied effect what its undo needs", arguments: Kind.allCases)
    func appliedContents(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try record("a"))
            _ = try await store.beginApplying("a", by: "aud_1", at: 20)
            try await store.endApplying("a", at: 21, undo: try undo("aud_1"))
            #expect(try await store.neededContents() == ["old"])
        }
    }

    @Test("knows who keeps how much, and what gives way first: previews, the oldest first", arguments: Kind.allCases)
    func holders(kind: Kind) async throws {
        try await with(kind) { store in
            try await store.insert(try record("a", at: 12))
            try await store.insert(try undo("aud_1", at: 11))
            try await store.insert(try undo("aud_2", "bob's", by: "bob", at: 13))
            try await store.insert(try undo("aud_3", problem: "no", at: 10))
            let holders = try await store.holders().sorted { $0.principal < $1.principal }
            #expect(
                holders == [
                    EffectHolder(principal: "ada", bytes: 8, previews: 1),
                    EffectHolder(principal: "bob", bytes: 5, previews: 0),
                ])
            #expect(try await store.oldestHeld(by: "ada", limit: 9).map(\.id) == ["a", "aud_1"])
            #expect(try await store.oldestHeld(by: "ada", limit: 1).map(\.id) == ["a"])
            #expect(try await store.held(createdBefore: 13, limit: 9).map(\.id) == ["aud_1"])
        }
    }

    @Test("says what waits too long, unless it may wait longer", arguments: Kind.allCases)
    func overdue(kind: Kind) async throws {
        try await with(kind) { store in
            for (id, expires) in [("a", 30.0), ("b", 20.0), ("c", 40.0)] {
                try await store.insert(try record(id, expires: expires))
            }
            #expect(try await store.overdueEffects(at: 30, limit: 9) == ["b", "a"])
            try await store.extend("b", until: 50)
            try await store.extend("a", until: 5)
            #expect(try await store.overdueEffects(at: 30, limit: 9) == ["a"])
            #expect(try store.effect("b")?.expiresAt == 50)
        }
    }

    @Test("forgets what ended long ago, and nothing that waits or can be undone", arguments: Kind.allCases)
    func forgets(kind: Kind) async throws {
        try await with(kind) { store in
            for id in ["a", "b"] { try await store.insert(try record(id)) }
            _ = try await store.end("a", as: .discarded, at: 20)
            try await store.insert(try undo("aud_1"))
            try await store.insert(try undo("aud_2", problem: "no"))
            try await store.removeEnded(before: 20)
            #expect(try store.effect("a") != nil)
            try await store.removeEnded(before: 21)
            #expect(try store.effect("a") == nil)
            #expect(try store.effect("b") != nil)
            #expect(try store.undo(of: "aud_1") != nil)
            #expect(try store.undo(of: "aud_2") == nil)
        }
    }
}
