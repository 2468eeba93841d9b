internal import Engine
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addPlaybookRoutes(to table: inout RouteTable) {
        table.add(
            .get, "/api/v1/execution/playbooks",
            authenticated { [self] request, principal in
                let query = try Query(request)
                var wanted = PlaybookDesk.Query()
                wanted.order = try query.choice("order", PlaybookDesk.Query.Order.self) ?? .best
                wanted.category = query.text("category")
                wanted.tag = query.text("tag")
                let list = try await playbooks.list(wanted, by: principal)
                return JSONAnswer.make([
                    "success": true, "playbooks": .array(list.map(\.json)), "count": .integer(list.count),
                ])
            })
        table.add(
            .post, "/api/v1/execution/playbooks",
            authenticated { [self] request, principal in
                let body = try await request.json()
                let entry = try await playbooks.add(by: principal) { tools in
                    guard let yaml = try Self.yaml(in: body) else {
                        return try PlaybookDefinition(json: body, checkedBy: tools)
                    }
                    return try PlaybookDefinition(yaml: yaml, checkedBy: tools)
                }
                return JSONAnswer.make([
                    "success": true, "playbook_id": .string(entry.playbook.id), "playbook": entry.json,
                ])
            })
        table.add(
            .get, "/api/v1/execution/playbooks/{id}",
            authenticated { [self] request, principal in
                let entry = try await playbook(request, principal)
                return JSONAnswer.make(["success": true, "playbook": entry.json])
            })
        table.add(
            .get, "/api/v1/execution/playbooks/{id}/export",
            authenticated { [self] request, principal in
                let playbook = try await playbook(request, principal).playbook
                return JSONAnswer.make([
                    "success": true, "playbook_id": .string(playbook.id), "name": .string(playbook.definition.name),
                    "yaml": .string(playbook.definition.yaml),
                ])
            })
        table.add(
            .delete, "/api/v1/execution/playbooks/{id}",
            authenticated { [self] request, principal in
                let id = request.parameters["id"] ?? ""
                guard Identifier.isWellFormed(id), let playbook = try await playbooks.remove(id, by: principal) else {
                    throw HTTPRefusal.unknown("playbook")
                }
                return JSONAnswer.make(["success": true, "playbook_id": .string(playbook.id)])
            })
        guard playbooks.runner != nil else { return }
        table.add(.post, "/api/v1/execution/playbooks/{id}/run", authenticated(runPlaybook))
    }

    @Sendable private func runPlaybook(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        let fields = try await request.optionalJSON().map { try Envelope.read($0, as: Self.runEnvelope) } ?? [:]
        let order = PlaybookDesk.Order(
            variables: fields["variables"]?.objectValue ?? [:], dryRun: fields["dry_run"]?.boolValue,
            agentID: fields["agent_id"]?.stringValue)
        let id = request.parameters["id"] ?? ""
        guard Identifier.isWellFormed(id),
            let execution = try await playbooks.run(id, order, by: principal, through: "http")
        else { throw HTTPRefusal.unknown("playbook") }
        return JSONAnswer.make(execution.json)
    }

    private func playbook(_ request: RouteRequest, _ principal: Principal) async throws -> PlaybookDesk.Entry {
        let id = request.parameters["id"] ?? ""
        guard Identifier.isWellFormed(id), let entry = try await playbooks.entry(id, by: principal) else {
            throw HTTPRefusal.unknown("playbook")
        }
        return entry
    }

    /// The text of a body that holds a playbook as YAML, and nothing beside it.
    private static func yaml(in body: JSONValue) throws(ArgumentProblems) -> String? {
        guard let members = body.objectValue, let yaml = members["yaml"] else { return nil }
        guard members.count == 1 else {
            throw ArgumentProblems([ArgumentProblem(field: "yaml", reason: "must be the only field where it is given")])
        }
        guard let text = yaml.stringValue else {
            throw ArgumentProblems([
                ArgumentProblem(field: "yaml", reason: "must be a string, not \(yaml.kindName)")
            ])
        }
        return text
    }

    private static let runEnvelope = ArgumentSchema(
        .optional("variables", .object, default: [:], "A value for each variable."),
        .optional("dry_run", .boolean, "Whether to answer only what would happen."),
        Envelope.label("agent_id", "A label for the record; never authority."))
}
