/// Where a log stands after some line. A value: a batch works on a copy, which counts only once the batch is durable.
struct ChainState: Sendable, Hashable {
    /// Of the last line; 0 before the first.
    var seq: Int
    var hash: LineHash
    var tree: MerkleTree
    /// `seq` of the first line of the file that is written to.
    var file: Int
    /// That file's length.
    var bytes: Int
    /// Where the first line of the tile under construction stands.
    var tileStart: LinePlace
    /// Lines since the last checkpoint line.
    var sinceCheckpoint: Int
    var checkpoint: Checkpoint?

    static let empty = ChainState(
        seq: 0, hash: .none, tree: MerkleTree(), file: 1, bytes: 0, tileStart: LinePlace(file: 1, offset: 0),
        sinceCheckpoint: 0, checkpoint: nil)

    /// Takes in one more line of the present file.
    /// - Returns: The line's place.
    mutating func advance(
        _ hash: LineHash, length: Int, isCheckpoint: Bool, completed: (Tile) -> Void
    ) -> LinePlace {
        let place = LinePlace(file: file, offset: bytes)
        if tree.size % Tile.width == 0 { tileStart = place }
        let start = tileStart
        seq += 1
        self.hash = hash
        bytes += length
        sinceCheckpoint = isCheckpoint ? 0 : sinceCheckpoint + 1
        tree.append(hash) { level, position, root in
            completed(Tile(level: level, position: position, root: root, start: level == 8 ? start : nil))
        }
        return place
    }

    /// The next line begins a new file.
    mutating func startFile() {
        file = seq + 1
        bytes = 0
    }
}
