package import Audit
package import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

/// The files that calls have kept, within a cap. When it is reached, the oldest of whoever keeps most give way to new
/// ones, and the audit tells which: so nobody who keeps less than an equal share loses anything to somebody else.
///
/// First the bytes are on disk, then the index knows them. What a crash leaves in between is removed by ``tidy(closed:)``.
package final class ArtifactStore: Sendable {
    package let limits: ArtifactLimits
    private let files: ArtifactFiles
    private let index: any ArtifactIndex
    private let log: AuditLog
    private let redactor: Redactor
    private let time: any TimeSource
    private let logger = Logger(label: "artifacts")
    /// One change at a time: making room looks at all of them.
    private let changes = AsyncTurn()
    /// Owner: whoever has the turn.
    private let totals: Mutex<(count: Int, bytes: Int)>

    /// - Parameter folder: Existing; nobody else writes there.
    package init(
        folder: String, index: any ArtifactIndex, log: AuditLog, redactor: Redactor, time: any TimeSource,
        limits: ArtifactLimits = ArtifactLimits()
    ) async throws {
        files = try ArtifactFiles(in: folder)
        self.index = index
        self.log = log
        self.redactor = redactor
        self.time = time
        self.limits = limits
        totals = Mutex(try await index.artifactTotals())
    }

    /// What a call keeps goes through here.
    func keeper(for call: CallLabel) -> CallArtifacts { CallArtifacts(of: call, in: self) }

    // MARK: Reading

    package func page(_ query: ArtifactQuery) async throws -> ArtifactPage { try await index.artifacts(query) }

    /// - Parameter id: Looked up only when it has the form of one (SECURITY R66).
    package func record(_ id: String) async throws -> ArtifactRecord? {
        guard Identifier.isWellFormed(id) else { return nil }
        return try await index.artifact(id)
    }

    /// `nil` when the bytes are gone or are not those that were kept, which their length tells. Blocks.
    package func open(_ record: ArtifactRecord) -> ArtifactFile? {
        guard let file = try? files.open(record.artifact.id) else { return nil }
        let size = record.artifact.size
        let last = try? file.read(offset: max(0, size - 1), count: 2)
        return last?.count == min(1, size) ? file : nil
    }

    // MARK: Keeping

    /// Blocks.
    ///
    /// - Parameter room: Bytes that the call may still keep.
    func keep(
        _ name: String, from source: any ArtifactSource, of call: CallLabel, room: Int
    ) async throws(ArtifactRefusal) -> Artifact {
        let limit = min(room, limits.fileBytes, limits.totalBytes)
        guard files.freeBytes - min(limit, max(0, source.size)) >= limits.spareBytes else {
            throw ArtifactRefusal("the disk of the home folder is nearly full", isFinal: true)
        }
        do {
            let draft = try files.write(Identifier.make("art"), from: source, upTo: limit)
            let artifact = Artifact(
                id: draft.id, name: redactor.withoutKnownSecrets(.string(name)).stringValue ?? "", size: draft.size,
                sha256: draft.sha256)
            do {
                try await changes.take {
                    try await makeRoom(for: artifact.size, of: call)
                    try files.publish(draft)
                    try await index.insert(ArtifactRecord(artifact: artifact, call: call, createdAt: time.wall))
                    totals.withLock { $0 = ($0.count + 1, $0.bytes + artifact.size) }
                }
            } catch {
                files.discard(draft)
                throw error
            }
            return artifact
        } catch {
            throw refusal(for: error, call)
        }
    }

    private func refusal(for error: any Error, _ call: CallLabel) -> ArtifactRefusal {
        switch error {
        case let refusal as ArtifactRefusal: return refusal
        case let failure as ArtifactFiles.Failure where failure.isFullDisk:
            return ArtifactRefusal("the disk of the home folder is full", isFinal: true)
        case is AuditUnavailable:
            return ArtifactRefusal(
                "an older one would have to give way, and the audit cannot record that", isFinal: true)
        default:
            logger.error(
                "a file could not be kept", metadata: ["call.id": "\(call.auditID)", "error": "\(error)"])
            return ArtifactRefusal("it could not be copied")
        }
    }

    /// The oldest of whoever keeps most give way; the audit has each of them before it goes.
    private func makeRoom(for size: Int, of call: CallLabel) async throws {
        while true {
            let (count, bytes) = totals.withLock { $0 }
            let isFullOfFiles = count + 1 > limits.totalFiles
            guard isFullOfFiles || bytes + size > limits.totalBytes else { return }
            // As it would be with the new file; of two who keep as much, the one that keeps it gives way.
            let holders = try await index.artifactHolders().map { holder in
                let isOwn = holder.principal == call.principal
                let most = isFullOfFiles ? holder.count + (isOwn ? 1 : 0) : holder.bytes + (isOwn ? size : 0)
                return (most: most, isOwn: isOwn, principal: holder.principal)
            }
            let largest = holders.max {
                ($0.most, $0.isOwn ? 1 : 0, $1.principal) < ($1.most, $1.isOwn ? 1 : 0, $0.principal)
            }
            guard let largest, let oldest = try await index.oldestArtifacts(1, of: largest.principal).first else {
                return
            }
            _ = try await log.append(eviction(of: oldest, for: call))
            try await forget([oldest])
        }
    }

    private func forget(_ records: [ArtifactRecord]) async throws {
        try await index.removeArtifacts(records.map(\.artifact.id))
        for record in records { files.remove(record.artifact.id) }
        totals.withLock { totals in
            totals.count -= records.count
            totals.bytes -= records.reduce(0) { $0 + $1.artifact.size }
        }
    }

    private func eviction(of record: ArtifactRecord, for call: CallLabel) -> AuditRecord {
        AuditRecord(
            .change, auditID: Identifier.make("chg"),
            fields: [
                "tool_name": "change:artifact", "principal": .string(call.principal), "ts": .number(time.wall),
                "status": "ok", "reason": .string("made room for what \(call.auditID) keeps"),
                "before": redactor.value(record.json), "after": .null,
            ])
    }

    // MARK: Starting

    /// What ``tidy(closed:)`` has removed.
    package struct Tidied: Sendable, Hashable {
        /// Files that nobody knows, and halves of some.
        package var files = 0
        /// Entries without a file, and those of calls that nobody was answered.
        package var records = 0

        package init(files: Int = 0, records: Int = 0) {
            self.files = files
            self.records = records
        }
    }

    /// Removes what a crash has left between a copy and its record. Before the first call. Blocks.
    ///
    /// - Parameter closed: Calls that the audit has just closed as `unknown`: no answer and no record names what they kept.
    package func tidy(closed: [String]) async throws -> Tidied {
        var tidied = Tidied()
        let names = Set(try files.names())
        let known = try await index.artifactIDs()
        let lost = known.subtracting(names).union(try await index.artifactIDs(ofCalls: closed))
        if !lost.isEmpty {
            try await index.removeArtifacts(Array(lost))
            tidied.records = lost.count
        }
        for name in names where !known.contains(name) || lost.contains(name) {
            files.remove(name)
            tidied.files += 1
        }
        let now = try await index.artifactTotals()
        totals.withLock { $0 = now }
        return tidied
    }
}
