internal import Gate
internal import Testing
internal import ToolKit

@Suite("What keeps runs, in memory or in the database")
struct RunStoreConformance {
    private let token = Sample.lease.token

    @Test("gives a run back with every field", arguments: StateKind.allCases)
    func fields(_ kind: StateKind) async throws {
        try await kind.with { store in
            var run = Sample.run(isIdempotent: true, step: TaskPlace(taskID: "task_1", step: 3))
            try await store.insert(run)
            #expect(try await store.run("run_1") == run)
            #expect(try await store.run("run_2") == nil)
            run.lease = Sample.lease
            run.state = .leased
            #expect(try await store.lease("run_1", Sample.lease) == run)
            #expect(try await store.begin("run_1", token: token, auditID: "aud_1"))
            run.state = .running
            run.auditID = "aud_1"
            run.beginnings = 1
            #expect(try await store.run("run_1") == run)
            #expect(try await store.finish("run_1", token: token, state: .done, result: ["text": "a\u{0}b"]))
            run.state = .done
            run.result = ["text": "a\u{0}b"]
            #expect(try await store.run("run_1") == run)
        }
    }

    /// Brings a run into a state by the arrows that lead there.
    private func bring(_ store: any InboxStore & RunStore, to state: RunState) async throws {
        if state == .waiting { return try await store.insert(Sample.item(), isIdempotent: false) }
        try await store.insert(Sample.run())
        guard state != .queued else { return }
        if state == .cancelled {
            _ = try await store.cancel("run_1", result: [:], at: 1_500)
            return
        }
        _ = try await store.lease("run_1", Sample.lease)
        guard state != .leased else { return }
        if state == .refused {
            _ = try await store.refuse("run_1", token: token, result: [:])
            return
        }
        _ = try await store.begin("run_1", token: token, auditID: "aud_1")
        switch state {
        case .done, .failed: _ = try await store.finish("run_1", token: token, state: state, result: [:])
        case .indeterminate:
            _ = try await store.lose("run_1", token: token, item: Sample.lost(), result: [:])
        default: break
        }
    }

    /// - Returns: Whether the store let the event through.
    private func apply(
        _ event: RunEvent, _ end: RunState, to store: any InboxStore & RunStore
    ) async throws -> Bool {
        let item = try await store.item(ofRun: "run_1")?.id ?? "req_0"
        func decide(_ isApproved: Bool, _ resolution: InboxItem.Resolution? = nil) async throws -> Bool {
            let decision = InboxItem.Decision(
                isApproved: isApproved, by: "ann", at: 1_500, note: nil, resolution: resolution)
            return try await store.decide(item, decision, grant: nil, result: nil)
        }
        return switch event {
        case .approve: try await decide(true)
        case .deny: try await decide(false)
        case .happened: try await decide(true, .happened)
        case .retry: try await decide(true, .retry)
        case .abandon: try await decide(false, .abandon)
        case .cancel: try await store.cancel("run_1", result: [:], at: 1_500)
        case .lease: try await store.lease("run_1", Sample.lease) != nil
        case .giveBack: try await store.giveBack("run_1", token: token)
        case .park: try await store.park("run_1", token: token, item: Sample.item(9, runID: "run_1"))
        case .refuse: try await store.refuse("run_1", token: token, result: [:])
        case .begin: try await store.begin("run_1", token: token, auditID: "aud_2")
        case .finish: try await store.finish("run_1", token: token, state: end, result: [:])
        case .requeue: try await store.requeue("run_1", token: token)
        case .lose: try await store.lose("run_1", token: token, item: Sample.lost(), result: [:])
        }
    }

    @Test(
        "lets every arrow of the table through, and no other", arguments: StateKind.allCases,
        RunState.allCases.flatMap { state in RunEvent.allCases.map { (state, $0) } })
    func arrows(_ kind: StateKind, _ pair: (state: RunState, event: RunEvent)) async throws {
        let ends = RunTransition.all.filter { $0.event == pair.event }.map(\.to)
        for end in Set(ends) {
            try await kind.with { store in
                try await bring(store, to: pair.state)
                #expect(try await store.run("run_1")?.state == pair.state)
                let isArrow = RunTransition.allows(pair.state, pair.event, end)
                #expect(try await apply(pair.event, end, to: store) == isArrow)
                #expect(try await store.run("run_1")?.state == (isArrow ? end : pair.state))
            }
        }
    }

    @Test("lets one of twenty take a queued run", arguments: StateKind.allCases)
    func race(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.run())
            let won = try await racers { number in
                try await store.lease("run_1", Run.Lease(token: "lse_\(number)", expiresAt: 1_600)) != nil
            }
            #expect(won == 1)
        }
    }

    @Test("heeds no worker with the token of an earlier attempt", arguments: StateKind.allCases)
    func oldToken(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.run())
            #expect(try await store.lease("run_1", Sample.lease) != nil)
            #expect(try await store.begin("run_1", token: token, auditID: "aud_1"))
            #expect(try await store.requeue("run_1", token: token))
            let next = Run.Lease(token: "lse_next", expiresAt: 1_700)
            #expect(try await store.lease("run_1", next) != nil)
            #expect(try await store.giveBack("run_1", token: token) == false)
            #expect(try await store.begin("run_1", token: token, auditID: "aud_2") == false)
            #expect(try await store.begin("run_1", token: next.token, auditID: "aud_3"))
            #expect(try await store.finish("run_1", token: token, state: .done, result: [:]) == false)
            #expect(try await store.renew("run_1", Sample.lease) == false)
            #expect(try await store.renew("run_1", next))
            #expect(try await store.finish("run_1", token: next.token, state: .failed, result: [:]))
            #expect(try await store.run("run_1")?.beginnings == 2)
        }
    }

    @Test("settles a late end of a lost run, and asks nobody any more", arguments: StateKind.allCases)
    func late(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await bring(store, to: .indeterminate)
            let asked = try #require(try await store.item(ofRun: "run_1"))
            #expect(asked.status == .pending && asked.kind == .indeterminate)
            #expect(try await store.finish("run_1", token: token, state: .done, result: ["late": true]))
            #expect(try await store.item(asked.id)?.status == .withdrawn)
            #expect(try await store.run("run_1")?.result == ["late": true])
            let decision = InboxItem.Decision(
                isApproved: true, by: "ann", at: 1_500, note: nil, resolution: .retry)
            #expect(try await store.decide(asked.id, decision, grant: nil, result: nil) == false)
        }
    }

    @Test("keeps what is shown as what runs", arguments: StateKind.allCases)
    func parked(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.run())
            #expect(try await store.lease("run_1", Sample.lease) != nil)
            let shown = Sample.item(7, runID: "run_1")
            #expect(try await store.park("run_1", token: token, item: shown))
            #expect(try await store.run("run_1")?.digest == shown.digest)
            #expect(try await store.decide(shown.id, Sample.decision(), grant: nil, result: nil))
            let run = try #require(try await store.run("run_1"))
            #expect(run.state == .queued && run.approvedItem == shown.id && run.call == shown.call)
        }
    }

    @Test("withdraws what waits for a run that is called off", arguments: StateKind.allCases)
    func withdrawn(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.item(), isIdempotent: false)
            #expect(try await store.cancel("run_1", result: ["code": "cancelled"], at: 1_500))
            #expect(try await store.item("req_1")?.status == .withdrawn)
            #expect(try await store.load(of: "bot").items == 0)
            #expect(try await store.cancel("run_1", result: [:], at: 1_500) == false)
        }
    }

    @Test("names what is held and since when it should not be", arguments: StateKind.allCases)
    func held(_ kind: StateKind) async throws {
        try await kind.with { store in
            for number in 1...4 { try await store.insert(Sample.run(number)) }
            for number in 1...3 {
                let lease = Run.Lease(token: "lse_\(number)", expiresAt: 1_000 + Double(number) * 100)
                #expect(try await store.lease("run_\(number)", lease) != nil)
            }
            #expect(try await store.begin("run_2", token: "lse_2", auditID: "aud_2"))
            #expect(try await store.held(until: 1_200, limit: 9).map(\.id) == ["run_1", "run_2"])
            #expect(try await store.held(until: .infinity, limit: 2).map(\.id) == ["run_1", "run_2"])
            #expect(try await store.held(until: .infinity, limit: 9).count == 3)
            #expect(try await store.renew("run_1", Run.Lease(token: "lse_1", expiresAt: 1_900)))
            #expect(try await store.held(until: 1_200, limit: 9).map(\.id) == ["run_2"])
        }
    }

    @Test("queues for everybody only what a person has let pass", arguments: StateKind.allCases)
    func queued(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await store.insert(Sample.run(5, step: TaskPlace(taskID: "task_1", step: 1)))
            for number in 1...3 { try await store.insert(Sample.item(number), isIdempotent: false) }
            for number in [3, 1] {
                #expect(try await store.decide("req_\(number)", Sample.decision(), grant: nil, result: nil))
            }
            #expect(try await store.queued(limit: 9) == ["run_1", "run_3"])
            #expect(try await store.queued(limit: 1) == ["run_1"])
        }
    }

    @Test("forgets no run of unknown end, and none of a task", arguments: StateKind.allCases)
    func forgets(_ kind: StateKind) async throws {
        try await kind.with { store in
            try await bring(store, to: .indeterminate)
            try await store.insert(Sample.run(2, step: TaskPlace(taskID: "task_1", step: 1)))
            #expect(try await store.cancel("run_2", result: [:], at: 1_500))
            try await store.insert(Sample.item(3), isIdempotent: false)
            #expect(try await store.decide("req_3", Sample.decision(false), grant: nil, result: nil))
            try await store.removeSettled(createdBefore: 9_000)
            #expect(try await store.run("run_1") != nil)
            #expect(try await store.item(ofRun: "run_1") != nil)
            #expect(try await store.run("run_2") != nil)
            #expect(try await store.run("run_3") == nil)
            #expect(try await store.item("req_3") == nil)
        }
    }
}
