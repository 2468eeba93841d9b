internal import Audit
internal import Foundation
internal import GRDB
internal import Store
internal import Testing
internal import ToolKit

/// The two indexes, which have to keep the same promise.
enum IndexKind: String, CaseIterable, Sendable {
    case memory
    case database

    func make() throws -> any AuditIndex {
        switch self {
        case .memory: return InMemoryAuditIndex()
        case .database:
            let queue = try DatabaseQueue()
            var migrator = DatabaseMigrator()
            AuditIndexStore.registerMigrations(&migrator)
            try migrator.migrate(queue)
            return AuditIndexStore(queue)
        }
    }
}

/// Makes up lines as a log would hand them over.
struct LineSource {
    private(set) var seq = 0
    private(set) var offset = 0

    mutating func line(
        _ kind: LineKind, _ id: String, tool: String? = "filesystem_read", status: String? = nil, agent: String? = nil,
        principal: String? = "operator"
    ) -> IndexedLine {
        seq += 1
        defer { offset += 100 }
        return IndexedLine(
            seq: seq,
            keys: LineKeys(
                kind: kind, auditID: id, toolName: tool, status: status, agentID: agent, principal: principal),
            span: LineSpan(place: LinePlace(file: 1, offset: offset), length: 100))
    }

    var position: IndexPosition {
        IndexPosition(seq: seq, hash: LineHash.of([UInt8(seq & 255)]), end: LinePlace(file: 1, offset: offset))
    }
}

extension AuditIndex {
    func add(_ lines: IndexedLine..., from source: LineSource) throws {
        try add(lines, tiles: [], position: source.position)
    }
}

@Suite("An index of the audit, in memory or in the database")
struct AuditIndexConformance {
    @Test("knows nothing at first", arguments: IndexKind.allCases)
    func empty(_ kind: IndexKind) throws {
        let index = try kind.make()
        #expect(try index.position() == nil && index.entry(auditID: "x") == nil)
        #expect(try index.page(LogQuery()) == IndexPage(entries: [], next: nil))
        #expect(try index.openCalls(limit: 9).isEmpty && index.tiles(level: 8, positions: 0..<9).isEmpty)
    }

    @Test("merges an outcome with its intent, in the same batch and in a later one", arguments: IndexKind.allCases)
    func merges(_ kind: IndexKind) throws {
        let index = try kind.make()
        var source = LineSource()
        let lines = [
            source.line(.intent, "a"), source.line(.intent, "b"), source.line(.outcome, "a", status: "ok"),
            source.line(.checkpoint, ""),
        ]
        try index.add(lines, tiles: [], position: source.position)
        #expect(try index.openCalls(limit: 9).map(\.keys.auditID) == ["b"])
        let outcome = source.line(.outcome, "b", status: "error")
        try index.add(outcome, from: source)
        #expect(try index.openCalls(limit: 9).isEmpty)
        let entries = try index.page(LogQuery()).entries
        #expect(entries.map(\.keys.auditID) == ["b", "a"])
        #expect(entries.map(\.keys.status) == ["error", "ok"])
        #expect(entries[0].seq == 2 && entries[0].outcomeSeq == 5 && entries[0].outcome == outcome.span)
        #expect(try index.entry(auditID: "b") == entries[0])
        #expect(try index.position() == source.position)
    }

    @Test("takes no lines that leave a gap or repeat, and nothing of them", arguments: IndexKind.allCases)
    func gap(_ kind: IndexKind) throws {
        let index = try kind.make()
        var source = LineSource()
        let first = source.line(.refusal, "a", status: "invalid")
        let start = source
        let second = source.line(.refusal, "b", status: "invalid")
        #expect(throws: IndexGap.self) { try index.add(second, from: source) }
        try index.add(first, from: start)
        #expect(throws: IndexGap.self) { try index.add(first, from: start) }
        try index.add(second, from: source)
        #expect(try index.page(LogQuery()).entries.count == 2)
    }

    @Test("counts a dry run as an entry of its own", arguments: IndexKind.allCases)
    func dryRun(_ kind: IndexKind) throws {
        let index = try kind.make()
        var source = LineSource()
        try index.add(source.line(.outcome, "a", status: "dry_run"), from: source)
        #expect(try index.page(LogQuery(status: .dryRun)).entries.map(\.keys.auditID) == ["a"])
    }

    private static let queries: [LogQuery] = [
        LogQuery(limit: 7), LogQuery(limit: 7, group: .call), LogQuery(limit: 7, group: .change),
        LogQuery(limit: 7, toolName: "shell_exec"), LogQuery(limit: 7, status: .ok), LogQuery(limit: 7, agentID: "a1"),
        LogQuery(limit: 7, principal: "bot"), LogQuery(limit: 7, toolName: "shell_exec", status: .error),
        LogQuery(limit: 7, group: .change, principal: "bot"), LogQuery(limit: 7, agentID: "nobody"),
        LogQuery(limit: 7, group: .call, toolName: "shell_exec", status: .ok, agentID: "a1", principal: "bot"),
    ]

    @Test(
        "gives every filter's entries page by page, none twice and none left out", arguments: IndexKind.allCases,
        queries)
    func filters(_ kind: IndexKind, _ query: LogQuery) throws {
        let index = try kind.make()
        var source = LineSource()
        var lines: [IndexedLine] = []
        for number in 0..<300 {
            let tool = ["filesystem_read", "shell_exec", "git_log"][number % 3]
            let agent = [nil, "a1", "a2", "a3"][number % 4]
            let principal = ["operator", "bot"][number / 2 % 2]
            if number % 10 == 0 {
                lines.append(
                    source.line(.change, "c\(number)", tool: "change:config", status: "ok", principal: principal))
            } else {
                lines.append(source.line(.intent, "i\(number)", tool: tool, agent: agent, principal: principal))
                if number % 7 != 0 {
                    lines.append(
                        source.line(
                            .outcome, "i\(number)", tool: tool, status: number % 5 == 0 ? "error" : "ok", agent: agent,
                            principal: principal))
                }
            }
        }
        try index.add(lines, tiles: [], position: source.position)
        var all = EntryMerge(lines).entries
        all.removeAll { !query.matches($0.keys) }
        var found: [IndexedEntry] = []
        var next = query
        while true {
            let page = try index.page(next)
            #expect(page.entries.count <= query.limit)
            found += page.entries
            guard let before = page.next else { break }
            next.before = before
        }
        #expect(found == all.reversed())
    }

    @Test("finds calls that ended behind a line, long after they began", arguments: IndexKind.allCases)
    func endedLate(_ kind: IndexKind) throws {
        let index = try kind.make()
        var source = LineSource()
        var lines = ["a", "b", "c"].map { source.line(.intent, $0) }
        for number in 0..<300 { lines.append(source.line(.refusal, "r\(number)", status: "invalid")) }
        lines.append(source.line(.intent, "quick"))
        try index.add(lines, tiles: [], position: source.position)
        // In a batch of their own, and one of them with its beginning.
        let late = ["b", "quick", "a"].map { source.line(.outcome, $0, status: "ok") }
        try index.add(late, tiles: [], position: source.position)
        func found(_ seq: Int, _ limit: Int = 9) throws -> [String] {
            try index.endedLate(after: seq, limit: limit).map(\.keys.auditID)
        }
        #expect(try found(0) == ["a", "b"])
        #expect(try found(late[0].seq) == ["a"] && found(0, 1) == ["a"] && found(late[2].seq).isEmpty)
        #expect(try index.endedLate(after: 0, limit: 1).first?.outcomeSeq == late[2].seq)
    }

    @Test("keeps tiles by level and position", arguments: IndexKind.allCases)
    func tiles(_ kind: IndexKind) throws {
        let index = try kind.make()
        var source = LineSource()
        let tiles = (0..<5).map {
            Tile(level: 8, position: $0, root: LineHash.of([UInt8($0)]), start: LinePlace(file: 1, offset: $0 * 9))
        }
        let large = Tile(level: 16, position: 0, root: LineHash.of([9]), start: nil)
        try index.add([source.line(.refusal, "a")], tiles: tiles + [large], position: source.position)
        #expect(try index.tiles(level: 8, positions: 1..<4) == Array(tiles[1..<4]))
        #expect(try index.tiles(level: 8, positions: 3..<99) == Array(tiles[3...]))
        #expect(try index.tiles(level: 16, positions: 0..<1) == [large])
        try index.reset()
        #expect(try index.position() == nil && index.tiles(level: 8, positions: 0..<9).isEmpty)
        #expect(try index.page(LogQuery()).entries.isEmpty)
    }
}
