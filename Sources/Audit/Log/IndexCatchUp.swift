/// Reads lines that the index lacks from the log: after a crash, after falling behind, for a rebuild.
struct IndexCatchUp {
    private static let step = 1_000

    let index: any AuditIndex
    let files: LogFiles
    /// Told after each step how many lines of how many were taken in.
    var progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }

    /// - Parameter last: A durable line.
    /// - Returns: How many lines were taken in.
    func run(through last: Int) throws -> Int {
        let position = try index.position()
        let first = (position?.seq ?? 0) + 1
        guard first <= last else { return 0 }
        var (tree, tileStart) = try MerkleReader(index: index, files: files, size: first - 1).tree()
        var walk = try LogWalk(files, from: position?.end ?? LinePlace(file: 1, offset: 0), seq: first, through: last)
        var lines: [IndexedLine] = []
        var tiles: [Tile] = []
        while true {
            let line = try walk.next { seq, span, bytes throws -> (StoredLine, LineSpan) in
                let line: StoredLine
                do throws(LineProblem) {
                    line = try StoredLine(bytes)
                } catch {
                    throw AuditReadError("line \(seq) cannot be indexed: \(error.message)")
                }
                guard line.seq == seq else { throw AuditReadError("line \(seq) cannot be indexed: it is another line") }
                return (line, span)
            }
            guard let (stored, span) = line else { break }
            if tree.size % Tile.width == 0 { tileStart = span.place }
            let start = tileStart
            tree.append(stored.hash) { level, position, root in
                tiles.append(Tile(level: level, position: position, root: root, start: level == 8 ? start : nil))
            }
            lines.append(IndexedLine(seq: stored.seq, keys: stored.keys, span: span))
            guard lines.count == Self.step || stored.seq == last else { continue }
            let end = LinePlace(file: span.place.file, offset: span.place.offset + span.length)
            try index.add(lines, tiles: tiles, position: IndexPosition(seq: stored.seq, hash: stored.hash, end: end))
            progress(stored.seq - first + 1, last - first + 1)
            lines.removeAll(keepingCapacity: true)
            tiles.removeAll(keepingCapacity: true)
        }
        return last - first + 1
    }
}
