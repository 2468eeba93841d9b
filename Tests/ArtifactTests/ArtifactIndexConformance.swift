internal import Engine
internal import Foundation
internal import Store
internal import Testing
internal import ToolKit

@Suite("Whoever remembers what is kept")
struct ArtifactIndexConformance {
    enum Kind: CaseIterable { case inMemory, database }

    private func with(_ kind: Kind, _ body: (any ArtifactIndex) async throws -> Void) async throws {
        guard kind == .database else { return try await body(InMemoryArtifactIndex()) }
        let folder = FileManager.default.temporaryDirectory.path + "/index-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let state = try StateDatabase(path: folder + "/state.sqlite")
        try await body(state)
        try state.close()
    }

    private func record(_ id: String, of call: String = "aud_1", by principal: String = "ada", size: Int = 1)
        -> ArtifactRecord
    {
        ArtifactRecord(
            artifact: Artifact(id: id, name: "out/\(id)", size: size, sha256: "00"),
            call: CallLabel(auditID: call, principal: principal, toolName: "t"), createdAt: 1.5)
    }

    @Test("gives back what it was given", arguments: Kind.allCases)
    func same(kind: Kind) async throws {
        try await with(kind) { index in
            try await index.insert(record("a"))
            #expect(try await index.artifact("a") == record("a"))
            #expect(try await index.artifact("b") == nil)
        }
    }

    @Test("takes an id once", arguments: Kind.allCases)
    func once(kind: Kind) async throws {
        try await with(kind) { index in
            try await index.insert(record("a"))
            await #expect(throws: (any Error).self) { try await index.insert(record("a", size: 2)) }
            #expect(try await index.artifact("a")?.artifact.size == 1)
        }
    }

    @Test("counts, and forgets what it is told to", arguments: Kind.allCases)
    func totals(kind: Kind) async throws {
        try await with(kind) { index in
            #expect(try await index.artifactTotals() == (0, 0))
            for (id, size) in [("a", 1), ("b", 20), ("c", 300)] { try await index.insert(record(id, size: size)) }
            #expect(try await index.artifactTotals() == (3, 321))
            #expect(try await index.oldestArtifacts(2, of: "ada").map(\.artifact.id) == ["a", "b"])
            #expect(try await index.oldestArtifacts(2, of: "bob").isEmpty)
            try await index.removeArtifacts(["b", "unknown"])
            #expect(try await index.artifactTotals() == (2, 301))
            #expect(try await index.artifactIDs() == ["a", "c"])
        }
    }

    @Test("tells how much everybody keeps", arguments: Kind.allCases)
    func holders(kind: Kind) async throws {
        try await with(kind) { index in
            #expect(try await index.artifactHolders().isEmpty)
            try await index.insert(record("a", size: 1))
            try await index.insert(record("b", by: "bob", size: 20))
            try await index.insert(record("c", size: 300))
            let holders = try await index.artifactHolders().sorted { $0.principal < $1.principal }
            #expect(
                holders == [
                    ArtifactHolder(principal: "ada", count: 2, bytes: 301),
                    ArtifactHolder(principal: "bob", count: 1, bytes: 20),
                ])
        }
    }

    @Test("lists newest first, by call and caller, page by page", arguments: Kind.allCases)
    func pages(kind: Kind) async throws {
        try await with(kind) { index in
            for id in ["a", "b", "c"] { try await index.insert(record(id)) }
            try await index.insert(record("d", of: "aud_2", by: "bob"))
            func ids(_ query: ArtifactQuery) async throws -> [String] {
                try await index.artifacts(query).records.map(\.artifact.id)
            }
            #expect(try await ids(ArtifactQuery()) == ["d", "c", "b", "a"])
            #expect(try await ids(ArtifactQuery(auditID: "aud_1")) == ["c", "b", "a"])
            #expect(try await ids(ArtifactQuery(principal: "bob")) == ["d"])
            #expect(try await ids(ArtifactQuery(auditID: "aud_1", principal: "bob")).isEmpty)
            let first = try await index.artifacts(ArtifactQuery(limit: 2))
            #expect(first.records.map(\.artifact.id) == ["d", "c"])
            let second = try await index.artifacts(ArtifactQuery(limit: 2, before: first.next))
            #expect(second.records.map(\.artifact.id) == ["b", "a"])
            #expect(second.next == nil)
            #expect(try await index.artifactIDs(ofCalls: ["aud_2", "aud_3"]) == ["d"])
        }
    }
}
