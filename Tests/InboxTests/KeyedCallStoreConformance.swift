internal import Gate
internal import Testing
internal import ToolKit

@Suite("A store of keyed calls, in memory and on disk")
struct KeyedCallStoreConformance {
    private func call(_ key: String = "k", principal: String = "bot", auditID: String = "aud_1") -> KeyedCall {
        KeyedCall(
            principal: principal, key: key, digest: CallDigest(toolName: "t", arguments: [:]), auditID: auditID,
            createdAt: 1_000)
    }

    @Test("gives a key to the first, and tells others who holds it", arguments: StateKind.allCases)
    func claim(kind: StateKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.claim(call()) == nil)
            #expect(try await store.claim(call(auditID: "aud_2")) == call())
            #expect(try await store.claim(call(principal: "other")) == nil)
        }
    }

    @Test("of twenty at once one gets the key", arguments: StateKind.allCases)
    func race(kind: StateKind) async throws {
        try await kind.with { store async throws in
            let call = call()
            let winners = try await racers { _ in try await store.claim(call) == nil }
            #expect(winners == 1)
        }
    }

    @Test("keeps the first answer for good", arguments: StateKind.allCases)
    func keep(kind: StateKind) async throws {
        try await kind.with { store async throws in
            _ = try await store.claim(call())
            try await store.keep(["n": 1], for: call())
            try await store.keep(["n": 2], for: call())
            try await store.release(call())
            #expect(try await store.restart(call(), as: "aud_3") == false)
            #expect(try await store.claim(call())?.answer == ["n": 1])
        }
    }

    @Test("gives back and restarts for who holds it only", arguments: StateKind.allCases)
    func holders(kind: StateKind) async throws {
        try await kind.with { store async throws in
            _ = try await store.claim(call())
            try await store.release(call(auditID: "aud_9"))
            try await store.keep(["n": 9], for: call(auditID: "aud_9"))
            #expect(try await store.restart(call(auditID: "aud_9"), as: "aud_2") == false)
            #expect(try await store.restart(call(), as: "aud_2"))
            #expect(try await store.claim(call())?.auditID == "aud_2")
            try await store.release(call(auditID: "aud_2"))
            #expect(try await store.claim(call()) == nil)
        }
    }

    @Test(
        "keeps a key as long as its call waits or runs, and for a while after it was decided",
        arguments: StateKind.allCases)
    func waiting(kind: StateKind) async throws {
        try await kind.with { store async throws in
            for number in 1...4 {
                // Decided at 1,500, or out of time at 2,000.
                try await store.insert(Sample.item(number))
                let call = call("\(number)", auditID: "aud_\(number)")
                _ = try await store.claim(call)
                try await store.keep(["approval_request_id": .string("req_\(number)")], for: call)
            }
            for id in ["req_2", "req_3"] { _ = try await store.decide(id, Sample.decision(), grant: nil) }
            for id in ["req_2", "req_3"] { _ = try await store.begin(id, auditID: "aud_9") }
            try await store.finish("req_3", state: .done, result: nil)
            _ = try await store.decide("req_4", Sample.decision(false), grant: nil)
            func kept(after wall: Double) async throws -> [String] {
                try await store.removeKeys(createdBefore: wall)
                var kept: [String] = []
                for number in 1...4 {
                    let other = call("\(number)", auditID: "aud_0")
                    if try await store.claim(other) != nil {
                        kept.append(other.key)
                    } else {
                        try await store.release(other)
                    }
                }
                return kept
            }
            #expect(try await kept(after: 1_500) == ["1", "2", "3", "4"])
            #expect(try await kept(after: 1_501) == ["1", "2"])
            try await store.finish("req_2", state: .done, result: nil)
            #expect(try await store.expire("req_1", at: 2_000))
            #expect(try await kept(after: 2_000) == ["1"])
        }
    }

    @Test("forgets old answers, and never a call without one", arguments: StateKind.allCases)
    func forget(kind: StateKind) async throws {
        try await kind.with { store async throws in
            for key in ["answered", "open"] { _ = try await store.claim(call(key)) }
            try await store.keep(["n": 1], for: call("answered"))
            try await store.removeKeys(createdBefore: 1_000)
            #expect(try await store.claim(call("answered"))?.answer == ["n": 1])
            try await store.removeKeys(createdBefore: 1_001)
            #expect(try await store.claim(call("answered")) == nil)
            #expect(try await store.claim(call("open")) != nil)
        }
    }
}
