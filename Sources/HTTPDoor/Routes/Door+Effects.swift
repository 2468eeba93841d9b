internal import Audit
internal import Engine
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import ToolKit

/// Preview, look, apply, discard, undo.
extension Door {
    func addEffectRoutes(to table: inout RouteTable) {
        table.add(
            .post, "/api/v1/execution/preview",
            authenticated { [self] request, principal in
                var call = try ToolCall(envelope: await request.json())
                call.isPreview = true
                // Nothing of it is to be approved.
                call.waitsForApproval = false
                call.approvalID = nil
                let answer = await engine.answer(call, from: principal, through: "http")
                return JSONAnswer.make(
                    bytes: JSONWriter.write(members: answer.members), status: Self.status(of: answer))
            })
        table.add(.get, "/api/v1/execution/effects", authenticated(effects))
        table.add(.get, "/api/v1/execution/effects/{effect_id}", authenticated(effect))
        table.add(.delete, "/api/v1/execution/effects/{effect_id}", authenticated(discard))
        table.add(.post, "/api/v1/execution/effects/{effect_id}/apply", authenticated(apply))
        table.add(.post, "/api/v1/execution/undo/{audit_id}", authenticated(undo))
    }

    private func effectDesk() throws(HTTPRefusal) -> EffectDesk {
        guard let desk = engine.effects else { throw HTTPRefusal.unknown("effect") }
        return desk
    }

    @Sendable private func effects(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let query = try Query(request)
        let page = try await effectDesk().effects(
            EffectQuery(
                limit: try query.integer("limit", in: 1...1_000) ?? 50,
                before: try query.integer("before", in: 0...Int.max)), for: principal)
        let now = time.wall
        return JSONAnswer.make([
            "success": true, "effects": .array(page.effects.map { $0.json(at: now) }),
            "count": .integer(page.effects.count), "next": JSONValue(page.next),
        ])
    }

    @Sendable private func effect(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let desk = try effectDesk()
        let id = request.parameters["effect_id"] ?? ""
        let json = try await engine.blocking { () throws -> JSONValue in
            guard let record = try desk.effect(id, for: principal) else { throw HTTPRefusal.unknown("effect") }
            return desk.json(of: record)
        }
        return JSONAnswer.make(json)
    }

    @Sendable private func discard(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let id = request.parameters["effect_id"] ?? ""
        guard let record = try await effectDesk().discard(id, by: principal) else {
            throw HTTPRefusal.unknown("effect")
        }
        return JSONAnswer.make(["success": true, "effect_id": .string(record.id), "state": "discarded"])
    }

    @Sendable private func apply(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        _ = try effectDesk()
        let fields = try Envelope.read(await request.json(), as: Self.applyEnvelope)
        var call = ToolCall(
            toolName: EffectDesk.applyName,
            arguments: [
                "effect_id": .string(request.parameters["effect_id"] ?? ""),
                "effect_digest": fields["effect_digest"] ?? .null,
            ])
        call.read(fields)
        return Self.answer(await engine.answer(call, from: principal, through: "http"), listing: "applied")
    }

    @Sendable private func undo(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        _ = try effectDesk()
        let fields = try await request.optionalJSON().map { try Envelope.read($0, as: Self.undoEnvelope) } ?? [:]
        let id = request.parameters["audit_id"] ?? ""
        var call = ToolCall(toolName: EffectDesk.undoName, arguments: ["audit_id": .string(id)])
        call.read(fields)
        let answer = await engine.answer(call, from: principal, through: "http")
        guard answer.code == EffectFailure.unknownCall.code else { return Self.answer(answer, listing: "restored") }
        // There may be such a call, and nothing that it changed.
        guard Identifier.isWellFormed(id), (try? await entry(id, visibleTo: principal)) != nil else {
            return Self.answer(answer, listing: "restored")
        }
        var refused = answer
        let failure = EffectFailure.notUndoable("nothing is known that it changed")
        refused.replace(failure)
        return Self.answer(refused, listing: "restored")
    }

    /// - Parameter list: The member of the result that says which files.
    private static func answer(_ answer: Answer, listing list: String) -> Response {
        var members = answer.json.objectValue ?? [:]
        members.merge(answer.result.objectValue ?? [:]) { own, _ in own }
        // What a dry run would do stands in its plan.
        for name in [list, "conflicts"] {
            if members[name] == nil { members[name] = answer.result["plan"]?[name] }
        }
        return JSONAnswer.make(.object(members), status: effectStatus(of: answer))
    }

    /// These routes are younger than the clients that expect 200 of whatever a tool says.
    private static func effectStatus(of answer: Answer) -> Int {
        if answer.isSuccess { return answer.kind == .waiting ? 202 : 200 }
        switch (answer.kind, answer.code ?? "") {
        case (.refusal(.approvalRequired), _), (.refusal(.unauthorized), _), (.refusal(.policyBlocked), _),
            (.refusal(.disabled), _):
            return 403
        case (.refusal(.locked), _): return 423
        case (.refusal(.rateLimited), _): return 429
        case (.unrecorded, _), (_, StoreUnavailable.code): return 503
        case (_, EffectFailure.unknownEffect.code), (_, EffectFailure.unknownCall.code): return 404
        case (_, "invalid_arguments"), (_, "path_outside_workspace"): return 422
        default: return 409
        }
    }

    private static let applyEnvelope = ArgumentSchema(
        callLabels + [
            .required("effect_digest", .string(minLength: 1, maxLength: 128), "Of the effect, as it was seen.")
        ])

    private static let undoEnvelope = ArgumentSchema(callLabels)

    private static let callLabels: [ArgumentSchema.Property] = [
        .optional("dry_run", .boolean, "Whether to answer only what would happen."),
        .optional("approval_id", .string(maxLength: 256), "The approval that lets it pass."),
        .optional("wait_for_approval", .boolean, "Whether to wait for a person where an approval is needed."),
        .optional("reason", .string(maxLength: 4_096), "Why, for the record."),
        Envelope.label("agent_id", "A label for the record; never authority."),
        Envelope.label("department", "A label for the record."),
        Envelope.label("trace_id", "The caller's own label, kept beside ours."),
        .optional(
            "idempotency_key", .string(minLength: 1, maxLength: 255),
            "A key of the caller's own: the same call sent again under it gets the first answer."),
    ]
}

extension ToolCall {
    /// What the routes of effects take beside what they name themselves. A default for dry runs is not meant for them.
    fileprivate mutating func read(_ fields: [String: JSONValue]) {
        isInternal = true
        dryRun = fields["dry_run"]?.boolValue ?? false
        approvalID = fields["approval_id"]?.stringValue
        waitsForApproval = fields["wait_for_approval"]?.boolValue ?? false
        reason = fields["reason"]?.stringValue
        agentID = fields["agent_id"]?.stringValue
        department = fields["department"]?.stringValue
        traceID = fields["trace_id"]?.stringValue
        idempotencyKey = fields["idempotency_key"]?.stringValue
    }
}
