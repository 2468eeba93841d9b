internal import Engine
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
        table.add(.post, "/api/v1/execution/token-cookie") { [self] request in try await signIn(request) }
        table.add(.delete, "/api/v1/execution/token-cookie") { [self] request in
            // Who watches with it is asked for it at the next sign of life. Nobody else may bring that about.
            if authenticator.signOut(Credential.session(in: request.request.headers)) { hub.beat() }
            var response = JSONAnswer.make(["success": true])
            response.headers[.setCookie] = Credential.forgetCookie
            return response
        }
    }

    /// A token for a session's cookie; see ``SignInSessions``.
    private func signIn(_ request: RouteRequest) async throws -> Response {
        let fields = try Envelope.read(try await request.json(), as: Self.tokenEnvelope)
        let made: Authenticator.SignIn
        do throws(AuthenticationFailure) {
            made = try authenticator.signIn(
                with: fields["token"]?.stringValue ?? "", isBound: fields["bound"]?.boolValue ?? false,
                replacing: Credential.session(in: request.request.headers), from: request.peer)
        } catch {
            throw HTTPRefusal(error)
        }
        var answer: [String: JSONValue] = ["success": true]
        answer["session_key"] = made.key.map(JSONValue.string)
        var response = JSONAnswer.make(.object(answer))
        response.headers[.setCookie] = Credential.setCookie(made)
        return response
    }

    private static let tokenEnvelope = ArgumentSchema(
        .required("token", .string(minLength: 1, maxLength: 1_024), "The token to sign in with."),
        .optional("bound", .boolean, default: false, "Whether the cookie works only beside the session_key."))
}
