internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import ToolKit

extension Door {
    /// What needs no token.
    func addPublicRoutes(to table: inout RouteTable) {
        table.add(.get, "/health", isCheap: true) { _ in JSONAnswer.make(["status": "ok"]) }
        table.add(.get, "/api/v1/execution/auth-status", isCheap: true) { [self] _ in
            let isLocked = gate.lockdown.state.isActive
            let needsToken = authenticator.requiresToken
            return JSONAnswer.make([
                "success": true, "execution_enabled": .bool(!isLocked), "token_required_for_ui": .bool(needsToken),
                "cookie_supported": true,
                "message": .string(
                    isLocked
                        ? "the lockdown is on: nothing runs"
                        : needsToken ? "a token is required" : "no token is configured: local development"),
            ])
        }
        table.add(.post, "/api/v1/execution/token-cookie") { [self] request in
            let body = try await request.json()
            let fields = try Envelope.read(body, as: Self.tokenEnvelope)
            do throws(AuthenticationFailure) {
                _ = try authenticator.principal(for: fields["token"]?.stringValue, from: request.peer)
            } catch {
                throw HTTPRefusal(error)
            }
            var response = JSONAnswer.make(["success": true])
            response.headers[.setCookie] = Credential.setCookie(fields["token"]?.stringValue ?? "")
            return response
        }
        table.add(.delete, "/api/v1/execution/token-cookie") { _ in
            var response = JSONAnswer.make(["success": true])
            response.headers[.setCookie] = Credential.forgetCookie
            return response
        }
    }

    private static let tokenEnvelope = ArgumentSchema(
        .required("token", .string(minLength: 1, maxLength: 1_024), "The token to sign in with."))
}
