internal import Synchronization

/// What a request shows to be recognised by.
package enum Proof: Sendable, Hashable {
    case none
    case token(String)
    /// A browser's sign-in: the cookie's id, and the key that its page sends beside it.
    case session(id: String, key: String?)
}

extension Authenticator {
    /// A sign-in as it is told, once, to the browser that made it.
    package struct SignIn: Sendable, Hashable {
        /// For the cookie; 256 random bits.
        package let id: String
        /// For the page, which sends it in a header with every request; `nil` when the cookie alone will do.
        package let key: String?
    }

    /// Signs a browser in.
    ///
    /// A cookie goes to every port of its host, so another server on this machine may read it. One that `isBound` is
    /// worth nothing by itself: the key stays with the page, in storage that belongs to its scheme, host and port.
    ///
    /// - Parameter old: The session that this browser had, which ends.
    package func signIn(
        with token: String, isBound: Bool, replacing old: Proof, from peer: String
    ) throws(AuthenticationFailure) -> SignIn {
        let principal = try principal(for: token, from: peer)
        let made = SignIn(
            id: SessionID.prefix + Self.randomDigits(), key: isBound ? Self.randomDigits() : nil)
        let (id, key) = (Self.hash(made.id), made.key.map { Self.hash($0) })
        signOut(old)
        state.withLock { $0.sessions.begin(id, for: principal.name, key: key, at: time.sinceBoot) }
        return made
    }

    /// Ends a session. Its cookie alone will do: whoever has stolen one may do that much with it.
    ///
    /// - Returns: Whether there was one.
    @discardableResult
    package func signOut(_ proof: Proof) -> Bool {
        guard case .session(let id, _) = proof else { return false }
        return state.withLock { $0.sessions.end(Self.hash(id)) }
    }

    /// - Parameters:
    ///   - needsKey: Whether a bound session must show its key; `false` only where the address says as much as a key would.
    ///   - peer: The host of the other end, for counting failures.
    package func principal(
        for proof: Proof, needsKey: Bool = true, from peer: String
    ) throws(AuthenticationFailure) -> Principal {
        switch proof {
        case .none: return try principal(for: nil, from: peer)
        case .token(let token): return try principal(for: token, from: peer)
        case .session(let id, let key):
            guard let found = session(id, key, needsKey: needsKey, isUse: true) else {
                // Where no token is needed, a session that has ended keeps nobody out.
                guard requiresToken else { return Self.owner }
                throw failed(.sessionOver, from: peer)
            }
            return found
        }
    }

    /// Whether what a request was let in with would let it in still; for answers that last. Nothing is counted as a use.
    package func isGood(_ proof: Proof, for principal: Principal) -> Bool {
        guard self.principal(named: principal.name) != nil else { return false }
        guard case .session(let id, let key) = proof, requiresToken else { return true }
        return session(id, key, needsKey: true, isUse: false) != nil
    }

    /// - Returns: Whose session it is, as its token stands now; `nil` when it is over or its key is not the right one.
    private func session(_ id: String, _ key: String?, needsKey: Bool, isUse: Bool) -> Principal? {
        let (id, key) = (Self.hash(id), key.map { Self.hash($0) })
        let now = time.sinceBoot
        let found = state.withLock { state in state.sessions.session(id, at: now) }
        guard let found, Self.fits(key, found.key, needsKey: needsKey) else { return nil }
        guard let principal = principal(named: found.name) else {
            state.withLock { _ = $0.sessions.end(id) }
            return nil
        }
        if isUse { state.withLock { $0.sessions.use(id, at: now) } }
        return principal
    }

    /// A page that sends a key has a bound session; another one in its place was put there by somebody else.
    private static func fits(_ key: [UInt8]?, _ expected: [UInt8]?, needsKey: Bool) -> Bool {
        guard let expected else { return key == nil }
        guard let key else { return !needsKey }
        return isEqual(key, expected)
    }
}

/// How the id of a session reads, so that a cookie tells it from a token of an older client.
package enum SessionID {
    static let prefix = "exs_"

    package static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == 68 && text.hasPrefix(prefix)
            && text.utf8.dropFirst(4).allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }
}
