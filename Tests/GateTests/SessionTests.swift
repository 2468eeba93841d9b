import Gate
import LayerTesting
import Testing

@Suite("A browser that signed in")
struct SessionTests {
    private static let hour = 3_600.0

    private func signIn(
        _ fixture: GateFixture, _ token: String = "right", isBound: Bool = false, replacing old: Proof = .none
    ) throws -> Authenticator.SignIn {
        try fixture.authenticator.signIn(with: token, isBound: isBound, replacing: old, from: "p")
    }

    private func name(_ fixture: GateFixture, _ proof: Proof, needsKey: Bool = true) -> String? {
        try? fixture.authenticator.principal(for: proof, needsKey: needsKey, from: "p").name
    }

    private func proof(_ made: Authenticator.SignIn) -> Proof { .session(id: made.id, key: made.key) }

    @Test("R50: is known by an id that is not its token, and has 256 random bits of its own each time")
    func recognised() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let (one, other) = (try signIn(fixture), try signIn(fixture))
        #expect(name(fixture, proof(one)) == "operator" && name(fixture, proof(other)) == "operator")
        #expect(one.id != other.id && SessionID.isWellFormed(one.id) && !one.id.contains("right"))
        #expect(name(fixture, .token(one.id)) == nil)
        #expect(throws: AuthenticationFailure.wrong) { try signIn(fixture, "wrong") }
    }

    @Test("R50: with a bound cookie needs its key beside it, the right one and no other")
    func bound() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let (made, loose) = (try signIn(fixture, isBound: true), try signIn(fixture))
        #expect(name(fixture, proof(made)) == "operator")
        for key in [nil, "", loose.id, made.id] as [String?] {
            #expect(throws: AuthenticationFailure.sessionOver) {
                try fixture.authenticator.principal(for: .session(id: made.id, key: key), from: "p")
            }
        }
        #expect(name(fixture, .session(id: made.id, key: nil), needsKey: false) == "operator")
        #expect(name(fixture, .session(id: made.id, key: "other"), needsKey: false) == nil)
    }

    @Test("R50: whose page has a key is not let into a session that somebody else put in its cookie")
    func foreign() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let (loose, bound) = (try signIn(fixture), try signIn(fixture, isBound: true))
        #expect(name(fixture, .session(id: loose.id, key: nil)) == "operator")
        #expect(name(fixture, .session(id: loose.id, key: bound.key)) == nil)
        #expect(name(fixture, .session(id: "right", key: bound.key)) == nil)
    }

    @Test("is out after twelve hours without a request, and after seven days in any case")
    func time() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let (idle, busy) = (try signIn(fixture), try signIn(fixture))
        fixture.time.advance(by: 11 * Self.hour)
        #expect(name(fixture, proof(idle)) != nil)
        for _ in 0..<14 {
            #expect(name(fixture, proof(busy)) != nil)
            fixture.time.advance(by: 11 * Self.hour)
        }
        #expect(name(fixture, proof(idle)) == nil)
        // 165 hours old and used a moment ago.
        #expect(name(fixture, proof(busy)) != nil)
        fixture.time.advance(by: 3 * Self.hour)
        #expect(name(fixture, proof(busy)) == nil)
    }

    @Test("is not kept in by what only lasts")
    func watching() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let made = try signIn(fixture)
        let principal = try fixture.authenticator.principal(for: proof(made), from: "p")
        fixture.time.advance(by: 11 * Self.hour)
        #expect(fixture.authenticator.isGood(proof(made), for: principal))
        fixture.time.advance(by: Self.hour)
        #expect(!fixture.authenticator.isGood(proof(made), for: principal))
    }

    @Test("is out once the token is revoked or has expired, and the others stay")
    func token() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let revoked = try await fixture.authenticator.create(.init(name: "revoked", role: .viewer)) { _ in }
        let expiring = try await fixture.authenticator.create(
            .init(name: "expiring", role: .viewer, lifetime: Self.hour)
        ) { _ in }
        let made = try [revoked.token, expiring.token, "right"].map { try signIn(fixture, $0) }
        #expect(made.map { name(fixture, proof($0)) } == ["revoked", "expiring", "operator"])
        _ = try await fixture.authenticator.revoke(id: revoked.record.id) { _ in }
        #expect(made.map { name(fixture, proof($0)) } == [nil, "expiring", "operator"])
        fixture.time.advance(by: Self.hour)
        #expect(made.map { name(fixture, proof($0)) } == [nil, nil, "operator"])
    }

    @Test("is out by signing out, by signing in anew, and by a restart")
    func ends() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let (first, second) = (try signIn(fixture), try signIn(fixture, isBound: true))
        let third = try signIn(fixture, replacing: proof(first))
        #expect(name(fixture, proof(first)) == nil && name(fixture, proof(third)) != nil)
        #expect(fixture.authenticator.signOut(.session(id: second.id, key: nil)))
        #expect(!fixture.authenticator.signOut(proof(second)) && name(fixture, proof(second)) == nil)
        let restarted = try await Authenticator(operatorToken: "right", store: fixture.state, time: fixture.time)
        #expect(throws: AuthenticationFailure.sessionOver) { try restarted.principal(for: proof(third), from: "p") }
    }

    @Test("is one of sixteen at most of its token: the one that was used longest ago makes room")
    func many() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        let viewer = try await fixture.authenticator.create(.init(name: "viewer", role: .viewer)) { _ in }
        let other = try signIn(fixture, viewer.token)
        var made: [Authenticator.SignIn] = []
        for _ in 0..<16 {
            made.append(try signIn(fixture))
            fixture.time.advance(by: 1)
        }
        #expect(name(fixture, proof(made[0])) != nil)
        made.append(try signIn(fixture))
        #expect(made.map { name(fixture, proof($0)) != nil } == [true, false] + Array(repeating: true, count: 15))
        #expect(name(fixture, proof(other)) == "viewer")
    }

    @Test("and has no right id is slowed down like one with a wrong token")
    func guessing() async throws {
        let fixture = try await GateFixture(operatorToken: "right")
        var failures: [AuthenticationFailure] = []
        for number in 0..<40 {
            do throws(AuthenticationFailure) {
                _ = try fixture.authenticator.principal(for: .session(id: "exs_\(number)", key: nil), from: "p")
            } catch {
                failures.append(error)
            }
        }
        #expect(failures.prefix(30).allSatisfy { $0 == .sessionOver })
        #expect(failures.suffix(10).allSatisfy { if case .tooMany = $0 { true } else { false } })
    }

    @Test("long ago is kept out nowhere where no token is needed")
    func local() async throws {
        let fixture = try await GateFixture()
        #expect(name(fixture, .session(id: "exs_old", key: "old")) == "local")
        #expect(name(fixture, .token("old")) == nil)
    }
}
