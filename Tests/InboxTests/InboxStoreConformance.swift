internal import Gate
internal import Testing
internal import ToolKit

@Suite("What keeps the inbox, in memory or in the database")
struct InboxStoreConformance {
    @Test("gives an item back with every field", arguments: StateKind.allCases, InboxItem.Kind.allCases)
    func fields(_ kind: StateKind, _ itemKind: InboxItem.Kind) async throws {
        try await kind.with { store in
            let item = Sample.item(kind: itemKind)
            try await store.insert(item)
            #expect(try await store.item("req_1") == item)
            #expect(try await store.item(ofRun: "run_1") == item)
            #expect(try await store.item("run_1") == nil)
            #expect(try await store.item(ofRun: "req_1") == nil)
        }
    }

    @Test("gives back a decision, the run and its result", arguments: StateKind.allCases)
    func course(_ kind: StateKind) async throws {
        try await kind.with { store in
            var item = Sample.item()
            try await store.insert(item)
            #expect(try await store.decide("req_1", Sample.decision(), grant: Sample.grant()))
            item.status = .approved
            item.decision = Sample.decision()
            item.execution.state = .queued
            #expect(try await store.item("req_1") == item)
            item.execution.state = .running
            item.execution.auditID = "aud_1"
            #expect(try await store.begin("req_1", auditID: "aud_1") == item)
            #expect(try await store.item("req_1") == item)
            item.execution.state = .done
            item.execution.result = ["success": true, "result": ["text": "a\u{0}b", "number": 1.5]]
            try await store.finish("req_1", state: .done, result: item.execution.result ?? nil)
            #expect(try await store.item("req_1") == item)
        }
    }

    @Test("keeps a denied item from ever running", arguments: StateKind.allCases)
    func denied(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.item())
            #expect(try await store.decide("req_1", Sample.decision(false), grant: nil))
            let item = try #require(try await store.item("req_1"))
            #expect(item.status == .denied && item.decision == Sample.decision(false))
            #expect(item.execution.state == .refused && item.isSettled)
            #expect(try await store.begin("req_1", auditID: "aud_1") == nil)
            try await store.finish("req_1", state: .done, result: ["late": true])
            #expect(try await store.item("req_1") == item)
        }
    }

    @Test("R57: lets one of twenty decisions win, and keeps its grant only", arguments: StateKind.allCases)
    func decisions(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.item())
            let won = try await racers { number in
                let decision = InboxItem.Decision(
                    isApproved: number.isMultiple(of: 2), by: "person\(number)", at: 1_500, note: nil)
                return try await store.decide("req_1", decision, grant: Sample.grant(number, uses: 5))
            }
            #expect(won == 1)
            let item = try #require(try await store.item("req_1"))
            let grants = try await store.grants(inForceAt: 1_500)
            #expect(grants.count == 1)
            #expect("person\(grants.first?.id.dropFirst(4) ?? "")" == item.decision?.by)
            #expect(try await store.decide("req_1", Sample.decision(), grant: nil) == false)
            #expect(try await store.decide("req_9", Sample.decision(), grant: nil) == false)
        }
    }

    @Test("decides before an item's time ends, and not from that moment on", arguments: StateKind.allCases)
    func boundary(_ kind: StateKind) async throws {
        try await kind.with { store in
            for number in 1...2 { try await store.insert(Sample.item(number)) }
            #expect(try await store.decide("req_1", Sample.decision(at: 2_000), grant: nil) == false)
            #expect(try await store.expire("req_1", at: 1_999.5) == false)
            #expect(try await store.overdue(at: 1_999.5, limit: 9).isEmpty)
            #expect(try await store.decide("req_2", Sample.decision(at: 1_999.5), grant: nil))
            #expect(try await store.overdue(at: 2_000, limit: 9).map(\.id) == ["req_1"])
            #expect(try await store.expire("req_1", at: 2_000))
            #expect(try await store.expire("req_1", at: 2_000) == false)
            #expect(try await store.expire("req_2", at: 9_000) == false)
            let expired = try #require(try await store.item("req_1"))
            #expect(expired.status == .expired && expired.execution.state == .refused && expired.isSettled)
            #expect(try await store.decide("req_1", Sample.decision(at: 1_500), grant: nil) == false)
        }
    }

    @Test("names what is overdue by when it ended, and no more than asked for", arguments: StateKind.allCases)
    func overdue(_ kind: StateKind) async throws {
        try await kind.with { store in
            for (number, end) in [(1, 1_300.0), (2, 1_100), (3, 1_200), (4, 9_000)] {
                try await store.insert(Sample.item(number, expiresAt: end))
            }
            #expect(try await store.overdue(at: 2_000, limit: 2).map(\.id) == ["req_2", "req_3"])
            #expect(try await store.overdue(at: 2_000, limit: 9).map(\.id) == ["req_2", "req_3", "req_1"])
        }
    }

    @Test("R55: lets one of twenty begin an approved call", arguments: StateKind.allCases)
    func begins(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.item())
            #expect(try await store.begin("req_1", auditID: "aud_0") == nil)
            #expect(try await store.decide("req_1", Sample.decision(), grant: nil))
            let begun = try await racers { try await store.begin("req_1", auditID: "aud_\($0)") != nil }
            #expect(begun == 1)
        }
    }

    @Test("R57: keeps the first end of a call, and lets none begin after it", arguments: StateKind.allCases)
    func ends(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.item())
            #expect(try await store.decide("req_1", Sample.decision(), grant: nil))
            #expect(try await store.begin("req_1", auditID: "aud_1") != nil)
            try await store.finish("req_1", state: .done, result: ["first": true])
            try await store.finish("req_1", state: .failed, result: ["second": true])
            #expect(try await store.item("req_1")?.execution.result == ["first": true])
            #expect(try await store.item("req_1")?.execution.state == .done)
            #expect(try await store.begin("req_1", auditID: "aud_2") == nil)
        }
    }

    private static let queries: [InboxQuery] = [
        InboxQuery(limit: 7), InboxQuery(limit: 7, isPendingOnly: true), InboxQuery(limit: 7, kind: .run),
        InboxQuery(limit: 7, principal: "bot1"), InboxQuery(limit: 7, isPendingOnly: true, kind: .executionRequest),
        InboxQuery(limit: 7, isPendingOnly: true, kind: .run, principal: "bot0"), InboxQuery(limit: 1_000),
        InboxQuery(limit: 7, principal: "nobody"),
    ]

    @Test("gives every filter's items page by page, newest first", arguments: StateKind.allCases, queries)
    func pages(_ kind: StateKind, _ query: InboxQuery) async throws {
        try await kind.with { store in
            var all: [InboxItem] = []
            for number in 0..<60 {
                let itemKind: InboxItem.Kind = number % 3 == 0 ? .executionRequest : .run
                let item = Sample.item(number, kind: itemKind, principal: "bot\(number % 4)")
                try await store.insert(item)
                if number % 5 == 0 {
                    #expect(try await store.decide(item.id, Sample.decision(false), grant: nil))
                    guard !query.isPendingOnly else { continue }
                }
                if query.kind.map({ $0 == itemKind }) ?? true, query.principal.map({ $0 == item.principal }) ?? true {
                    all.append(item)
                }
            }
            var found: [String] = []
            var next = query
            while true {
                let page = try await store.items(next)
                #expect(page.items.count <= query.limit)
                found += page.items.map(\.id)
                guard let before = page.next else { break }
                next.before = before
            }
            #expect(found == all.reversed().map(\.id))
        }
    }

    @Test("ends a page early that would grow too large, and loses nothing", arguments: StateKind.allCases)
    func largeItems(_ kind: StateKind) async throws {
        try await kind.with { store in
            let text = String(repeating: "x", count: 3 << 20)
            for number in 0..<5 { try await store.insert(Sample.item(number, content: text)) }
            try await store.insert(Sample.item(9, content: String(repeating: "x", count: 9 << 20)))
            var sizes: [Int] = []
            var query = InboxQuery(limit: 1_000)
            while true {
                let page = try await store.items(query)
                sizes.append(page.items.count)
                guard let before = page.next else { break }
                query.before = before
            }
            #expect(sizes == [1, 2, 2, 1])
        }
    }

    @Test("counts what is pending, in all and of one caller", arguments: StateKind.allCases)
    func load(_ kind: StateKind) async throws {
        try await kind.with { store in
            let none = InboxLoad(items: 0, bytes: 0, ofPrincipal: 0, bytesOfPrincipal: 0)
            #expect(try await store.load(of: "bot") == none)
            let items = (1...3).map { Sample.item($0, principal: $0 == 3 ? "other" : "bot") }
            for item in items { try await store.insert(item) }
            let bytes = items.reduce(0) { $0 + $1.storedSize }
            let own = bytes - items[2].storedSize
            let load = InboxLoad(items: 3, bytes: bytes, ofPrincipal: 2, bytesOfPrincipal: own)
            #expect(try await store.load(of: "bot") == load)
            #expect(try await store.decide("req_1", Sample.decision(), grant: nil))
            #expect(try await store.load(of: "bot").ofPrincipal == 1)
        }
    }

    @Test("forgets what was settled long ago, and never what waits or runs", arguments: StateKind.allCases)
    func forgets(_ kind: StateKind) async throws {
        try await kind.with { store in
            for number in 1...6 { try await store.insert(Sample.item(number, createdAt: number == 6 ? 5_000 : 1_000)) }
            #expect(try await store.decide("req_2", Sample.decision(), grant: nil))
            for number in [3, 4] {
                #expect(try await store.decide("req_\(number)", Sample.decision(), grant: nil))
                #expect(try await store.begin("req_\(number)", auditID: "aud_\(number)") != nil)
            }
            try await store.finish("req_4", state: .done, result: ["success": true])
            for number in [5, 6] {
                #expect(try await store.decide("req_\(number)", Sample.decision(false), grant: nil))
            }
            try await store.removeSettled(createdBefore: 2_000)
            #expect(try await store.items(InboxQuery()).items.map(\.id) == ["req_6", "req_3", "req_2", "req_1"])
        }
    }
}
