internal import Gate
internal import Synchronization

/// Playbooks in memory of which one write fails: before anything of it is kept, or after all of it is.
final class FailingPlaybooks: PlaybookStore {
    struct Fault: Sendable, Hashable {
        /// Counted from 1.
        let write: Int
        let isKept: Bool
    }

    let store = InMemoryPlaybooks()
    private let course = Mutex<(fault: Fault?, writes: Int)>((nil, 0))

    func fail(_ fault: Fault?) { course.withLock { $0 = (fault, 0) } }

    private func write<Value>(_ body: () async throws -> Value) async throws -> Value {
        let fault = course.withLock { course -> Fault? in
            course.writes += 1
            return course.fault?.write == course.writes ? course.fault : nil
        }
        guard let fault else { return try await body() }
        if fault.isKept { _ = try await body() }
        throw StoreUnavailable("the state database cannot be written", remedy: "wait")
    }

    func insert(_ playbook: Playbook, _ statistics: PlaybookStatistics) async throws -> PlaybookInsertion {
        try await write { try await store.insert(playbook, statistics) }
    }

    func playbook(_ id: String) async throws -> Playbook? { try await store.playbook(id) }
    func playbooks() async throws -> [Playbook] { try await store.playbooks() }
    func removePlaybook(_ id: String) async throws -> Bool { try await write { try await store.removePlaybook(id) } }
    func playbookStatistics() async throws -> [String: PlaybookStatistics] { try await store.playbookStatistics() }
    func playbookRunBegan(_ run: PlaybookRun) async throws { try await write { try await store.playbookRunBegan(run) } }

    func playbookRunEnded(_ executionID: String, isSuccess: Bool, at wall: Double) async throws -> Bool {
        try await write { try await store.playbookRunEnded(executionID, isSuccess: isSuccess, at: wall) }
    }

    func removePlaybookRuns(begunBefore wall: Double) async throws {
        try await write { try await store.removePlaybookRuns(begunBefore: wall) }
    }
}
