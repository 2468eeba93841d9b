/// Makes the proof of RFC 6962, 2.1.1 that a line is in the log, from tiles and the lines of at most two tiles.
struct InclusionProof {
    /// The leaf hashes of tile `position` of level 8, as many as there are up to the tree's size.
    let leaves: (_ position: Int) throws -> [LineHash]
    /// Roots of complete tiles.
    let tiles: (_ level: Int, _ positions: Range<Int>) throws -> [LineHash]

    /// - Parameters:
    ///   - index: `seq - 1` of the line.
    ///   - size: The tree's size; greater than `index`.
    func path(for index: Int, in size: Int) throws -> [LineHash] {
        try path(index, start: 0, count: size)
    }

    private func path(_ index: Int, start: Int, count: Int) throws -> [LineHash] {
        guard count > 1 else { return [] }
        let left = Self.largestPowerOfTwo(below: count)
        if index < left {
            return try path(index, start: start, count: left) + [root(start: start + left, count: count - left)]
        }
        return try path(index - left, start: start + left, count: count - left) + [root(start: start, count: left)]
    }

    /// The root of `count` lines from `start` on; complete subtrees are aligned by construction.
    func root(start: Int, count: Int) throws -> LineHash {
        guard count.nonzeroBitCount == 1 else {
            let left = Self.largestPowerOfTwo(below: count)
            return try LineHash.node(
                root(start: start, count: left), root(start: start + left, count: count - left))
        }
        let level = count.trailingZeroBitCount
        guard let base = Tile.levels.last(where: { $0 <= level }) else {
            let hashes = try leaves(start / Tile.width)
            let first = start % Tile.width
            guard first + count <= hashes.count else { throw AuditReadError("lines needed for the proof are missing") }
            return Self.combine(Array(hashes[first..<first + count]))
        }
        let first = start >> base
        let positions = first..<first + count >> base
        let roots = try tiles(base, positions)
        guard roots.count == positions.count else { throw AuditReadError("tiles needed for the proof are missing") }
        return Self.combine(roots)
    }

    /// - Parameter nodes: A power of two of them.
    private static func combine(_ nodes: [LineHash]) -> LineHash {
        var nodes = nodes
        while nodes.count > 1 {
            nodes = stride(from: 0, to: nodes.count, by: 2).map { LineHash.node(nodes[$0], nodes[$0 + 1]) }
        }
        return nodes[0]
    }

    static func largestPowerOfTwo(below count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
