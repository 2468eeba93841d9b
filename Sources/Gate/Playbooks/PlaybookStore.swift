/// Keeps playbooks, and how often each was run.
///
/// Every conformer promises: what returned survives a crash; no two playbooks have one name, in any spelling of its ASCII
/// letters; a run is counted once however often its end is told. Statistics belong to an id, so that playbooks that come
/// with the daemon have some too.
package protocol PlaybookStore: Sendable {
    /// - Parameter statistics: Those that it brings along from another system.
    func insert(_ playbook: Playbook, _ statistics: PlaybookStatistics) async throws -> PlaybookInsertion

    func playbook(_ id: String) async throws -> Playbook?

    /// In no order.
    func playbooks() async throws -> [Playbook]

    /// With its statistics and the runs that have not ended.
    ///
    /// - Returns: Whether there was one.
    func removePlaybook(_ id: String) async throws -> Bool

    /// By playbook; those that were never run have none.
    func playbookStatistics() async throws -> [String: PlaybookStatistics]

    /// A run has begun; told again, it changes nothing.
    func playbookRunBegan(_ run: PlaybookRun) async throws

    /// A run that has begun has ended.
    ///
    /// - Returns: Whether it counted: `false` when it had ended before, or was never told of.
    func playbookRunEnded(_ executionID: String, isSuccess: Bool, at wall: Double) async throws -> Bool

    /// Forgets runs that have not ended and began before this time.
    func removePlaybookRuns(begunBefore wall: Double) async throws
}

/// What came of keeping one.
package enum PlaybookInsertion: Sendable, Hashable {
    case kept
    /// Another one has the name or the id.
    case taken
    /// ``PlaybookLimits/playbooks`` or ``PlaybookLimits/totalSize`` is reached.
    case full
}

/// A run that has begun.
package struct PlaybookRun: Sendable, Hashable {
    /// The task that it is.
    package let executionID: String
    package let playbookID: String
    /// Unix seconds.
    package let begunAt: Double

    package init(executionID: String, playbookID: String, begunAt: Double) {
        self.executionID = executionID
        self.playbookID = playbookID
        self.begunAt = begunAt
    }
}

extension PlaybookDefinition {
    /// Two names with the same key are one.
    package static func nameKey(_ name: String) -> String {
        String(decoding: name.utf8.map { 0x41...0x5A ~= $0 ? $0 + 0x20 : $0 }, as: UTF8.self)
    }
}
