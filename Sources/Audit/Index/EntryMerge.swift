/// How lines become entries: the same rule for every index.
package struct EntryMerge {
    /// Entries by their first line, as far as these lines make them; checkpoints make none.
    package private(set) var entries: [IndexedEntry] = []
    /// Outcomes whose intent came before these lines.
    package private(set) var laterOutcomes: [IndexedLine] = []
    private var openPositions: [String: Int] = [:]

    package init(_ lines: [IndexedLine]) {
        entries.reserveCapacity(lines.count)
        for line in lines { take(line) }
    }

    private mutating func take(_ line: IndexedLine) {
        switch line.keys.kind {
        case .checkpoint:
            return
        case .outcome:
            if let position = openPositions.removeValue(forKey: line.keys.auditID) {
                entries[position].close(with: line)
            } else if line.keys.status == "dry_run" {
                entries.append(IndexedEntry(seq: line.seq, keys: line.keys, first: line.span))
            } else {
                laterOutcomes.append(line)
            }
        case .intent:
            openPositions[line.keys.auditID] = entries.count
            entries.append(IndexedEntry(seq: line.seq, keys: line.keys, first: line.span))
        case .refusal, .change:
            entries.append(IndexedEntry(seq: line.seq, keys: line.keys, first: line.span))
        }
    }
}

extension IndexedEntry {
    /// The call has ended: only its status is new, everything else was known at the intent.
    package mutating func close(with line: IndexedLine) {
        outcome = line.span
        outcomeSeq = line.seq
        keys.status = line.keys.status
    }
}
