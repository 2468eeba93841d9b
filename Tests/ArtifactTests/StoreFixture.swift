internal import Audit
internal import Engine
internal import Foundation
internal import Gate
internal import Store
internal import Synchronization
internal import ToolKit

/// A store over a real database, a real audit and a real folder.
final class StoreFixture: Sendable {
    let home: String
    let signer = AuditSigner()
    private let clock = SystemTime()

    init() throws {
        home = FileManager.default.temporaryDirectory.path + "/artifacts-" + UUID().uuidString
        for folder in ["/artifacts", "/logs"] {
            try FileManager.default.createDirectory(atPath: home + folder, withIntermediateDirectories: true)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    static let call = CallLabel(auditID: "aud_1", principal: "ada", toolName: "sandbox_worker_run")
    static let other = CallLabel(auditID: "aud_2", principal: "bob", toolName: "sandbox_worker_run")

    struct Life {
        let store: ArtifactStore
        let state: StateDatabase
        let log: AuditLog
        /// Whose end removes everything.
        let home: StoreFixture

        func close() async throws {
            await log.close()
            try state.close()
        }
    }

    /// One life of the daemon.
    func open(
        change: (inout ArtifactLimits) -> Void = { _ in }, index wrap: (StateDatabase) -> any ArtifactIndex = { $0 }
    ) async throws -> Life {
        var limits = ArtifactLimits()
        limits.spareBytes = 0
        change(&limits)
        let state = try StateDatabase(path: home + "/state.sqlite")
        let log = try AuditLog.open(
            AuditLogConfiguration(signer: signer, now: { 1_800_000_000 }), index: InMemoryAuditIndex(),
            files: DiskLogStorage(folder: home + "/logs"))
        let store = try await ArtifactStore(
            folder: home + "/artifacts", index: wrap(state), log: log,
            redactor: Redactor(knownSecrets: ["the-operators-token"]), time: clock, limits: limits)
        return Life(store: store, state: state, log: log, home: self)
    }

    /// What lies in the folder.
    var files: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: home + "/artifacts")) ?? [])
    }
}

/// An index that fails when it shall.
final class FailingIndex: ArtifactIndex {
    private let index: any ArtifactIndex
    private let fails = Mutex(true)

    struct Failure: Error {}

    init(_ index: any ArtifactIndex) { self.index = index }

    func mend() { fails.withLock { $0 = false } }

    func insert(_ record: ArtifactRecord) async throws {
        if fails.withLock({ $0 }) { throw Failure() }
        try await index.insert(record)
    }

    func removeArtifacts(_ ids: [String]) async throws { try await index.removeArtifacts(ids) }
    func artifact(_ id: String) async throws -> ArtifactRecord? { try await index.artifact(id) }
    func artifacts(_ query: ArtifactQuery) async throws -> ArtifactPage { try await index.artifacts(query) }
    func oldestArtifacts(_ count: Int, of principal: String) async throws -> [ArtifactRecord] {
        try await index.oldestArtifacts(count, of: principal)
    }
    func artifactHolders() async throws -> [ArtifactHolder] { try await index.artifactHolders() }
    func artifactTotals() async throws -> (count: Int, bytes: Int) { try await index.artifactTotals() }
    func artifactIDs() async throws -> Set<String> { try await index.artifactIDs() }
    func artifactIDs(ofCalls ids: [String]) async throws -> Set<String> { try await index.artifactIDs(ofCalls: ids) }
}
