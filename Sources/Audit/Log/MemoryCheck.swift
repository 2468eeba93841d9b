/// Holds a log against what is remembered of it outside `logs/`. It never keeps the daemon from starting: head file and
/// index do that when they disagree; this is what is left when they are gone.
struct MemoryCheck {
    let memory: any AuditMemory
    let now: Double

    /// - Parameters:
    ///   - last: `seq` of the last line of the log.
    ///   - holds: Whether the log holds the line at that position.
    /// - Returns: What is missing; durably kept by then.
    func run(last: Int, holds: (IndexPosition) throws -> Bool) throws -> AuditLoss? {
        guard let position = try memory.rememberedHead()?.position, position.seq > 0 else { return nil }
        let loss: AuditLoss
        if position.seq > last {
            loss = AuditLoss(lines: last + 1...position.seq, hash: position.hash, isCut: true, foundAt: now)
        } else if try holds(position) {
            return nil
        } else {
            loss = AuditLoss(lines: 1...position.seq, hash: position.hash, isCut: false, foundAt: now)
        }
        try memory.add(loss)
        return loss
    }
}
