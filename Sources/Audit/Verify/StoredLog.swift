package import ToolKit

/// A log as it lies on disk, for looking something up without being the one who writes it: takes no lock, changes
/// nothing, and works beside a daemon.
package struct StoredLog {
    private let storage: any LogStorage
    private let index: (any AuditIndex)?
    private let key: AuditPublicKey?

    /// - Parameters:
    ///   - index: Makes it quick; without it, or where it is behind, the lines are searched.
    ///   - key: Of the head file; without it receipts name no checkpoint.
    package init(_ storage: any LogStorage, index: (any AuditIndex)?, key: AuditPublicKey?) {
        self.storage = storage
        self.index = index
        self.key = key
    }

    /// An entry and the receipt of its last line; `nil` when there is none of that id.
    package func entry(_ auditID: String) throws -> (entry: JSONValue, receipt: AuditReceipt)? {
        let folder = try LogFolderScan(storage)
        guard let files = try open(folder) else { return nil }
        let reader = EntryReader(files: files)
        // An index that cannot be read, or names another line there, is no help; the lines themselves are.
        let indexed = (try? index?.entry(auditID: auditID)).flatMap { $0 }
        if let indexed, !indexed.isOpen, let line = try? reader.line(indexed.outcome ?? indexed.first, of: indexed) {
            return (reader.entry(indexed), receipt(of: line, files))
        }
        guard let found = try search(auditID, folder) else { return nil }
        return (reader.entry(found), receipt(of: try reader.line(found.outcome ?? found.first, of: found), files))
    }

    private func open(_ folder: LogFolderScan) throws -> LogFiles? {
        guard let last = folder.parts.last else { return nil }
        let file = try storage.open(last.name)
        guard let firstSeq = try last.namedSeq ?? LogFolderScan.firstSeq(of: file) else {
            // An empty active file behind rotated ones.
            guard let before = folder.parts.dropLast().last, let seq = before.namedSeq else { return nil }
            return LogFiles(storage, active: try storage.open(before.name), firstSeq: seq)
        }
        return LogFiles(storage, active: file, firstSeq: firstSeq)
    }

    /// Reads only lines that hold the id at all.
    private func search(_ auditID: String, _ folder: LogFolderScan) throws -> IndexedEntry? {
        let needle = Array("\"audit_id\":\"\(auditID)\"".utf8)
        var lines: [IndexedLine] = []
        for part in folder.parts {
            let file = try storage.open(part.name)
            guard let firstSeq = try part.namedSeq ?? LogFolderScan.firstSeq(of: file) else { continue }
            var reader = LineReader(file, from: 0, to: try file.size())
            while let line = try reader.next({ item, bytes -> IndexedLine? in
                guard case .line(let start, let length) = item, bytes.contains(needle),
                    let stored = try? StoredLine(bytes), stored.keys.auditID == auditID
                else { return nil }
                let span = LineSpan(place: LinePlace(file: firstSeq, offset: start), length: length)
                return IndexedLine(seq: stored.seq, keys: stored.keys, span: span)
            }) {
                if let line { lines.append(line) }
            }
        }
        return EntryMerge(lines).entries.last
    }

    private func receipt(of line: StoredLine, _ files: LogFiles) -> AuditReceipt {
        var receipt = AuditReceipt(seq: line.seq, hash: line.hash, prev: line.prev)
        guard let index, let checkpoint = newestCheckpoint(), checkpoint.size >= line.seq,
            let indexed = try? index.position()?.seq, indexed >= checkpoint.size
        else { return receipt }
        let reader = MerkleReader(index: index, files: files, size: checkpoint.size)
        // What cannot be proved is left out: a receipt without a proof claims nothing false.
        guard let path = try? reader.proof.path(for: line.seq - 1, in: checkpoint.size) else { return receipt }
        receipt.checkpoint = checkpoint
        receipt.inclusionProof = path
        return receipt
    }

    private func newestCheckpoint() -> Checkpoint? {
        guard let key, let contents = try? storage.contents(LogNames.head) else { return nil }
        return (try? LogHead(contents, key: key))?.chain.checkpoint
    }
}

extension UnsafeRawBufferPointer {
    /// The id stands close to the start of its line, because members are sorted.
    fileprivate func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first, count >= needle.count else { return false }
        for start in 0...(count - needle.count) where self[start] == first {
            if self[start..<start + needle.count].elementsEqual(needle) { return true }
        }
        return false
    }
}
