/// Which files a log consists of.
struct LogFolderScan {
    struct Part {
        /// The name's promise for a rotated file; `nil` for the active one, which has to be looked into.
        let namedSeq: Int?
        let name: String
    }

    /// Rotated files in order, then the active one.
    let parts: [Part]
    let hasActive: Bool
    let hasNext: Bool

    init(_ storage: any LogStorage) throws(LogStorageError) {
        let names = try storage.names()
        var parts = names.compactMap { name in
            LogNames.firstSeq(ofRotated: name).map { Part(namedSeq: $0, name: name) }
        }
        parts.sort { ($0.namedSeq ?? 0) < ($1.namedSeq ?? 0) }
        hasActive = names.contains(LogNames.active)
        hasNext = names.contains(LogNames.next)
        if hasActive { parts.append(Part(namedSeq: nil, name: LogNames.active)) }
        self.parts = parts
    }

    /// The `seq` that the first line of `file` names, without any check; `nil` when the file is empty or has no such
    /// line.
    static func firstSeq(of file: any LogFile) throws -> Int? {
        var reader = LineReader(file, from: 0, to: try file.size())
        return try reader.next { item, bytes -> Int? in
            guard case .line = item else { return nil }
            return (try? StoredLine(bytes))?.seq
        } ?? nil
    }
}
