/// The root of a complete subtree of 256, 65,536 or 16,777,216 lines. Kept so that a proof about one line reads a few
/// hundred hashes however long the log is.
package struct Tile: Sendable, Hashable {
    /// Heights of the subtrees that are kept.
    package static let levels = [8, 16, 24]
    package static let width = 256

    package var level: Int
    /// Counts from 0: the tile covers lines `position << level` up to the next tile.
    package var position: Int
    package var root: LineHash
    /// Where its first line stands; only at level 8.
    package var start: LinePlace?

    package init(level: Int, position: Int, root: LineHash, start: LinePlace?) {
        self.level = level
        self.position = position
        self.root = root
        self.start = start
    }
}

/// A place in the log that stays right when a file is rotated.
package struct LinePlace: Sendable, Hashable {
    /// The `seq` of the file's first line.
    package var file: Int
    /// Bytes from the start of the file.
    package var offset: Int

    package init(file: Int, offset: Int) {
        self.file = file
        self.offset = offset
    }
}
