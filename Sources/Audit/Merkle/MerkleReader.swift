/// Reads subtrees of the log back from the index and, for the last few hundred lines of interest, from the files.
struct MerkleReader {
    let index: any AuditIndex
    let files: LogFiles
    /// Number of lines the index has taken in, or fewer.
    let size: Int

    var proof: InclusionProof {
        InclusionProof(leaves: { try leaves(ofTile: $0) }) { level, positions in
            try index.tiles(level: level, positions: positions).map(\.root)
        }
    }

    /// The tree over the first ``size`` lines, and where the tile under construction starts.
    func tree() throws -> (tree: MerkleTree, tileStart: LinePlace) {
        var frontier: [LineHash] = []
        var done = 0
        let proof = self.proof
        for level in stride(from: Int.bitWidth - 2, through: 0, by: -1) where size >> level & 1 == 1 {
            frontier.append(try proof.root(start: done, count: 1 << level))
            done += 1 << level
        }
        guard let tree = MerkleTree(size: size, frontier: frontier) else {
            throw AuditReadError("the tree over \(size) lines cannot be made again")
        }
        return (tree, try start(ofTile: size / Tile.width))
    }

    /// Leaf hashes of a tile's lines, read from the files.
    private func leaves(ofTile position: Int) throws -> [LineHash] {
        let first = position * Tile.width
        let count = min(Tile.width, size - first)
        var leaves: [LineHash] = []
        leaves.reserveCapacity(count)
        var walk = try LogWalk(files, from: start(ofTile: position), seq: first + 1, through: first + count)
        while let leaf = try walk.next({ _, _, line in try Self.leaf(line) }) { leaves.append(leaf) }
        return leaves
    }

    private static func leaf(_ line: UnsafeRawBufferPointer) throws -> LineHash {
        guard let hash = LineFormat.statedHash(of: line) else {
            throw AuditReadError("a line does not end in its hash")
        }
        return LineHash.leaf(hash)
    }

    private func start(ofTile position: Int) throws -> LinePlace {
        guard position > 0 else { return LinePlace(file: 1, offset: 0) }
        if let start = try index.tiles(level: 8, positions: position..<position + 1).first?.start { return start }
        guard let before = try index.tiles(level: 8, positions: position - 1..<position).first?.start else {
            throw AuditReadError("the index lacks tile \(position - 1)")
        }
        // The tile is not complete yet: it starts where the one before it ends.
        let first = (position - 1) * Tile.width + 1
        var end = before
        var walk = try LogWalk(files, from: before, seq: first, through: first + Tile.width - 1)
        while let span = try walk.next({ _, span, _ in span }) {
            end = LinePlace(file: span.place.file, offset: span.place.offset + span.length)
        }
        return end
    }
}
