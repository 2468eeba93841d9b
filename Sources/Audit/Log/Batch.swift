internal import ToolKit

/// Lines under construction: they count once they are durable, together.
struct Batch {
    private(set) var chain: ChainState
    private(set) var lines: [IndexedLine] = []
    private(set) var tiles: [Tile] = []
    private(set) var buffer: [UInt8]
    private(set) var hasCheckpoint = false
    private let configuration: AuditLogConfiguration

    /// - Parameter buffer: Storage to be used again.
    init(after chain: ChainState, buffer: consuming [UInt8], configuration: AuditLogConfiguration) {
        self.chain = chain
        self.buffer = buffer
        self.buffer.removeAll(keepingCapacity: true)
        self.configuration = configuration
    }

    mutating func add(_ record: EncodedRecord) throws -> AuditReceipt {
        // A crash may have cut off just the checkpoint that was due.
        if chain.sinceCheckpoint >= configuration.checkpointLines { try addCheckpoint() }
        let receipt = append(record)
        if chain.sinceCheckpoint >= configuration.checkpointLines { try addCheckpoint() }
        return receipt
    }

    mutating func addCheckpoint() throws {
        let now = configuration.now()
        let checkpoint = try Checkpoint(of: chain, at: Int(now), signer: configuration.signer)
        var fields = checkpoint.fields
        fields["kind"] = .string(LineKind.checkpoint.rawValue)
        fields["ts"] = .number(now)
        let keys = LineKeys(kind: .checkpoint, auditID: "", fields: [:])
        _ = append(EncodedRecord(keys: keys, members: fields.map { ($0.key, $0.value) }))
        chain.checkpoint = checkpoint
        hasCheckpoint = true
    }

    private mutating func append(_ record: EncodedRecord) -> AuditReceipt {
        let start = buffer.count
        let prev = chain.hash
        let seq = chain.seq + 1
        let hash = LineFormat.append(record, seq: seq, prev: prev, to: &buffer)
        let length = buffer.count - start
        var completed: [Tile] = []
        let place = chain.advance(hash, length: length, isCheckpoint: record.keys.kind == .checkpoint) {
            completed.append($0)
        }
        tiles += completed
        lines.append(IndexedLine(seq: seq, keys: record.keys, span: LineSpan(place: place, length: length)))
        return AuditReceipt(seq: seq, hash: hash, prev: prev)
    }

    /// Hands the storage back.
    consuming func takeBuffer() -> [UInt8] { buffer }
}
