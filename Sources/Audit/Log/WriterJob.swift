/// What the writer is asked to do, in the order of asking.
struct WriterJob: Sendable {
    enum Work: Sendable {
        case records([EncodedRecord])
        /// A checkpoint, unless the last line is one.
        case checkpoint
        case rotate
        /// Nothing but what queued before; space is looked at again.
        case flush
    }

    struct Done: Sendable {
        var receipts: [AuditReceipt] = []
        var checkpoint: Checkpoint?
    }

    var work: Work
    /// Called on the writer's thread once the work is durable; `nil` when nobody waits.
    var answer: (@Sendable (Result<Done, AuditUnavailable>) -> Void)?

    /// Whether it may be refused while it has had no effect: nothing that it speaks of has happened yet.
    var isRefusable: Bool {
        guard case .records(let records) = work, answer != nil else { return false }
        return !records.contains { $0.keys.kind == .outcome }
    }

    var bytes: Int {
        guard case .records(let records) = work else { return 1_024 }
        return records.reduce(0) { $0 + $1.bytes.count + 256 }
    }
}
