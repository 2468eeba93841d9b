internal import Gate
internal import Testing
internal import ToolKit

@Suite("What keeps standing grants, in memory or in the database")
struct GrantStoreConformance {
    /// Grants come with decisions only.
    private func keep(_ grants: [StandingGrant], in store: any InboxStore & RunStore & GrantStore) async throws {
        for (number, grant) in grants.enumerated() {
            try await store.insert(Sample.item(number))
            #expect(try await store.decide("req_\(number)", Sample.decision(), grant: grant))
        }
    }

    @Test("gives a grant back with every field and every kind of rule", arguments: StateKind.allCases)
    func fields(_ kind: StateKind) async throws {
        try await kind.with { store in
            let grants = [Sample.grant(1, uses: 3, expiresAt: 9_000), Sample.grant(2, uses: nil, expiresAt: 8_000)]
            try await keep(grants, in: store)
            #expect(try await store.grants(inForceAt: 1_500) == grants)
        }
    }

    @Test("R55: gives the last use to one of twenty", arguments: StateKind.allCases)
    func lastUse(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await keep([Sample.grant(uses: 1)], in: store)
            #expect(try await racers { _ in try await store.use("grt_1", at: 1_500) } == 1)
            #expect(try await store.grants(inForceAt: 1_500).isEmpty)
        }
    }

    @Test("counts every use", arguments: StateKind.allCases)
    func count(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await keep([Sample.grant(uses: 13)], in: store)
            #expect(try await racers { _ in try await store.use("grt_1", at: 1_500) } == 13)
            #expect(try await store.use("grt_9", at: 1_500) == false)
        }
    }

    @Test("ends a grant with its time, to the moment", arguments: StateKind.allCases)
    func expiry(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await keep([Sample.grant(uses: nil, expiresAt: 2_000)], in: store)
            for _ in 0..<3 { #expect(try await store.use("grt_1", at: 1_999.5)) }
            #expect(try await store.use("grt_1", at: 2_000) == false)
            #expect(try await store.grants(inForceAt: 2_000).isEmpty)
            #expect(try await store.revokeGrant("grt_1", at: 2_000) == nil)
        }
    }

    @Test("ends a revoked grant at once and for good", arguments: StateKind.allCases)
    func revoked(_ kind: StateKind) async throws {
        try await kind.with { store in
            let grant = Sample.grant(uses: 5)
            try await keep([grant], in: store)
            #expect(try await store.revokeGrant("grt_1", at: 1_500) == grant)
            #expect(try await store.use("grt_1", at: 1_500) == false)
            #expect(try await store.grants(inForceAt: 1_500).isEmpty)
            #expect(try await store.revokeGrant("grt_1", at: 1_501) == nil)
        }
    }
}
