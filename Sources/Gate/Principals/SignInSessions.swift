/// The sign-ins of browsers, in memory only: a restart of the daemon ends them all.
///
/// The cookie names one; the token itself is in no cookie. A session is its token's shadow: whoever uses it is judged by
/// what the token may do at that moment, so it ends with it.
package struct SignInSessions: Sendable {
    /// Ends after so many seconds without a request, and after so many in any case.
    package static let idleSeconds = 12 * 3_600.0
    package static let longestSeconds = 7 * 86_400.0
    /// Of one token, and in all; whoever signs in beyond that ends the session that was used longest ago.
    package static let limitPerName = 16
    package static let limit = 1_024

    struct Session: Sendable {
        /// The token's name, which is never given to another one.
        let name: String
        /// SHA-256 of what must come beside the cookie; `nil` when the cookie alone will do.
        let key: [UInt8]?
        /// Seconds since the machine started.
        let begunAt: Double
        var usedAt: Double

        func isOver(at now: Double) -> Bool {
            now - usedAt >= SignInSessions.idleSeconds || now - begunAt >= SignInSessions.longestSeconds
        }
    }

    /// By the SHA-256 of their ids.
    private var sessions: [[UInt8]: Session] = [:]

    var count: Int { sessions.count }

    mutating func begin(_ id: [UInt8], for name: String, key: [UInt8]?, at now: Double) {
        sessions = sessions.filter { !$0.value.isOver(at: now) }
        makeRoom(limit: Self.limitPerName) { $0.name == name }
        makeRoom(limit: Self.limit) { _ in true }
        sessions[id] = Session(name: name, key: key, begunAt: now, usedAt: now)
    }

    private mutating func makeRoom(limit: Int, among fits: (Session) -> Bool) {
        let fitting = sessions.filter { fits($0.value) }
        guard fitting.count >= limit else { return }
        let oldest = fitting.min { $0.value.usedAt < $1.value.usedAt }
        if let oldest { sessions[oldest.key] = nil }
    }

    /// The session of this id, if it goes on.
    func session(_ id: [UInt8], at now: Double) -> Session? {
        sessions[id].flatMap { $0.isOver(at: now) ? nil : $0 }
    }

    mutating func use(_ id: [UInt8], at now: Double) { sessions[id]?.usedAt = now }

    /// - Returns: Whether there was one.
    @discardableResult
    mutating func end(_ id: [UInt8]) -> Bool { sessions.removeValue(forKey: id) != nil }

    mutating func end(of name: String) { sessions = sessions.filter { $0.value.name != name } }
}
