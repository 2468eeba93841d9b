internal import Synchronization

/// The in-memory twin of the store of playbooks.
package final class InMemoryPlaybooks: PlaybookStore {
    private struct Content {
        var playbooks: [String: Playbook] = [:]
        var statistics: [String: PlaybookStatistics] = [:]
        var runs: [String: PlaybookRun] = [:]
    }

    private let content = Mutex(Content())

    package init() {}

    package func insert(_ playbook: Playbook, _ statistics: PlaybookStatistics) async throws -> PlaybookInsertion {
        content.withLock { content in
            let key = PlaybookDefinition.nameKey(playbook.definition.name)
            guard content.playbooks[playbook.id] == nil,
                !content.playbooks.values.contains(where: { PlaybookDefinition.nameKey($0.definition.name) == key })
            else { return .taken }
            let size = content.playbooks.values.reduce(playbook.definition.size) { $0 + $1.definition.size }
            guard content.playbooks.count < PlaybookLimits.playbooks, size <= PlaybookLimits.totalSize else {
                return .full
            }
            content.playbooks[playbook.id] = playbook
            if statistics.runs > 0 { content.statistics[playbook.id] = statistics }
            return .kept
        }
    }

    package func playbook(_ id: String) async throws -> Playbook? { content.withLock { $0.playbooks[id] } }

    package func playbooks() async throws -> [Playbook] { content.withLock { Array($0.playbooks.values) } }

    package func removePlaybook(_ id: String) async throws -> Bool {
        content.withLock { content in
            guard content.playbooks.removeValue(forKey: id) != nil else { return false }
            content.statistics[id] = nil
            content.runs = content.runs.filter { $0.value.playbookID != id }
            return true
        }
    }

    package func playbookStatistics() async throws -> [String: PlaybookStatistics] {
        content.withLock { $0.statistics }
    }

    package func playbookRunBegan(_ run: PlaybookRun) async throws {
        content.withLock { content in
            if content.runs[run.executionID] == nil { content.runs[run.executionID] = run }
        }
    }

    package func playbookRunEnded(_ executionID: String, isSuccess: Bool, at wall: Double) async throws -> Bool {
        content.withLock { content in
            guard let run = content.runs.removeValue(forKey: executionID) else { return false }
            content.statistics[run.playbookID, default: PlaybookStatistics()]
                .count(isSuccess: isSuccess, milliseconds: (wall - run.begunAt) * 1_000, endedAt: wall)
            return true
        }
    }

    package func removePlaybookRuns(begunBefore wall: Double) async throws {
        content.withLock { content in content.runs = content.runs.filter { $0.value.begunAt >= wall } }
    }
}
