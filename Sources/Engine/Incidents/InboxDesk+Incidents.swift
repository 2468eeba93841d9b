internal import Audit
internal import Gate
internal import ToolKit

extension InboxDesk {
    /// Before a denied incident is kept as such: a token that cannot be revoked leaves it open, and its caller paused.
    ///
    /// - Throws: ``Refusal``, `AuditUnavailable`.
    func revokeToken(of item: InboxItem, by principal: Principal) async throws {
        guard let token = authenticator.tokens.last(where: { $0.name == item.principal }) else {
            throw Refusal(
                .invalid, code: "token_not_revocable", "the token of \(item.principal) cannot be revoked",
                remedy: "change EXECUTION_TOKEN and start the daemon anew, then approve; until then it stays paused")
        }
        _ = try await authenticator.revoke(id: token.id) { old in
            try await recorder.log.append(
                recorder.change(
                    "change:token", by: principal.name, before: old.json,
                    after: ["revoked": true, "approval_request_id": .string(item.id)]))
        }
    }
}
