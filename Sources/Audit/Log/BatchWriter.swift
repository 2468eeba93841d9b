internal import ToolKit

/// Turns what queued into durable lines. Owned by the writer's thread (at start-up by the thread that opens the log).
///
/// The chain moves only after the lines are synced. After a failed write the file is cut back to its last good length
/// and the next attempt may succeed; after a failed sync nobody knows what the disk holds, so that is final.
final class BatchWriter {
    /// What has become durable.
    struct Committed {
        var lines: [IndexedLine] = []
        var tiles: [Tile] = []
        var position: IndexPosition
        /// To be stored, when there was a checkpoint.
        var head: LogHead?
    }

    private static let largestBatch = 4 * 1_048_576
    /// Outcomes that could not be written and wait for the next batch.
    private static let mostKept = 4_096

    private(set) var chain: ChainState
    private(set) var failure: AuditUnavailable?
    /// Whether new calls have to be refused because nothing can be kept for their outcomes.
    private(set) var isOutOfSpace = false

    private let configuration: AuditLogConfiguration
    private let files: LogFiles
    private var file: any LogFile
    private var kept: [EncodedRecord] = []
    private var space: SpaceReserve
    private var hasDirtyTail = false
    private var checkpointAt: Double
    private var buffer: [UInt8] = []
    private let isDurable: (Committed) -> Void
    private let committed: (Committed) -> Void

    /// - Parameters:
    ///   - isDurable: Called after every durable batch, before those who wait are answered.
    ///   - committed: Called after that, when they are: for what nobody waits for.
    init(
        _ configuration: AuditLogConfiguration, chain: ChainState, files: LogFiles,
        isDurable: @escaping (Committed) -> Void, committed: @escaping (Committed) -> Void
    ) {
        self.configuration = configuration
        self.chain = chain
        self.files = files
        self.isDurable = isDurable
        self.committed = committed
        file = files.active
        space = SpaceReserve(configuration, storage: files.storage)
        checkpointAt = configuration.now()
    }

    func process(_ jobs: [WriterJob]) {
        var rest = jobs[...]
        while !rest.isEmpty {
            var bytes = 0
            var end = rest.startIndex
            repeat {
                bytes += rest[end].bytes
                end += 1
            } while end < rest.endIndex && bytes + rest[end].bytes <= Self.largestBatch
            processBatch(rest[..<end], bytes: bytes)
            rest = rest[end...]
        }
        if chain.bytes >= configuration.maximumFileSize { rotate() }
    }

    private func processBatch(_ jobs: ArraySlice<WriterJob>, bytes: Int) {
        if let failure { return refuse(jobs, failure) }
        let keptBytes = kept.reduce(0) { $0 + $1.bytes.count + 256 }
        isOutOfSpace = !space.renew(for: file, size: chain.bytes, batch: bytes + keptBytes)
        var batch = Batch(after: chain, buffer: buffer, configuration: configuration)
        buffer = []
        var done: [(WriterJob, WriterJob.Done)] = []
        var wantsRotation = false
        do {
            for record in kept { _ = try batch.add(record) }
            for job in jobs {
                if isOutOfSpace, job.isRefusable {
                    job.answer?(.failure(Self.outOfSpace))
                    continue
                }
                var result = WriterJob.Done()
                switch job.work {
                case .records(let records):
                    result.receipts.reserveCapacity(records.count)
                    for record in records { result.receipts.append(try batch.add(record)) }
                case .checkpoint:
                    if batch.chain.sinceCheckpoint > 0 || batch.chain.checkpoint == nil { try batch.addCheckpoint() }
                    result.checkpoint = batch.chain.checkpoint
                case .rotate:
                    wantsRotation = true
                case .flush:
                    space.look()
                }
                if job.answer != nil { done.append((job, result)) }
            }
            if isCheckpointDue(batch.chain) { try batch.addCheckpoint() }
            try write(batch)
        } catch {
            buffer = batch.takeBuffer()
            keep(jobs)
            let failure = failed(error)
            for (job, _) in done { job.answer?(.failure(failure)) }
            return
        }
        kept.removeAll()
        let fresh = commit(batch)
        if let fresh { isDurable(fresh) }
        for (job, result) in done { job.answer?(.success(result)) }
        if let fresh { committed(fresh) }
        if wantsRotation { rotate() }
    }

    private func isCheckpointDue(_ chain: ChainState) -> Bool {
        guard chain.sinceCheckpoint > 0 else { return false }
        // A clock that was set back must not silence checkpoints.
        return abs(configuration.now() - checkpointAt) >= configuration.checkpointSeconds
    }

    private func write(_ batch: borrowing Batch) throws {
        guard !batch.lines.isEmpty else { return }
        if hasDirtyTail {
            try file.truncate(to: chain.bytes)
            hasDirtyTail = false
        }
        guard file.isIntact(as: LogNames.active, size: chain.bytes) else { throw Intrusion() }
        let written = try batch.buffer.withUnsafeBytes { try file.write($0, at: chain.bytes) }
        guard written == batch.buffer.count else { throw LogStorageError(.write, code: 0) }
        try file.sync()
    }

    /// - Returns: `nil` when there was nothing to write.
    private func commit(_ batch: consuming Batch) -> Committed? {
        guard !batch.lines.isEmpty else {
            buffer = batch.takeBuffer()
            return nil
        }
        chain = batch.chain
        if batch.hasCheckpoint { checkpointAt = configuration.now() }
        let fresh = Committed(
            lines: batch.lines, tiles: batch.tiles, position: position, head: batch.hasCheckpoint ? head : nil)
        buffer = batch.takeBuffer()
        return fresh
    }

    private var position: IndexPosition {
        IndexPosition(seq: chain.seq, hash: chain.hash, end: LinePlace(file: chain.file, offset: chain.bytes))
    }

    /// The head file's contents as of now.
    var head: LogHead { LogHead(chain: chain, signedAt: Int(configuration.now())) }
}

// MARK: Failures

extension BatchWriter {
    /// Somebody else wrote to, moved or removed the active file.
    private struct Intrusion: Error {}

    private func refuse(_ jobs: ArraySlice<WriterJob>, _ failure: AuditUnavailable) {
        for job in jobs { job.answer?(.failure(failure)) }
    }

    /// What has happened already must not be forgotten: outcomes, and intents of calls that did not wait.
    private func keep(_ jobs: ArraySlice<WriterJob>) {
        for case .records(let records) in jobs.lazy.filter({ !$0.isRefusable }).map(\.work) { kept += records }
        if kept.count > Self.mostKept {
            configuration.onFault("the audit cannot be written; \(kept.count - Self.mostKept) outcomes are lost")
            kept.removeFirst(kept.count - Self.mostKept)
        }
    }

    private func failed(_ error: any Error) -> AuditUnavailable {
        guard let error = error as? LogStorageError else {
            let isIntrusion = error is Intrusion
            let message =
                isIntrusion ? "the audit file was written to, moved or removed by somebody else" : "a checkpoint failed"
            return finalFailure(message, remedy: "run `execlayer audit verify`, then restart the daemon")
        }
        if error.operation == .sync {
            return finalFailure(
                "the audit could not be made durable: \(error.reason)",
                remedy: "check the disk below logs/, then restart the daemon")
        }
        cutBack()
        configuration.onFault("the audit cannot be written: \(error.reason)")
        if error.isOutOfSpace { return Self.outOfSpace }
        return AuditUnavailable(
            "the audit cannot be written: \(error.reason)", remedy: "check the disk and the permissions of logs/")
    }

    private func finalFailure(_ message: String, remedy: String) -> AuditUnavailable {
        let failure = AuditUnavailable(message, remedy: remedy, isFinal: true)
        self.failure = failure
        configuration.onFault("\(message); \(remedy)")
        return failure
    }

    /// Nothing of a failed batch stays behind. Cutting also gives the reserve back, so it is asked for again at once.
    private func cutBack() {
        do {
            guard try file.size() != chain.bytes else { return }
            hasDirtyTail = true
            try file.truncate(to: chain.bytes)
            hasDirtyTail = false
            space.forget()
            _ = space.renew(for: file, size: chain.bytes, batch: 0)
        } catch {
            // The next batch tries again before it writes.
            hasDirtyTail = true
        }
    }

    static let outOfSpace = AuditUnavailable(
        "there is no disk space left for the audit", remedy: "free space on the disk that holds logs/")
}

// MARK: Rotation

extension BatchWriter {
    /// Puts the active file aside and goes on in a fresh one. A crash between any two steps leaves a log that start-up
    /// continues: the empty successor exists before the name becomes free.
    private func rotate() {
        guard failure == nil, chain.bytes > 0 else { return }
        if chain.sinceCheckpoint > 0 { processBatch([WriterJob(work: .checkpoint)], bytes: 1_024) }
        guard failure == nil else { return }
        let successor: any LogFile
        do {
            successor = try newFile()
            // Gives the reserve back; that it could not be is no harm.
            try? file.truncate(to: chain.bytes)
        } catch {
            configuration.onFault("the audit file cannot be rotated: \(error.reason)")
            return
        }
        do {
            try files.storage.rename(LogNames.active, to: LogNames.rotated(firstSeq: chain.file))
        } catch {
            if file.isIntact(as: LogNames.active, size: chain.bytes) {
                configuration.onFault("the audit file cannot be rotated: \(error.reason)")
            } else {
                _ = finalFailure("the rotation of the audit failed: \(error.reason)", remedy: "restart the daemon")
            }
            return
        }
        do {
            try files.storage.rename(LogNames.next, to: LogNames.active)
        } catch {
            _ = finalFailure("the rotation of the audit failed: \(error.reason)", remedy: "restart the daemon")
            return
        }
        chain.startFile()
        file = successor
        files.activate(successor, firstSeq: chain.file)
        space.forget()
        let fresh = Committed(position: position, head: head)
        isDurable(fresh)
        committed(fresh)
    }

    private func newFile() throws(LogStorageError) -> any LogFile {
        do {
            return try files.storage.create(LogNames.next)
        } catch {
            // Left over from a rotation that did not come to its end.
            guard try files.storage.contents(LogNames.next)?.isEmpty == true else { throw error }
            try files.storage.remove(LogNames.next)
            return try files.storage.create(LogNames.next)
        }
    }

    /// Gives disk space beyond the last line back.
    func release() { try? file.truncate(to: chain.bytes) }
}
