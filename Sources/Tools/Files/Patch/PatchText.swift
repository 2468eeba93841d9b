/// The lines of a patch and a place among them.
struct PatchText {
    /// Each with its line feed.
    private let lines: [ArraySlice<UInt8>]
    private(set) var index = 0

    /// - Parameter text: A missing line feed at the very end is supplied.
    init(_ text: [UInt8]) {
        lines = Self.split(text.last == 0x0A || text.isEmpty ? text : text + [0x0A])
    }

    /// Whole lines with their ends; only the last may lack one.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
            lines.append(bytes[start..<end])
            start = end
        }
        return lines
    }

    /// Counted from 1, for messages.
    var lineNumber: Int { index + 1 }

    var raw: ArraySlice<UInt8>? { index < lines.count ? lines[index] : nil }

    /// The line without its end, as a header reads; a whole patch with carriage returns is fine there.
    func header(ahead: Int = 0) -> ArraySlice<UInt8>? {
        guard index + ahead < lines.count else { return nil }
        let line = lines[index + ahead].dropLast()
        return line.last == 0x0D ? line.dropLast() : line
    }

    mutating func advance() { index += 1 }
}

extension ArraySlice<UInt8> {
    func starts(with text: StaticString) -> Bool {
        starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// What follows `prefix`, or `nil` when the line does not begin with it.
    func after(_ prefix: StaticString) -> ArraySlice<UInt8>? {
        starts(with: prefix) ? dropFirst(prefix.utf8CodeUnitCount) : nil
    }
}
