/// The Merkle tree of RFC 6962 over the hashes of all lines, kept as its right edge: one hash for each set bit of the
/// size, so ten million lines take twenty-four.
package struct MerkleTree: Sendable, Hashable {
    package private(set) var size: Int
    /// Roots of the complete subtrees, the largest first.
    package private(set) var frontier: [LineHash]

    package init() {
        size = 0
        frontier = []
    }

    /// One that was stored; `nil` when the number of hashes does not fit the size.
    package init?(size: Int, frontier: [LineHash]) {
        guard size >= 0, size.nonzeroBitCount == frontier.count else { return nil }
        self.size = size
        self.frontier = frontier
    }

    /// - Parameter completed: Called for every subtree of ``Tile/levels`` that this line completes.
    mutating func append(_ line: LineHash, completed: (_ level: Int, _ position: Int, _ root: LineHash) -> Void) {
        var node = LineHash.leaf(line)
        var level = 0
        while size >> level & 1 == 1 {
            node = LineHash.node(frontier.removeLast(), node)
            level += 1
            if level & 7 == 0, Tile.levels.contains(level) { completed(level, size >> level, node) }
        }
        frontier.append(node)
        size += 1
    }

    package mutating func append(_ line: LineHash) {
        append(line) { _, _, _ in }
    }

    package var root: LineHash {
        guard var root = frontier.last else { return LineHash.of([]) }
        for node in frontier.dropLast().reversed() { root = LineHash.node(node, root) }
        return root
    }
}
