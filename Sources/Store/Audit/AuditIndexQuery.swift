internal import Audit
internal import GRDB
internal import ToolKit

/// A page of entries: walks the one index that fits a filter and looks at the others row by row, at most
/// `LogQuery.window` rows, so that a page costs the same however much history there is.
struct AuditIndexQuery {
    private let query: LogQuery
    /// What the walk is ordered and limited by.
    private let condition: String
    private let value: String?
    /// Whether rows of the walk can still fail another filter.
    private let isFiltered: Bool

    init(_ query: LogQuery) {
        self.query = query
        let filters: [(column: String, value: String?)] = [
            ("agent_id", query.agentID), ("principal", query.principal), ("tool_name", query.toolName),
            ("status", query.status?.rawValue),
        ]
        let given = filters.filter { $0.value != nil }
        switch (query.group, given.first) {
        case (.change, _):
            condition = "kind = 'change'"
            value = nil
            isFiltered = !given.isEmpty
        case (let group, .some(let filter)):
            condition = "\(filter.column) = ?"
            value = filter.value
            isFiltered = given.count > 1 || group != nil
        case (let group, nil):
            condition = "1"
            value = nil
            isFiltered = group != nil
        }
    }

    func page(_ database: Database) throws -> IndexPage {
        let statement = try database.cachedStatement(
            sql: """
                SELECT \(EntryRow.columns) FROM tool_executions
                WHERE \(condition) AND seq < ? ORDER BY seq DESC LIMIT ?
                """)
        let most = isFiltered ? max(LogQuery.window, query.limit) : query.limit
        var arguments: StatementArguments = value.map { [$0] } ?? []
        // One more tells whether there is anything behind the page.
        arguments += [query.before ?? Int.max, most + 1]
        var entries: [IndexedEntry] = []
        var looked = 0
        var lastSeq: Int?
        let rows = try Row.fetchCursor(statement, arguments: arguments)
        while let row = try rows.next() {
            if entries.count == query.limit || looked == most { return IndexPage(entries: entries, next: lastSeq) }
            looked += 1
            lastSeq = row[0]
            if isFiltered, let keys = EntryRow.keys(row), !query.matches(keys) { continue }
            if let entry = EntryRow.entry(row) { entries.append(entry) }
        }
        return IndexPage(entries: entries, next: nil)
    }
}
