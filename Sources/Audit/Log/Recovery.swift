internal import ToolKit

/// Finds the end of the log at start-up: reads on from the head file, cuts off what a crash left unfinished, refuses
/// what a crash cannot explain.
struct Recovery {
    let configuration: AuditLogConfiguration
    let storage: any LogStorage
    let index: any AuditIndex
    var memory: (any AuditMemory)?

    struct Found {
        var chain: ChainState
        var files: LogFiles
        var report: RecoveryReport
        /// What was cut off, to be recorded.
        var torn: [UInt8]?
    }

    func run() throws -> Found {
        let folder = try LogFolderScan(storage)
        let head = try readHead()
        let witness = try index.position()
        var report = RecoveryReport()
        let parts = try open(folder)
        let isEmpty = parts.allSatisfy { $0.size == 0 }
        if isEmpty, (head?.chain.seq ?? 0) == 0 {
            if let witness, witness.seq > 0 {
                throw AuditDamaged(.truncated, "the audit log is gone: the index knows \(witness.seq) lines of it")
            }
            var found = try begin(folder, parts)
            found.report.loss = try checkMemory(last: 0, parts: parts)
            return found
        }
        report.isHeadMissing = head == nil
        var check = ChainCheck(from: head?.chain ?? .empty, key: configuration.signer.publicKey, checkpointLines: nil)
        let start = check.chain.seq
        let rest = try partsFromHead(parts, check.chain)
        if let head, head.chain.bytes > 0, let file = rest.first?.file { try confirm(head.chain, in: file) }
        var torn: (part: Part, at: Int)?
        for (place, part) in rest.enumerated() {
            if place > 0 { check.startFile() }
            guard let end = try scan(part, with: &check, witness: witness) else { continue }
            guard part.name == LogNames.active else {
                throw AuditDamaged(.unfinishedLine, "\(part.name) ends in the middle of a line")
            }
            torn = (part, end)
        }
        if let witness { try compare(witness, with: check.chain, start: start, parts: parts) }
        report.loss = try checkMemory(last: check.chain.seq, parts: parts)
        report.lines = check.chain.seq
        report.checkedLines = check.chain.seq - start
        let cut = try torn.map { try cutOff($0.part, at: $0.at) } ?? storage.contents(LogNames.torn)
        report.tornBytes = cut?.count ?? 0
        var chain = check.chain
        let files = try settle(folder, parts, chain: &chain)
        return Found(chain: chain, files: files, report: report, torn: cut)
    }

    // MARK: Files

    private struct Part {
        let name: String
        let file: any LogFile
        let size: Int
        /// `nil` for an empty active file.
        let firstSeq: Int?
    }

    private func open(_ folder: LogFolderScan) throws -> [Part] {
        try folder.parts.map { part in
            let file = try storage.open(part.name)
            return Part(
                name: part.name, file: file, size: try file.size(),
                firstSeq: try part.namedSeq ?? LogFolderScan.firstSeq(of: file))
        }
    }

    /// A log that has no line yet.
    private func begin(_ folder: LogFolderScan, _ parts: [Part]) throws -> Found {
        let chain = ChainState.empty
        // Before any line, so that a log without a head file is one whose head file was removed.
        let head = LogHead(chain: chain, signedAt: Int(configuration.now()))
        try storage.replace(LogNames.head, with: head.encoded(signer: configuration.signer))
        let active = try parts.last { $0.name == LogNames.active }?.file ?? storage.create(LogNames.active)
        return Found(
            chain: chain, files: LogFiles(storage, active: active, firstSeq: 1), report: RecoveryReport(), torn: nil)
    }

    private func readHead() throws -> LogHead? {
        guard let contents = try storage.contents(LogNames.head) else { return nil }
        do {
            return try LogHead(contents, key: configuration.signer.publicKey)
        } catch {
            throw AuditDamaged(error.kind, "logs/\(LogNames.head): \(error.message)")
        }
    }

    /// The file that the head file speaks of and those after it.
    private func partsFromHead(_ parts: [Part], _ chain: ChainState) throws -> [Part] {
        if let place = parts.firstIndex(where: { $0.firstSeq == chain.file }) { return Array(parts[place...]) }
        // Nothing was written to that file yet; or what was is a torn first line, which the scan will find.
        if chain.bytes == 0, let active = parts.last, active.name == LogNames.active, active.firstSeq == nil {
            return [active]
        }
        if chain.bytes == 0, !parts.contains(where: { $0.name == LogNames.active }) { return [] }
        throw AuditDamaged(
            .fileMissing, "the file that starts with line \(chain.file) is missing, empty or was replaced")
    }

    /// The line before the head's place has to be the one that the head names.
    private func confirm(_ chain: ChainState, in file: any LogFile) throws {
        guard try file.size() >= chain.bytes else {
            throw AuditDamaged(
                .truncated,
                "the log was cut: \(chain.bytes) bytes up to line \(chain.seq) were recorded by the head file")
        }
        guard try Self.hash(ofLineEndingAt: chain.bytes, in: file) == chain.hash else {
            throw AuditDamaged(.headMismatch, "line \(chain.seq) is not the one that the head file names")
        }
    }

    static func hash(ofLineEndingAt end: Int, in file: any LogFile) throws -> LineHash? {
        let count = min(end, LineFormat.maximumLine)
        let bytes = try file.read(at: end - count, count: count)
        guard bytes.count == count, bytes.last == UInt8(ascii: "\n") else { return nil }
        let line = bytes.dropLast()
        let start = line.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? line.startIndex
        return line[start...].withUnsafeBytes { (try? StoredLine($0))?.hash }
    }

    // MARK: Lines

    /// - Returns: Where an unfinished end starts; `nil` when the file ends with a whole line.
    private func scan(_ part: Part, with check: inout ChainCheck, witness: IndexPosition?) throws -> Int? {
        var reader = LineReader(part.file, from: check.chain.bytes, to: part.size)
        while true {
            let start = reader.offset
            enum Step { case line, unfinished, lostPages }
            let step: Step?
            do {
                step = try reader.next { item, bytes in
                    guard case .line = item else { return .unfinished }
                    do {
                        _ = try check.accept(bytes)
                    } catch {
                        // Pages that were not synced read as zeros after a power failure; the log never holds a zero.
                        if bytes.contains(0) { return .lostPages }
                        throw error
                    }
                    return .line
                }
            } catch let problem as LineProblem {
                throw AuditDamaged(problem.kind, "\(part.name), line \(check.chain.seq + 1): \(problem.message)")
            }
            guard let step else { return nil }
            if step != .line { return start }
            if let witness, witness.seq == check.chain.seq, witness.hash != check.chain.hash {
                throw Self.indexMismatch(witness.seq)
            }
        }
    }

    private static func indexMismatch(_ seq: Int) -> AuditDamaged {
        AuditDamaged(
            .indexMismatch, "line \(seq) is not the one that the index saw",
            remedy: "run `execlayer audit verify`; when the index is the wrong one, run `execlayer audit reindex`")
    }

    /// The index only ever sees durable lines: a log that ends before it, or holds another line there, was changed.
    private func compare(_ witness: IndexPosition, with chain: ChainState, start: Int, parts: [Part]) throws {
        guard witness.seq <= chain.seq else {
            throw AuditDamaged(
                .truncated, "the log ends with line \(chain.seq), and the index saw line \(witness.seq)",
                remedy: "run `execlayer audit verify`; when the index is the wrong one, run `execlayer audit reindex`")
        }
        // Later lines were compared while they were scanned.
        guard witness.seq > 0, witness.seq <= start else { return }
        guard try Self.holds(witness, parts) else { throw Self.indexMismatch(witness.seq) }
    }

    /// Whether the line at the position is the one that was seen there.
    private static func holds(_ position: IndexPosition, _ parts: [Part]) throws -> Bool {
        // Right after a rotation the line ends the file before the one that is named.
        let isAtStart = position.end.offset == 0
        let part = parts.last { part in
            guard let first = part.firstSeq else { return false }
            return isAtStart ? first < position.end.file : first == position.end.file
        }
        guard let part, part.size >= position.end.offset else { return false }
        let end = isAtStart ? part.size : position.end.offset
        return try hash(ofLineEndingAt: end, in: part.file) == position.hash
    }

    private func checkMemory(last: Int, parts: [Part]) throws -> AuditLoss? {
        guard let memory else { return nil }
        return try MemoryCheck(memory: memory, now: configuration.now()).run(last: last) {
            try Self.holds($0, parts)
        }
    }

    // MARK: Repair

    /// Keeps the bytes aside until the line that records them is durable, so that a crash meanwhile forgets nothing.
    private func cutOff(_ part: Part, at end: Int) throws -> [UInt8] {
        let bytes = try part.file.read(at: end, count: part.size - end)
        try storage.replace(LogNames.torn, with: bytes)
        try part.file.truncate(to: end)
        try part.file.sync()
        return bytes
    }

    /// Brings a rotation that a crash interrupted to its end.
    private func settle(_ folder: LogFolderScan, _ parts: [Part], chain: inout ChainState) throws -> LogFiles {
        if let active = parts.last, active.name == LogNames.active {
            if folder.hasNext { try storage.remove(LogNames.next) }
            if chain.bytes == 0 { chain.file = chain.seq + 1 }
            return LogFiles(storage, active: active.file, firstSeq: chain.file)
        }
        if folder.hasNext {
            try storage.rename(LogNames.next, to: LogNames.active)
        } else {
            _ = try storage.create(LogNames.active)
        }
        chain.startFile()
        return LogFiles(storage, active: try storage.open(LogNames.active), firstSeq: chain.file)
    }
}
