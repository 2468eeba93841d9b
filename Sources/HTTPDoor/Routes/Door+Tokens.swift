internal import HTTPTypes
internal import Engine
internal import Gate
internal import HummingbirdCore
internal import ToolKit

extension Door {
    func addTokenRoutes(to table: inout RouteTable) {
        table.add(
            .get, "/api/v1/execution/tokens",
            authenticated { [self] _, principal in
                try principal.require(.manageTokens)
                return JSONAnswer.make(["success": true, "tokens": .array(authenticator.tokens.map(\.json))])
            })
        table.add(
            .post, "/api/v1/execution/tokens",
            authenticated { [self] request, principal in
                try principal.require(.manageTokens)
                let wanted = try Authenticator.Request(envelope: await request.json())
                let made = try await administration.createToken(wanted, by: principal)
                return JSONAnswer.make([
                    "success": true, "token_id": .string(made.record.id), "token": .string(made.token),
                ])
            })
        table.add(
            .delete, "/api/v1/execution/tokens/{id}",
            authenticated { [self] request, principal in
                try principal.require(.manageTokens)
                let id = request.parameters["id"] ?? ""
                guard Identifier.isWellFormed(id),
                    let token = try await administration.revokeToken(id: id, by: principal)
                else { throw HTTPRefusal.unknown("token") }
                // Who watches with it is asked for it at the next sign of life.
                hub.beat()
                return JSONAnswer.make(["success": true, "token_id": .string(token.id)])
            })
    }
}
