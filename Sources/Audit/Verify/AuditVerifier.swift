/// Verifies a whole log, file by file, in constant memory, and holds it against its witnesses: the head file, the
/// public key, the index and what the state database remembers, as far as they are there.
///
/// Reads only, and can run beside a daemon that goes on writing.
package struct AuditVerifier {
    private let storage: any LogStorage
    private let key: AuditPublicKey?
    private let index: (any AuditIndex)?
    private let memory: (any AuditMemory)?
    private let checkpointLines: Int?

    /// - Parameters:
    ///   - key: `data/keys/audit.ed25519.pub`. Without it signatures say nothing, only the chain is checked.
    ///   - index: A witness for lines after the last checkpoint.
    ///   - memory: A witness that does not lie in `logs/`; also knows what earlier starts found missing.
    ///   - checkpointLines: The most lines that may stand between two checkpoints.
    package init(
        _ storage: any LogStorage, key: AuditPublicKey?, index: (any AuditIndex)? = nil,
        memory: (any AuditMemory)? = nil,
        checkpointLines: Int? = AuditLogConfiguration.defaultCheckpointLines
    ) {
        self.storage = storage
        self.key = key
        self.index = index
        self.memory = memory
        self.checkpointLines = checkpointLines
    }

    /// - Parameter progress: Told now and then how many bytes were read, and of how many.
    package func verify(progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }) -> Verification {
        var walk = Walk(check: ChainCheck(from: .empty, key: key, checkpointLines: checkpointLines))
        walk.progress = progress
        do {
            // The witnesses first: a daemon that goes on writing then is only ever ahead of them.
            let hasHead = try readHead(&walk)
            readWitnesses(&walk)
            let folder = try LogFolderScan(storage)
            walk.totalBytes = try folder.parts.reduce(0) { try $0 + storage.open($1.name).size() }
            for part in folder.parts where walk.result.problem == nil {
                try verify(part, &walk, isLast: part.name == folder.parts.last?.name)
            }
            if walk.result.problem == nil { finish(&walk, hasHead: hasHead) }
        } catch {
            let line = walk.check.chain.seq + 1
            walk.fail(.unreadable, "the log cannot be read: \(error)", file: walk.file, line: line)
        }
        walk.result.lines = walk.check.chain.seq
        walk.result.head = walk.check.chain.hash
        return walk.result
    }

    private struct Walk {
        var check: ChainCheck
        var result = Verification()
        var head: LogHead?
        var headProblem: LineProblem?
        var hasMetHead = false
        var witness: IndexPosition?
        var remembered: IndexPosition?
        var file = LogNames.active
        var progress: (Int, Int) -> Void = { _, _ in }
        var totalBytes = 0
        var readBytes = 0
        /// When the checkpoints after the head's were signed, the first and the last of them.
        var laterCheckpoints: (first: Int, last: Int)?

        mutating func fail(_ kind: LineProblem.Kind, _ message: String, file: String, line: Int?) {
            guard result.problem == nil else { return }
            result.problem = Verification.Problem(kind: kind, message: message, file: file, line: line)
        }
    }

    /// A witness that cannot be read proves nothing, neither for nor against the log; that it cannot is said.
    private func readWitnesses(_ walk: inout Walk) {
        do {
            walk.witness = try index?.position()
        } catch {
            walk.result.remarks.append("the index cannot be read, so it was no witness")
        }
        do {
            walk.remembered = try memory?.rememberedHead()?.position
            walk.result.losses = try memory?.losses() ?? []
        } catch {
            walk.result.remarks.append("the state database cannot be read, so it was no witness")
        }
    }

    /// - Returns: Whether there is a head file, good or bad.
    private func readHead(_ walk: inout Walk) throws -> Bool {
        guard let contents = try storage.contents(LogNames.head) else { return false }
        guard let key else { return true }
        do throws(LineProblem) {
            let head = try LogHead(contents, key: key)
            walk.head = head
            walk.hasMetHead = head.chain.seq == 0
        } catch {
            walk.headProblem = error
        }
        return true
    }

    private func verify(_ part: LogFolderScan.Part, _ walk: inout Walk, isLast: Bool) throws {
        walk.file = part.name
        let file = try storage.open(part.name)
        let size = try file.size()
        let expected = walk.check.chain.seq + 1
        if let named = part.namedSeq, named != expected {
            let kind: LineProblem.Kind = named > expected ? .fileMissing : .fileMisnamed
            return walk.fail(
                kind, "the file is named for line \(named) where line \(expected) belongs", file: part.name,
                line: expected)
        }
        if walk.check.chain.seq > 0 { walk.check.startFile() }
        walk.result.files += 1
        if part.namedSeq != nil, size == 0 {
            return walk.fail(.truncated, "the file is empty", file: part.name, line: expected)
        }
        var reader = LineReader(file, from: 0, to: size)
        while walk.result.problem == nil {
            let isRead = try reader.next { item, bytes in
                switch item {
                case .line: accept(bytes, &walk)
                case .unfinished(_, let length): unfinished(length, &walk, isLast: isLast)
                }
                return true
            }
            guard isRead != nil else { break }
            if walk.check.chain.seq.isMultiple(of: 1_024) {
                walk.progress(walk.readBytes + reader.offset, walk.totalBytes)
            }
        }
        walk.readBytes += size
    }

    private func accept(_ bytes: UnsafeRawBufferPointer, _ walk: inout Walk) {
        let line = walk.check.chain.seq + 1
        var tiles: [Tile] = []
        do throws(LineProblem) {
            let stored = try walk.check.accept(bytes) { tiles.append($0) }.line
            if stored.keys.kind == .checkpoint, let checkpoint = walk.check.chain.checkpoint {
                walk.result.checkpoints += 1
                if walk.hasMetHead {
                    let first = walk.laterCheckpoints?.first ?? checkpoint.signedAt
                    walk.laterCheckpoints = (first, checkpoint.signedAt)
                }
            }
        } catch {
            // Zeros are what a power failure leaves of pages that were not synced yet.
            let kind = bytes.contains(0) ? LineProblem.Kind.lostPages : error.kind
            let message = kind == .lostPages ? "the line holds zero bytes" : error.message
            if kind == .seqGap, walk.check.chain.bytes == 0, walk.result.files > 1 {
                return walk.fail(
                    .fileMissing, "a file before this one is missing: \(message)", file: walk.file, line: line)
            }
            return walk.fail(kind, message, file: walk.file, line: line)
        }
        compare(tiles, &walk)
    }

    /// Holds the present line against the head file and the index.
    private func compare(_ tiles: [Tile], _ walk: inout Walk) {
        let chain = walk.check.chain
        if let head = walk.head, head.chain.seq == chain.seq {
            walk.hasMetHead = true
            if head.chain.hash != chain.hash || head.chain.tree != chain.tree {
                walk.fail(
                    .headMismatch, "the line is not the one that the head file names", file: walk.file, line: chain.seq)
            }
        }
        if let witness = walk.witness, witness.seq == chain.seq, witness.hash != chain.hash {
            walk.fail(.indexMismatch, "the line is not the one that the index saw", file: walk.file, line: chain.seq)
        }
        if let remembered = walk.remembered, remembered.seq == chain.seq, remembered.hash != chain.hash {
            walk.fail(
                .memoryMismatch, "the line is not the one that the state database remembers", file: walk.file,
                line: chain.seq)
        }
        guard let index else { return }
        for tile in tiles where tile.level == 8 {
            // An index that cannot be read is no witness.
            guard let seen = try? index.tiles(level: 8, positions: tile.position..<tile.position + 1).first else {
                continue
            }
            guard seen.root != tile.root else { continue }
            let first = tile.position * Tile.width + 1
            walk.fail(
                .indexMismatch, "lines \(first) to \(chain.seq) are not those that the index saw", file: walk.file,
                line: chain.seq)
        }
    }

    private func unfinished(_ length: Int, _ walk: inout Walk, isLast: Bool) {
        let line = walk.check.chain.seq + 1
        guard isLast else {
            return walk.fail(.unfinishedLine, "the file ends in the middle of a line", file: walk.file, line: line)
        }
        walk.result.tornBytes = length
    }

    /// Whether the log ends where its witnesses say.
    private func finish(_ walk: inout Walk, hasHead: Bool) {
        let last = walk.check.chain.seq
        if let problem = walk.headProblem {
            walk.fail(problem.kind, problem.message, file: LogNames.head, line: nil)
        }
        if let head = walk.head, head.chain.seq > last {
            let message = "the log ends with line \(last), and the head file knows \(head.chain.seq)"
            walk.fail(.truncated, message, file: walk.file, line: last + 1)
        }
        if let witness = walk.witness, witness.seq > last {
            let message = "the log ends with line \(last), and the index saw \(witness.seq)"
            walk.fail(.truncated, message, file: walk.file, line: last + 1)
        }
        if let remembered = walk.remembered, remembered.seq > last {
            let message = "the log ends with line \(last), and the state database remembers \(remembered.seq)"
            walk.fail(.truncated, message, file: walk.file, line: last + 1)
        }
        if key != nil, !hasHead, last > 0 {
            walk.fail(.headMissing, "the head file is missing", file: LogNames.head, line: nil)
        }
        // The head file is stored right after each checkpoint; only a crash can make it one behind.
        if let later = walk.laterCheckpoints, later.last - later.first > 10 {
            walk.fail(
                .headRolledBack, "the head file is older than checkpoints that followed it: it was put back",
                file: LogNames.head, line: nil)
        }
        // Last, because what is wrong with the log as it stands now is the more urgent.
        for loss in walk.result.losses where loss.acknowledgedAt == nil {
            walk.fail(.linesMissing, loss.sentence, file: LogNames.active, line: loss.lines.lowerBound)
        }
    }
}
