/// Walks stored lines in order from a place on, across rotated files.
struct LogWalk {
    private let files: LogFiles
    private var reader: LineReader
    private var file: Int
    /// Of the next line.
    private var seq: Int
    /// The last line to be walked.
    private let last: Int

    /// - Parameters:
    ///   - place: Where the line `seq` starts, or the end of the file whose last line is `seq - 1`.
    ///   - last: A durable line; the walk ends after it.
    init(_ files: LogFiles, from place: LinePlace, seq: Int, through last: Int) throws {
        self.files = files
        self.seq = seq
        self.last = last
        file = place.file
        reader = try Self.reader(files, place)
    }

    private static func reader(_ files: LogFiles, _ place: LinePlace) throws -> LineReader {
        let file = try files.file(place.file)
        return LineReader(file, from: place.offset, to: try file.size())
    }

    /// - Returns: `nil` after the last line.
    mutating func next<Value>(
        _ body: (_ seq: Int, _ span: LineSpan, _ line: UnsafeRawBufferPointer) throws -> Value
    ) throws -> Value? {
        guard seq <= last else { return nil }
        for _ in 0..<2 {
            let (seq, file) = (seq, file)
            let value = try reader.next { item, line -> Value in
                guard case .line(let start, let length) = item else {
                    throw AuditReadError("the log ends in the middle of line \(seq)")
                }
                return try body(seq, LineSpan(place: LinePlace(file: file, offset: start), length: length), line)
            }
            if let value {
                self.seq += 1
                return value
            }
            guard file != seq else { break }
            self.file = seq
            reader = try Self.reader(files, LinePlace(file: seq, offset: 0))
        }
        throw AuditReadError("the log ends before line \(seq)")
    }
}
