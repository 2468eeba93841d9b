/// Holds lines against the chain, one after the other: what the verifier and the recovery at start-up share.
struct ChainCheck {
    private(set) var chain: ChainState
    private let key: AuditPublicKey?
    /// The most lines there may be between two checkpoints; `nil`: any.
    private let checkpointLines: Int?
    /// Intents without outcome so far; `nil` when the walk does not start at the first line. As many as calls ever ran
    /// at once: recovery closes the others.
    private var open: Set<String>?

    init(from chain: ChainState, key: AuditPublicKey?, checkpointLines: Int?) {
        self.chain = chain
        self.key = key
        self.checkpointLines = checkpointLines
        open = chain.seq == 0 ? [] : nil
    }

    /// Takes in the next line of the present file.
    /// - Parameters:
    ///   - line: Without its newline.
    ///   - completed: Called for each tile that the line completes.
    mutating func accept(
        _ line: UnsafeRawBufferPointer, completed: (Tile) -> Void = { _ in }
    ) throws(LineProblem) -> (line: StoredLine, span: LineSpan) {
        let stored = try StoredLine(line)
        try follow(stored)
        let isCheckpoint = stored.keys.kind == .checkpoint
        var checkpoint = chain.checkpoint
        if isCheckpoint { checkpoint = try self.checkpoint(stored) } else { try pair(stored) }
        if let checkpointLines, !isCheckpoint, chain.sinceCheckpoint >= checkpointLines {
            throw LineProblem(
                .checkpointMissing, "\(checkpointLines) lines passed without the checkpoint that belongs here")
        }
        let length = line.count + 1
        let place = chain.advance(stored.hash, length: length, isCheckpoint: isCheckpoint, completed: completed)
        chain.checkpoint = checkpoint
        return (stored, LineSpan(place: place, length: length))
    }

    private func follow(_ line: StoredLine) throws(LineProblem) {
        let expected = chain.seq + 1
        if line.seq > expected {
            let missing = line.seq - expected
            throw LineProblem(
                .seqGap, "the line has seq \(line.seq) where \(expected) belongs: \(missing) missing before it")
        }
        if line.seq < expected {
            throw LineProblem(
                .seqRepeated, "the line has seq \(line.seq) where \(expected) belongs: it is repeated or out of order")
        }
        guard line.prev == chain.hash else {
            throw LineProblem(.prevMismatch, "the line does not name the hash of the line before it")
        }
    }

    private mutating func pair(_ line: StoredLine) throws(LineProblem) {
        guard open != nil else { return }
        switch line.keys.kind {
        case .intent:
            guard open?.insert(line.keys.auditID).inserted == true else {
                throw LineProblem(.intentRepeated, "a second intent has the audit_id of an open one")
            }
        case .outcome where line.keys.status != "dry_run":
            guard open?.remove(line.keys.auditID) != nil else {
                throw LineProblem(.outcomeWithoutIntent, "the outcome belongs to no open intent")
            }
        default:
            return
        }
    }

    private func checkpoint(_ line: StoredLine) throws(LineProblem) -> Checkpoint {
        guard let checkpoint = Checkpoint(fields: line.fields) else {
            throw LineProblem(.checkpointForged, "the checkpoint lacks a member")
        }
        if let key {
            guard checkpoint.publicKey == key else {
                throw LineProblem(.checkpointForged, "the checkpoint is signed with another key")
            }
            guard checkpoint.isSigned(by: key) else {
                throw LineProblem(.checkpointForged, "the checkpoint's signature does not fit its contents")
            }
        }
        guard checkpoint.size == chain.tree.size, checkpoint.head == chain.hash, checkpoint.root == chain.tree.root
        else {
            throw LineProblem(.checkpointMismatch, "the checkpoint was signed over other lines than those before it")
        }
        return checkpoint
    }

    /// The next line stands in another file.
    mutating func startFile() { chain.startFile() }
}
