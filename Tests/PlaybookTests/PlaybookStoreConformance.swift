internal import Gate
internal import Testing
internal import ToolKit

@Suite("What keeps playbooks, in memory or in the database")
struct PlaybookStoreConformance {
    private let none = PlaybookStatistics()

    @Test("gives a playbook back with every field", arguments: StoreKind.allCases)
    func fields(_ kind: StoreKind) async throws {
        try await kind.with { store in
            let playbook = Playbook(
                id: "pb_1", definition: Sample.definition("one", 3), createdBy: "ann", createdAt: 1.5, updatedAt: 2.5)
            let insertion = try await store.insert(playbook, none)
            #expect(insertion == .kept)
            #expect(try await store.playbook("pb_1") == playbook)
            #expect(try await store.playbooks() == [playbook])
            #expect(try await store.playbook("pb_2") == nil)
            #expect(try await store.playbookStatistics() == [:])
        }
    }

    @Test("keeps one of a name and one of an id", arguments: StoreKind.allCases)
    func taken(_ kind: StoreKind) async throws {
        try await kind.with { store in
            let insertion = try await store.insert(Sample.playbook(1, name: "Deploy"), none)
            #expect(insertion == .kept)
            #expect(try await store.insert(Sample.playbook(2, name: "dePLOY"), none) == .taken)
            #expect(try await store.insert(Sample.playbook(1, name: "other"), none) == .taken)
            #expect(try await store.insert(Sample.playbook(2, name: "deployÄ"), none) == .kept)
            #expect(try await store.insert(Sample.playbook(3, name: "deployä"), none) == .kept)
            #expect(try await store.playbooks().count == 3)
        }
    }

    @Test("lets one of twenty at once have the name", arguments: StoreKind.allCases)
    func race(_ kind: StoreKind) async throws {
        try await kind.with { store in
            let kept = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask { try await store.insert(Sample.playbook(number, name: "one"), none) == .kept }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(kept == 1)
            #expect(try await store.playbooks().count == 1)
        }
    }

    @Test("is full at its bounds, and has room again when one is deleted", arguments: StoreKind.allCases)
    func full(_ kind: StoreKind) async throws {
        try await kind.with { store in
            var large = Sample.definition()
            large.steps[0].arguments["padding"] = .string(String(repeating: "x", count: 60_000))
            var count = 0
            while true {
                large.name = "large \(count)"
                let playbook = Playbook(id: "pb_\(count)", definition: large, createdBy: "ann", createdAt: 1)
                guard try await store.insert(playbook, none) == .kept else { break }
                count += 1
            }
            #expect(count == PlaybookLimits.totalSize / large.size)
            #expect(try await store.removePlaybook("pb_0"))
            #expect(try await store.insert(Sample.playbook(9_999), none) == .kept)
        }
    }

    @Test("counts a run once, however often its end is told", arguments: StoreKind.allCases)
    func counted(_ kind: StoreKind) async throws {
        try await kind.with { store in
            let run = PlaybookRun(executionID: "tsk_1", playbookID: "pb_1", begunAt: 100)
            #expect(try await store.playbookRunEnded("tsk_1", isSuccess: true, at: 101) == false)
            try await store.playbookRunBegan(run)
            try await store.playbookRunBegan(PlaybookRun(executionID: "tsk_1", playbookID: "pb_2", begunAt: 0))
            let told = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await store.playbookRunEnded("tsk_1", isSuccess: true, at: 102) }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(told == 1)
            try await store.playbookRunBegan(PlaybookRun(executionID: "tsk_2", playbookID: "pb_1", begunAt: 200))
            #expect(try await store.playbookRunEnded("tsk_2", isSuccess: false, at: 201))
            let statistics = try #require(try await store.playbookStatistics()["pb_1"])
            #expect(statistics.successes == 1 && statistics.failures == 1 && statistics.lastRunAt == 201)
            #expect(statistics.totalMilliseconds == 3_000)
            #expect(try await store.playbookStatistics().count == 1)
        }
    }

    @Test("keeps what a playbook brings along, and forgets all of a deleted one", arguments: StoreKind.allCases)
    func removal(_ kind: StoreKind) async throws {
        try await kind.with { store in
            var brought = PlaybookStatistics()
            for _ in 0..<5 { brought.count(isSuccess: true, milliseconds: 10, endedAt: 50) }
            #expect(try await store.insert(Sample.playbook(1), brought) == .kept)
            #expect(try await store.playbookStatistics()["pb_1"] == brought)
            try await store.playbookRunBegan(PlaybookRun(executionID: "tsk_1", playbookID: "pb_1", begunAt: 1))
            #expect(try await store.removePlaybook("pb_1"))
            #expect(try await store.removePlaybook("pb_1") == false)
            #expect(try await store.playbooks() == [])
            #expect(try await store.playbookStatistics() == [:])
            #expect(try await store.playbookRunEnded("tsk_1", isSuccess: true, at: 2) == false)
        }
    }

    @Test("forgets runs that began long ago and never ended", arguments: StoreKind.allCases)
    func forgotten(_ kind: StoreKind) async throws {
        try await kind.with { store in
            for number in 1...2 {
                try await store.playbookRunBegan(
                    PlaybookRun(executionID: "tsk_\(number)", playbookID: "pb_1", begunAt: Double(number) * 100))
            }
            try await store.removePlaybookRuns(begunBefore: 200)
            #expect(try await store.playbookRunEnded("tsk_1", isSuccess: true, at: 300) == false)
            #expect(try await store.playbookRunEnded("tsk_2", isSuccess: true, at: 300))
        }
    }
}
