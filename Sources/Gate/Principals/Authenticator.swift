internal import Crypto
internal import Synchronization
internal import ToolKit

/// The gate's first question: who are you?
///
/// Tokens are compared as SHA-256 hashes of equal length, all of them, in constant time (SECURITY R36). Every failure
/// looks the same. Only failures are counted and slowed; a right token always passes, because all of loopback is one
/// peer.
package final class Authenticator: Sendable {
    struct State {
        var records: [TokenRecord]
        var failures: FailureBuckets
        var sessions = SignInSessions()
    }

    private let operatorHash: [UInt8]?
    private let store: any TokenStore
    let time: any TimeSource
    /// Owner: this object; every change goes through `create`, `revoke`, `principal` or a sign-in.
    let state: Mutex<State>
    /// One change of the tokens at a time, because each checks what is there before it adds.
    private let changes = AsyncTurn()

    /// - Parameter operatorToken: `EXECUTION_TOKEN`, not kept; only its hash is.
    package init(operatorToken: String?, store: any TokenStore, time: any TimeSource) async throws {
        operatorHash = operatorToken.map { Self.hash($0) }
        self.store = store
        self.time = time
        state = Mutex(State(records: try await store.tokens(), failures: FailureBuckets()))
    }

    /// Whether a request without a token is refused: a token is set, or one was ever made here.
    package var requiresToken: Bool {
        operatorHash != nil || state.withLock { !$0.records.isEmpty }
    }

    /// Whether `EXECUTION_TOKEN` is one of the tokens that pass.
    package var hasOperatorToken: Bool { operatorHash != nil }

    /// - Parameters:
    ///   - token: What the request carried, from whichever header or cookie; `nil` for none.
    ///   - peer: The host of the other end, for counting failures.
    package func principal(for token: String?, from peer: String) throws(AuthenticationFailure) -> Principal {
        guard let token else {
            guard !requiresToken else { throw .missing }
            return Self.owner
        }
        let hash = Self.hash(token)
        let now = time.wall
        let (record, isOperator) = state.withLock { state in
            var found: TokenRecord?
            for record in state.records where Self.isEqual(record.hash, hash) { found = record }
            return (found, operatorHash.map { Self.isEqual($0, hash) } ?? false)
        }
        if isOperator { return Principal(name: Self.operatorName, role: .operator, tools: nil) }
        if let record, record.isValid(at: now) {
            return Principal(name: record.name, role: record.role, tools: record.tools.map(Set.init))
        }
        throw failed(.wrong, from: peer)
    }

    /// Counts a failed sign-in of this peer.
    ///
    /// - Returns: `failure`, or that there are too many of them.
    func failed(_ failure: AuthenticationFailure, from peer: String) -> AuthenticationFailure {
        let wait = state.withLock { $0.failures.count(peer, at: time.sinceBoot) }
        return wait.map { .tooMany(retryAfterSeconds: $0) } ?? failure
    }

    /// The principal of this name as it stands now, for a call of its that waited.
    ///
    /// - Returns: `nil` when its token was revoked or has expired, or is not configured any more.
    package func principal(named name: String) -> Principal? {
        switch name {
        case Self.operatorName: return operatorHash == nil ? nil : Principal(name: name, role: .operator, tools: nil)
        case Self.localName: return requiresToken ? nil : Self.owner
        default:
            guard let record = tokens.first(where: { $0.name == name }), record.isValid(at: time.wall) else {
                return nil
            }
            return Principal(name: record.name, role: record.role, tools: record.tools.map(Set.init))
        }
    }

    /// Whoever can take the home's lock can read and write everything in it, tokens included: the owner of this machine's
    /// daemon, present at its terminal.
    package static let owner = Principal(name: localName, role: .operator, tools: nil)

    package static let operatorName = "operator"
    package static let localName = "local"

    static func hash(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

/// Why a request has no principal.
package enum AuthenticationFailure: Error, Sendable, Hashable {
    case missing
    case wrong
    /// A browser's sign-in that has ended, or whose cookie came without its key.
    case sessionOver
    case tooMany(retryAfterSeconds: Int)
}

extension Authenticator {
    /// All tokens ever made, oldest first.
    package var tokens: [TokenRecord] { state.withLock { $0.records } }

    /// What a new token shall be; checked by ``create(_:recording:)``.
    package struct Request: Sendable {
        package var name: String
        package var role: Role
        package var tools: [String]?
        /// Seconds from now; `nil` for never.
        package var lifetime: Double?

        package init(name: String, role: Role, tools: [String]? = nil, lifetime: Double? = nil) {
            self.name = name
            self.role = role
            self.tools = tools
            self.lifetime = lifetime
        }
    }

    /// Makes a token and returns it once; nobody can read it again.
    ///
    /// - Parameter record: Writes the change into the audit; when it throws, no token is made.
    /// - Throws: ``Refusal`` when the name is taken or the first token would lock everybody out.
    package func create(
        _ request: Request, recording record: (TokenRecord) async throws -> Void
    ) async throws -> (record: TokenRecord, token: String) {
        try await changes.take {
            try checkName(request.name)
            let isLasting = request.role == .operator && request.lifetime == nil
            guard operatorHash != nil || isLasting || hasLastingOperator(besides: nil) else {
                throw Refusal(
                    .invalid, code: "operator_first",
                    "the first token must be an operator's that does not expire, or nobody could manage the others",
                    remedy: "create a token with the role operator and no expiry first, or set EXECUTION_TOKEN")
            }
            let token = Self.newToken()
            let now = time.wall
            let new = TokenRecord(
                id: Identifier.make("tok"), name: request.name, role: request.role, tools: request.tools,
                hash: Self.hash(token), createdAt: now, expiresAt: request.lifetime.map { now + $0 })
            try await record(new)
            try await store.insert(new)
            state.withLock { $0.records.append(new) }
            return (new, token)
        }
    }

    /// - Returns: The record as it was; `nil` when there is no such token.
    /// - Throws: ``Refusal`` when it is the last operator's token that does not expire.
    package func revoke(id: String, recording record: (TokenRecord) async throws -> Void) async throws -> TokenRecord? {
        try await changes.take {
            guard let old = tokens.first(where: { $0.id == id }) else { return nil }
            guard old.revokedAt == nil else { return old }
            let isLasting = old.role == .operator && old.expiresAt == nil
            guard operatorHash != nil || !isLasting || hasLastingOperator(besides: id) else {
                throw Refusal(
                    .invalid, code: "last_operator", "this is the last operator's token that does not expire",
                    remedy: "create another operator's token first, or set EXECUTION_TOKEN")
            }
            try await record(old)
            let now = time.wall
            try await store.revoke(id: id, at: now)
            state.withLock { state in
                for index in state.records.indices where state.records[index].id == id {
                    state.records[index].revokedAt = now
                }
                state.sessions.end(of: old.name)
            }
            return old
        }
    }

    private func hasLastingOperator(besides id: String?) -> Bool {
        tokens.contains { $0.role == .operator && $0.expiresAt == nil && $0.revokedAt == nil && $0.id != id }
    }

    private func checkName(_ name: String) throws(Refusal) {
        let isPlain =
            (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte || 0x41...0x5A ~= byte || 0x30...0x39 ~= byte || byte == 0x2D || byte == 0x5F
                    || byte == 0x2E
            }
        guard isPlain else {
            throw Refusal(
                .invalid, code: "invalid_name", "name must be 1 to 64 letters, digits, '.', '-' or '_'",
                remedy: "choose another name")
        }
        // `file` is who edits a file by hand, `daemon` what happens by itself. Names that differ in case only would be taken for one another.
        let folded = name.lowercased()
        guard ![Self.operatorName, Self.localName, "file", "daemon"].contains(folded) else {
            throw Refusal(.invalid, code: "reserved_name", "that name is reserved", remedy: "choose another name")
        }
        guard !tokens.contains(where: { $0.name.lowercased() == folded }) else {
            throw Refusal(
                .invalid, code: "name_taken", "a token of that name was made before",
                remedy: "choose another name; names are never reused, so that the audit stays clear")
        }
    }

    private static func newToken() -> String { "exl_" + randomDigits() }

    /// 256 random bits.
    static func randomDigits() -> String {
        String(Identifier.make("a").dropFirst(2) + Identifier.make("b").dropFirst(2))
    }
}
