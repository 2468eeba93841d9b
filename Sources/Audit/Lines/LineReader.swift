/// Walks the lines of one file in blocks: constant memory, whatever the size.
struct LineReader {
    private let file: any LogFile
    private let end: Int
    private var block: [UInt8] = []
    private var blockStart: Int
    private var position = 0

    /// - Parameter end: Where to stop; what is written behind it meanwhile is not read.
    init(_ file: any LogFile, from offset: Int, to end: Int) {
        self.file = file
        self.end = end
        blockStart = offset
    }

    /// Where the next line starts.
    var offset: Int { blockStart + position }

    enum Item {
        case line(start: Int, length: Int)
        /// The last bytes of the file, without a newline behind them.
        case unfinished(start: Int, length: Int)
    }

    /// Calls `body` with the next line's bytes, newline excluded.
    /// - Returns: `nil` at the end.
    mutating func next<Value>(
        _ body: (Item, UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value? {
        var searched = position
        while true {
            if let newline = block[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = position..<newline
                position = newline + 1
                let item = Item.line(start: blockStart + line.lowerBound, length: line.count + 1)
                return try block.withUnsafeBytes { try body(item, UnsafeRawBufferPointer(rebasing: $0[line])) }
            }
            searched = block.count
            // A line beyond every bound is handed over as it is: the caller finds it too long.
            let tooLong = block.count - position > LineFormat.maximumLine
            let unread = end - blockStart - block.count
            if unread > 0, !tooLong {
                block.removeSubrange(..<position)
                blockStart += position
                searched -= position
                position = 0
                let more = try file.read(at: blockStart + block.count, count: min(unread, 262_144))
                guard !more.isEmpty else { throw LogStorageError(.read, code: 0) }
                block.append(contentsOf: more)
                continue
            }
            let rest = position..<block.count
            guard !rest.isEmpty else { return nil }
            position = block.count
            let start = blockStart + rest.lowerBound
            let item =
                tooLong ? Item.line(start: start, length: rest.count) : .unfinished(start: start, length: rest.count)
            return try block.withUnsafeBytes { try body(item, UnsafeRawBufferPointer(rebasing: $0[rest])) }
        }
    }
}
