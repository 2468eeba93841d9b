internal import HTTPTypes
internal import Audit
internal import Engine
internal import Gate
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addRecordRoutes(to table: inout RouteTable) {
        table.add(.get, "/api/v1/execution/logs", authenticated(logs))
        table.add(
            .get, "/api/v1/execution/audit/checkpoint",
            authenticated { [self] _, principal in
                try principal.require(.readOwnRecords)
                var members = try await log.checkpoint().fields
                members["success"] = true
                return JSONAnswer.make(.object(members))
            })
        table.add(.get, "/api/v1/execution/audit/{audit_id}", authenticated(entry))
    }

    @Sendable private func logs(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try principal.require(.readOwnRecords)
        let query = try Query(request)
        var wanted = LogQuery(limit: try query.integer("limit", in: 1...1_000) ?? 50)
        wanted.before = try query.integer("before", in: 0...Int.max)
        wanted.group = try query.choice("kind", LogQuery.Group.self)
        wanted.status = try query.choice("status", CallStatus.self)
        wanted.toolName = query.text("tool_name").map { gate.catalog.entry(named: $0)?.name ?? $0 }
        wanted.agentID = query.text("agent_id")
        wanted.principal = query.text("principal")
        if !principal.role.allows(.readAllRecords) {
            if let other = wanted.principal, other != principal.name { try principal.require(.readAllRecords) }
            wanted.principal = principal.name
        }
        let page = try await log.page(wanted)
        return JSONAnswer.make([
            "success": true, "logs": .array(await withUndo(page.entries)), "count": .integer(page.entries.count),
            "next": JSONValue(page.next),
        ])
    }

    @Sendable private func entry(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try principal.require(.readOwnRecords)
        let id = request.parameters["audit_id"] ?? ""
        let entry = try await entry(id, visibleTo: principal)
        // A line that somebody edited has none; the entry says that it cannot be read.
        var stored: (receipt: AuditReceipt?, lines: [String]) = (nil, [])
        do {
            stored = (try await log.receipt(for: id), try await log.lines(of: id))
        } catch {
            guard error is AuditReadError || error is LineProblem else { throw error }
        }
        return JSONAnswer.make([
            "success": true, "entry": entry, "receipt": stored.receipt?.json ?? .null,
            "lines": .array(stored.lines.map(JSONValue.string)),
        ])
    }

    /// A call of somebody else is as unknown to an agent as one that never was.
    func entry(_ id: String, visibleTo principal: Principal) async throws -> JSONValue {
        guard Identifier.isWellFormed(id), let entry = try await log.entry(id),
            principal.role.allows(.readAllRecords) || entry["principal"]?.stringValue == principal.name
        else { throw HTTPRefusal.unknown("entry") }
        return await withUndo([entry])[0]
    }

    /// Entries with what holds now of those that could be undone when they were written.
    private func withUndo(_ entries: [JSONValue]) async -> [JSONValue] {
        let ids = entries.filter { $0["undoable"] != nil }.compactMap { $0["audit_id"]?.stringValue }
        guard !ids.isEmpty, let states = try? await engine.effects?.undoStates(of: ids) else { return entries }
        return entries.map { entry in
            guard var members = entry.objectValue, let id = members["audit_id"]?.stringValue, let state = states[id]
            else { return entry }
            members.merge(state.members) { _, now in now }
            return .object(members)
        }
    }
}
