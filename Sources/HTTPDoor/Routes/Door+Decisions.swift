internal import Audit
internal import HTTPTypes
internal import Engine
internal import Gate
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addDecisionRoutes(to table: inout RouteTable) {
        table.add(.post, "/api/v1/execution/approve", authenticated(approve))
        table.add(
            .get, "/api/v1/execution/lockdown", isCheap: true,
            authenticated { [self] _, _ in
                Self.answer(gate.lockdown.state)
            })
        table.add(
            .post, "/api/v1/execution/lockdown", isCheap: true,
            authenticated { [self] request, principal in
                let fields = try Envelope.read(await request.json(), as: Self.lockdownEnvelope)
                let isActive = fields["active"]?.boolValue ?? true
                do {
                    let (state, stopped) = try await administration.setLockdown(
                        active: isActive, reason: fields["reason"]?.stringValue, by: principal)
                    // What was approved and could not begin meanwhile begins now.
                    if !isActive { Task { [desk] in await desk.resume() } }
                    return Self.answer(state, stopped)
                } catch let failure as AuditUnavailable where isActive {
                    // Stopping must always be possible.
                    throw HTTPRefusal(
                        503, code: AuditUnavailable.code, "the lockdown is on, but it could not be recorded",
                        remedy: failure.remedy, retryAfterSeconds: 5)
                }
            })
    }

    @Sendable private func approve(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        guard let name = try Query(request).text("tool_name") else {
            throw HTTPRefusal.field("tool_name", "is required")
        }
        let fields = try await request.optionalJSON().map { try Envelope.read($0, as: Self.approveEnvelope) } ?? [:]
        let approval = try await administration.approve(
            ApprovalRequest(
                toolName: name, arguments: fields["args"]?.objectValue, agentID: fields["agent_id"]?.stringValue,
                principal: fields["principal"]?.stringValue),
            by: principal)
        guard let approval else {
            return JSONAnswer.make([
                "success": true, "approval_id": nil,
                "tool_name": .string(gate.catalog.entry(named: name)?.name ?? name),
                "ttl_seconds": .integer(Int(Approval.lifetime)), "bound": false,
                "message": "this call needs no approval; where policy asks about a path, approve with args",
            ])
        }
        return JSONAnswer.make([
            "success": true, "approval_id": .string(approval.id), "tool_name": .string(approval.toolName),
            "ttl_seconds": .integer(Int(Approval.lifetime)), "bound": .bool(approval.binding != nil),
        ])
    }

    private static func answer(_ state: LockdownState, _ stopped: Administration.Stopped? = nil) -> Response {
        var members = state.json.objectValue ?? [:]
        members["success"] = true
        if let stopped {
            members["stopped"] = [
                "calls": .integer(stopped.calls), "still_running": .integer(stopped.stillRunning),
                "duration_ms": .number(stopped.milliseconds),
            ]
        }
        return JSONAnswer.make(.object(members))
    }

    private static let approveEnvelope = ArgumentSchema(
        .optional("args", .object, "The arguments of the call; binds the approval to exactly these."),
        Envelope.label("agent_id", "Binds the approval to this label."),
        Envelope.label("principal", "The token that the call will come from."))

    private static let lockdownEnvelope = ArgumentSchema(
        .required("active", .boolean, "Whether nothing may run."),
        .optional("reason", .string(maxLength: 1_024), "Why, for people and the record."))
}
