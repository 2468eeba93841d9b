internal import Dispatch
internal import Synchronization
package import ToolKit

/// The audit: an append-only, chained, signed log with an index beside it (DESIGN 7, docs/audit-format.md).
///
/// One log per home; the caller holds the home's lock.
package final class AuditLog: Sendable {
    private struct Published: Sendable {
        var durable = 0
        var checkpoint: Checkpoint?
        var failure: AuditUnavailable?
        var isOutOfSpace = false
    }

    private final class Shared: Sendable {
        let published = Mutex(Published())
        let isSpaceLow = Atomic(false)
        /// Whether nothing can be recorded, to be seen without the lock.
        let isObstructed = Atomic(false)
    }

    /// What start-up found and did.
    package let recovery: RecoveryReport

    let writer = LogWriter()
    private let indexer: Indexer
    private let index: any AuditIndex
    private let files: LogFiles
    private let shared = Shared()
    /// Reads block on files and the database: they have threads of their own, not those of the cooperative pool.
    private let readers = DispatchQueue(label: "audit-readers", attributes: .concurrent)
    private let threads = DispatchGroup()

    /// Opens the log, or begins one, and closes what a crash left open. Blocks; for start-up.
    /// - Throws: ``AuditDamaged`` when the log is not what was written, ``AuditUnavailable`` when nothing can be
    ///   recorded, ``LogStorageError`` or the index's error otherwise.
    package static func open(
        _ configuration: AuditLogConfiguration, index: any AuditIndex, files storage: any LogStorage,
        memory: (any AuditMemory)? = nil
    ) throws -> AuditLog {
        try AuditLog(configuration, index: index, storage: storage, memory: memory)
    }

    private init(
        _ given: AuditLogConfiguration, index: any AuditIndex, storage: any LogStorage, memory: (any AuditMemory)?
    ) throws {
        var configuration = given
        let shared = self.shared
        configuration.onSpaceWarning = { free in
            shared.isSpaceLow.store(free != nil, ordering: .relaxed)
            given.onSpaceWarning(free)
        }
        let found = try Recovery(configuration: configuration, storage: storage, index: index, memory: memory).run()
        var report = found.report
        files = found.files
        self.index = index
        report.indexedLines = try IndexCatchUp(index: index, files: found.files, progress: configuration.onIndexed)
            .run(through: found.chain.seq)
        let indexer = Indexer(
            index, files: found.files, indexed: found.chain.seq, memory: memory, configuration: configuration)
        self.indexer = indexer
        shared.published.withLock { published in
            published.durable = found.chain.seq
            published.checkpoint = found.chain.checkpoint
        }
        let batches = BatchWriter(configuration, chain: found.chain, files: found.files) { fresh in
            shared.published.withLock { published in
                published.durable = fresh.position.seq
                if let checkpoint = fresh.head?.chain.checkpoint { published.checkpoint = checkpoint }
            }
        } committed: {
            indexer.offer($0)
        }
        let closing = Closing(configuration: configuration, index: index, files: found.files)
        report.closedCalls = try closing.run(found, with: batches)
        recovery = report
        start(batches)
    }

    private func start(_ batches: sending BatchWriter) {
        let (shared, indexer, threads) = (shared, indexer, threads)
        threads.enter()
        threads.enter()
        indexer.start { threads.leave() }
        // Unsafe in name only: it was sent to here, both closures below are its only holders from now on, and the writer
        // calls both on its one thread, one after the other.
        nonisolated(unsafe) let batches = batches
        writer.start { jobs in
            batches.process(jobs)
            let (failure, isOutOfSpace) = (batches.failure, batches.isOutOfSpace)
            shared.published.withLock { published in
                published.failure = failure
                published.isOutOfSpace = isOutOfSpace
            }
            shared.isObstructed.store(failure != nil || isOutOfSpace, ordering: .releasing)
        } ended: {
            if batches.failure == nil { batches.release() }
            indexer.close()
            threads.leave()
        }
    }

    deinit { writer.close() }
}

// MARK: Recording

extension AuditLog {
    /// Records lines next to each other; returns once they are durable.
    /// - Throws: ``AuditUnavailable``. Intents, refusals and changes were not recorded then; an outcome is kept in memory
    ///   and written with the next batch that succeeds.
    @discardableResult
    package func append(_ records: AuditRecord...) async throws(AuditUnavailable) -> [AuditReceipt] {
        try await append(records)
    }

    @discardableResult
    package func append(_ records: [AuditRecord]) async throws(AuditUnavailable) -> [AuditReceipt] {
        try await perform(.records(records.map(EncodedRecord.init))).receipts
    }

    /// As ``append(_:)``, without a caller that waits: `done` is called on the writer's thread, where it must not linger.
    ///
    /// - Parameter first: Recorded in front of it.
    package func append(
        _ record: AuditRecord, behind first: AuditRecord? = nil,
        then done: @escaping @Sendable (Result<AuditReceipt?, AuditUnavailable>) -> Void
    ) throws(AuditUnavailable) {
        let last = EncodedRecord(record)
        let records = if let first { [EncodedRecord(first), last] } else { [last] }
        try writer.submit(WriterJob(work: .records(records)) { done($0.map(\.receipts.last)) }, isUrgent: true)
    }

    /// Tells that a record which somebody waits for comes within a fraction of a millisecond, so that many share a sync;
    /// ``withdraw()`` follows in any case, when the record is queued or takes longer. Nothing depends on it but speed.
    package func announce() { writer.announce() }

    package func withdraw() { writer.withdraw() }

    /// Queues a record that need not be durable by itself: the intent of a call that cannot change anything. It stands
    /// before whatever is appended later, and is durable with that at the latest.
    /// - Throws: ``AuditUnavailable`` while nothing can be recorded.
    package func enqueue(_ record: AuditRecord) throws(AuditUnavailable) {
        try requireHealth()
        try writer.submit(WriterJob(work: .records([EncodedRecord(record)])), isUrgent: false)
    }

    /// For a call whose lines come at its end.
    /// - Throws: ``AuditUnavailable`` while nothing can be recorded.
    package func requireHealth() throws(AuditUnavailable) {
        guard shared.isObstructed.load(ordering: .acquiring) else { return }
        let (failure, isOutOfSpace) = shared.published.withLock { ($0.failure, $0.isOutOfSpace) }
        if let failure { throw failure }
        guard isOutOfSpace else { return }
        // Nobody may wait for the answer, but it is what finds out that there is space again.
        try writer.submit(WriterJob(work: .flush), isUrgent: true)
        throw BatchWriter.outOfSpace
    }

    /// A signed checkpoint over everything recorded so far; the last one when nothing came after it.
    package func checkpoint() async throws(AuditUnavailable) -> Checkpoint {
        guard let checkpoint = try await perform(.checkpoint).checkpoint else {
            throw AuditUnavailable("a checkpoint could not be made", remedy: "try again later")
        }
        return checkpoint
    }

    /// Puts the active file aside and goes on in a fresh one.
    package func rotate() async throws(AuditUnavailable) { _ = try await perform(.rotate) }

    /// Writes what was enqueued, makes a checkpoint when one is due, and looks at the disk space. For the owner to call
    /// every few seconds; nothing depends on it while calls come in.
    package func tick() async throws(AuditUnavailable) { _ = try await perform(.flush) }

    /// Writes what queued, a final checkpoint and the head file, and brings the index up to date. Nothing can be recorded
    /// afterwards.
    package func close() async {
        // Without it the next start reads a little more; the failure was reported when it happened.
        _ = try? await checkpoint()
        writer.close()
        let (threads, readers) = (threads, readers)
        await withCheckedContinuation { continuation in
            threads.notify(queue: readers) { continuation.resume() }
        }
    }

    private func perform(_ work: WriterJob.Work) async throws(AuditUnavailable) -> WriterJob.Done {
        let writer = writer
        let result: Result<WriterJob.Done, AuditUnavailable> = await withCheckedContinuation { continuation in
            do throws(AuditUnavailable) {
                let job = WriterJob(work: work) { continuation.resume(returning: $0) }
                try writer.submit(job, isUrgent: true)
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    /// Why nothing can be recorded until a restart; `nil` in good health.
    package var failure: AuditUnavailable? { shared.published.withLock { $0.failure } }

    /// Whether the disk is nearly full.
    package var isSpaceLow: Bool { shared.isSpaceLow.load(ordering: .relaxed) }

    /// The newest checkpoint; `nil` before the first.
    package var latestCheckpoint: Checkpoint? { shared.published.withLock { $0.checkpoint } }

    /// `seq` of the last durable line.
    package var durableSeq: Int { shared.published.withLock { $0.durable } }
}

// MARK: Reading

extension AuditLog {
    /// A page of entries, newest first: everything that was durable when asked.
    package func page(_ query: LogQuery) async throws -> LogPage {
        try await indexer.caughtUp(to: durableSeq)
        let (index, files) = (index, files)
        return try await read {
            let page = try index.page(query)
            let reader = EntryReader(files: files)
            return LogPage(entries: page.entries.map(reader.entry), next: page.next)
        }
    }

    /// Calls that ended behind the line `seq` and long after they began, ``IndexedEntry/isLate``; the one that ended last
    /// first.
    package func endedLate(after seq: Int, limit: Int) async throws -> [JSONValue] {
        try await indexer.caughtUp(to: durableSeq)
        let (index, files) = (index, files)
        return try await read { try index.endedLate(after: seq, limit: limit).map(EntryReader(files: files).entry) }
    }

    /// One entry as far as it is in the index by now; nothing is hurried for it.
    package func indexedEntry(_ auditID: String) async throws -> JSONValue? {
        let (index, files) = (index, files)
        return try await read { try index.entry(auditID: auditID).map(EntryReader(files: files).entry) }
    }

    /// One entry; `nil` when there is none of that id.
    package func entry(_ auditID: String) async throws -> JSONValue? {
        try await indexer.caughtUp(to: durableSeq)
        let (index, files) = (index, files)
        return try await read { try index.entry(auditID: auditID).map(EntryReader(files: files).entry) }
    }

    /// The receipt of an entry's last line, with the proof that the newest checkpoint covers it, once one does.
    package func receipt(for auditID: String) async throws -> AuditReceipt? {
        let (durable, checkpoint) = shared.published.withLock { ($0.durable, $0.checkpoint) }
        try await indexer.caughtUp(to: durable)
        let (index, files) = (index, files)
        return try await read {
            guard let entry = try index.entry(auditID: auditID) else { return nil }
            let line = try EntryReader(files: files).line(entry.outcome ?? entry.first, of: entry)
            var receipt = AuditReceipt(seq: line.seq, hash: line.hash, prev: line.prev)
            if let checkpoint, checkpoint.size >= line.seq {
                let reader = MerkleReader(index: index, files: files, size: checkpoint.size)
                receipt.checkpoint = checkpoint
                receipt.inclusionProof = try reader.proof.path(for: line.seq - 1, in: checkpoint.size)
            }
            return receipt
        }
    }

    /// The stored lines of an entry as they stand in the log, without their newlines; the hash of each can be computed
    /// from them.
    package func lines(of auditID: String) async throws -> [String] {
        try await indexer.caughtUp(to: durableSeq)
        let (index, files) = (index, files)
        return try await read {
            guard let entry = try index.entry(auditID: auditID) else { return [] }
            let reader = EntryReader(files: files)
            return try ([entry.first] + [entry.outcome].compactMap { $0 }).map {
                String(decoding: try reader.bytes($0, of: entry), as: UTF8.self)
            }
        }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let readers = readers
        return try await withCheckedThrowingContinuation { continuation in
            readers.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
