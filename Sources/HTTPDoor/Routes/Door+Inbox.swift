internal import Audit
internal import Engine
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addInboxRoutes(to table: inout RouteTable) {
        table.add(.post, "/api/v1/execution/request", authenticated(request))
        table.add(
            .get, "/api/v1/execution/requests",
            authenticated { [self] request, principal in
                let page = try await inbox(request, principal, isPendingOnly: false, kind: .executionRequest)
                return Self.list(page, as: "requests")
            })
        table.add(
            .get, "/api/v1/execution/approvals",
            authenticated { [self] request, principal in
                let page = try await inbox(request, principal, isPendingOnly: true, kind: nil)
                let load = try await desk.load(of: principal)
                let isAll = principal.role.allows(.readAllRecords)
                return Self.list(page, as: "approvals", ["pending": .integer(isAll ? load.items : load.ofPrincipal)])
            })
        table.add(
            .get, "/api/v1/execution/approvals/{id}",
            authenticated { [self] request, principal in
                JSONAnswer.make(["success": true, "approval": try await visible(request, to: principal).json])
            })
        table.add(.post, "/api/v1/execution/approvals/{id}", authenticated(decide))
        table.add(.post, "/api/v1/execution/approvals/{id}/reach", authenticated(reach))
        table.add(.post, "/api/v1/execution/policy/proposals", authenticated(propose))
        table.add(
            .get, "/api/v1/execution/runs/{run_id}",
            authenticated { [self] request, principal in
                let id = request.parameters["run_id"] ?? ""
                guard Identifier.isWellFormed(id), let run = try await desk.runs.run(id),
                    principal.role.allows(.readAllRecords) || run.principal == principal.name
                else { throw HTTPRefusal.unknown("run") }
                let item = try await desk.item(ofRun: id)
                return JSONAnswer.make(["success": true, "run": item?.runJSON ?? run.json])
            })
        table.add(
            .get, "/api/v1/execution/grants",
            authenticated { [self] _, principal in
                try principal.require(.readConfiguration)
                return JSONAnswer.make(["success": true, "grants": .array(gate.standingGrants.current.map(\.json))])
            })
        table.add(
            .delete, "/api/v1/execution/grants/{id}",
            authenticated { [self] request, principal in
                let id = request.parameters["id"] ?? ""
                guard Identifier.isWellFormed(id), let grant = try await desk.revokeGrant(id, by: principal) else {
                    throw HTTPRefusal.unknown("grant")
                }
                return JSONAnswer.make(["success": true, "grant_id": .string(grant.id)])
            })
    }

    @Sendable private func request(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let wanted = try ToolCall.requested(try await request.json())
        let item = try await desk.request(wanted.call, estimate: wanted.estimate, from: principal)
        return JSONAnswer.make([
            "success": true, "request_id": .string(item.id), "approval_request_id": .string(item.id),
            "run_id": .string(item.execution.runID), "status": .string(item.status.rawValue),
            "expires_at": .number(item.expiresAt), "message": "a person has to decide; ask /requests or the run for it",
        ])
    }

    @Sendable private func decide(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let fields = try Envelope.read(await request.json(), as: Self.verdictEnvelope)
        let id = request.parameters["id"] ?? ""
        let verdict = try Self.verdict(fields)
        guard Identifier.isWellFormed(id), let item = try await desk.decide(id, verdict, by: principal) else {
            throw HTTPRefusal.unknown("approval")
        }
        var members: [String: JSONValue] = [
            "success": true, "approval_request_id": .string(item.id), "approved": .bool(verdict.isApproved),
            "run_id": .string(item.execution.runID), "run_status": .string(item.execution.state.rawValue),
        ]
        members["execution_result"] = item.execution.result
        members["grant_id"] = (item.decision?.grantID).map(JSONValue.string)
        return JSONAnswer.make(.object(members))
    }

    private static func verdict(_ fields: [String: JSONValue]) throws(HTTPRefusal) -> InboxDesk.Verdict {
        let note = fields["note"]?.stringValue
        switch (fields["approved"]?.boolValue, fields["resolution"]?.stringValue) {
        case (let approved?, nil):
            return InboxDesk.Verdict(isApproved: approved, note: note, grant: fields["grant"])
        case (nil, let word?):
            guard let resolution = InboxItem.Resolution(rawValue: word) else {
                throw .field("resolution", "must be happened, retry or abandon")
            }
            guard fields["grant"] == nil else { throw .field("grant", "belongs to an approval") }
            return InboxDesk.Verdict(resolution, note: note)
        case (nil, nil): throw .field("approved", "is required")
        case (_?, _?): throw .field("resolution", "cannot be sent together with approved")
        }
    }

    @Sendable private func reach(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let fields = try Envelope.read(await request.json(), as: Self.reachEnvelope)
        let id = request.parameters["id"] ?? ""
        guard Identifier.isWellFormed(id),
            let reach = try await desk.reach(of: fields["grant"] ?? .null, for: id, by: principal)
        else { throw HTTPRefusal.unknown("approval") }
        return JSONAnswer.make([
            "success": true, "count": .integer(reach.count), "calls": .array(reach.calls),
            "undecided": .integer(reach.undecided), "truncated": .bool(reach.isTruncated),
        ])
    }

    @Sendable private func propose(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let fields = try Envelope.read(await request.json(), as: Self.proposalEnvelope)
        let item = try await desk.propose(
            policy: fields["yaml"]?.stringValue ?? "", reason: fields["reason"]?.stringValue, from: principal)
        return JSONAnswer.make([
            "success": true, "approval_request_id": .string(item.id), "status": .string(item.status.rawValue),
            "expires_at": .number(item.expiresAt),
        ])
    }

    private func inbox(
        _ request: RouteRequest, _ principal: Principal, isPendingOnly: Bool, kind: InboxItem.Kind?
    ) async throws -> InboxPage {
        try principal.require(.readOwnRecords)
        let query = try Query(request)
        return try await desk.items(
            InboxQuery(
                limit: try query.integer("limit", in: 1...1_000) ?? 50,
                before: try query.integer("before", in: 0...Int.max), isPendingOnly: isPendingOnly, kind: kind,
                principal: principal.role.allows(.readAllRecords) ? nil : principal.name))
    }

    private func visible(_ request: RouteRequest, to principal: Principal) async throws -> InboxItem {
        try principal.require(.readOwnRecords)
        let id = request.parameters["id"] ?? ""
        guard Identifier.isWellFormed(id), let item = try await desk.item(id), item.isVisible(to: principal) else {
            throw HTTPRefusal.unknown("approval")
        }
        return item
    }

    private static func list(_ page: InboxPage, as name: String, _ more: [String: JSONValue] = [:]) -> Response {
        let members: [String: JSONValue] = [
            "success": true, name: .array(page.items.map(\.json)), "count": .integer(page.items.count),
            "next": JSONValue(page.next),
        ]
        return JSONAnswer.make(.object(members.merging(more) { own, _ in own }))
    }

    private static let verdictEnvelope = ArgumentSchema(
        .optional("approved", .boolean, "Whether it may happen."),
        .optional("resolution", .string(maxLength: 16), "What became of a run of unknown outcome."),
        .optional("note", .string(maxLength: 4_096), "Why, for who asked and for the record."),
        .optional("grant", .object, "What shall pass from now on without asking."))

    private static let reachEnvelope = ArgumentSchema(
        .required("grant", .object, "The rule to try on what happened."))

    private static let proposalEnvelope = ArgumentSchema(
        .required("yaml", .content(maxLength: 1_048_576), "The whole policy file."),
        .optional("reason", .string(maxLength: 4_096), "Why."))
}

extension InboxItem {
    /// An agent sees its own.
    func isVisible(to principal: Principal) -> Bool {
        principal.role.allows(.readAllRecords) || self.principal == principal.name
    }
}

extension ToolCall {
    private static let requestEnvelope = ArgumentSchema(
        .required("tool_name", .string(minLength: 1, maxLength: 256), "Which tool, by name or alias."),
        .optional("args", .object, default: [:], "Its arguments."),
        .optional("reason", .string(maxLength: 4_096), default: "", "Why, for the person who decides."),
        Envelope.label("agent_id", "A label for the record; never authority."),
        Envelope.label("department", "A label for the record."),
        .optional("dry_run", .boolean, "Whether to answer only what would happen."))

    /// The body of `/request`.
    ///
    /// - Throws: ``HTTPRefusal`` 422 naming every bad field.
    static func requested(_ body: JSONValue) throws(HTTPRefusal) -> (call: ToolCall, estimate: Double?) {
        var members = body.objectValue
        let estimate = members?.removeValue(forKey: "risk_score_estimate") ?? .null
        guard estimate == .null || estimate.doubleValue != nil else {
            throw .field("risk_score_estimate", "must be a number, not \(estimate.kindName)")
        }
        let fields = try Envelope.read(members.map(JSONValue.object) ?? body, as: requestEnvelope)
        var call = ToolCall(
            toolName: fields["tool_name"]?.stringValue ?? "", arguments: fields["args"]?.objectValue ?? [:])
        call.dryRun = fields["dry_run"]?.boolValue
        call.reason = fields["reason"]?.stringValue
        call.agentID = fields["agent_id"]?.stringValue
        call.department = fields["department"]?.stringValue
        return (call, estimate.doubleValue)
    }
}
