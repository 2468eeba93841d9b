internal import ToolKit

/// Shows a change as a person reads it: a unified diff with three lines of context.
package enum UnifiedDiff {
    package struct Text: Sendable, Hashable {
        package var text: String
        package var isTruncated: Bool
        /// Lines that come and lines that go, together, whatever was cut.
        package var lines = 0
    }

    /// - Parameters:
    ///   - old: `nil` for a new file.
    ///   - new: `nil` for a deleted one.
    ///   - limit: Of the text, in bytes; what goes beyond is cut at the end of a line.
    /// - Returns: `nil` when one of them is not text. Empty when they are equal.
    package static func text(old: [UInt8]?, new: [UInt8]?, path: String, limit: Int = 65_536) -> Text? {
        guard isText(old ?? []), isText(new ?? []) else { return nil }
        guard old != new else { return Text(text: "", isTruncated: false) }
        let left = PatchText.split(old ?? [])
        let right = PatchText.split(new ?? [])
        var writer = DiffWriter(limit: limit)
        writer.line("--- ", old == nil ? "/dev/null" : quoted("a/" + path))
        writer.line("+++ ", new == nil ? "/dev/null" : quoted("b/" + path))
        let edits = LineEdits.between(left, right)
        for hunk in hunks(of: edits) {
            writer.hunk(hunk, left, right)
            if writer.isTruncated { break }
        }
        return Text(
            text: String(decoding: writer.bytes, as: UTF8.self), isTruncated: writer.isTruncated,
            lines: edits.reduce(0) { $0 + $1.old.count + $1.new.count })
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        !bytes.contains(0) && String(validating: bytes, as: UTF8.self) != nil
    }

    /// As git writes a name: in quotes with escapes when it holds something that a line cannot carry.
    private static func quoted(_ name: String) -> String {
        let needsQuotes = name.utf8.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C || $0 >= 0x7F }
        guard needsQuotes else { return name.contains(" ") ? name + "\t" : name }
        var text = "\""
        for byte in name.utf8 {
            switch byte {
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 8)
                text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            }
        }
        return text + "\""
    }

    /// Neighbouring edits whose contexts touch, as one range.
    private static func hunks(of edits: [LineEdit]) -> [[LineEdit]] {
        var hunks: [[LineEdit]] = []
        for edit in edits {
            if let last = hunks.last?.last, edit.old.lowerBound - last.old.upperBound <= 2 * context {
                hunks[hunks.count - 1].append(edit)
            } else {
                hunks.append([edit])
            }
        }
        return hunks
    }

    static let context = 3
}

/// Writes lines until the limit is reached, and never half of one.
private struct DiffWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var isTruncated = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func line(_ prefix: String, _ text: String) { append(Array((prefix + text + "\n").utf8)) }

    mutating func hunk(_ edits: [LineEdit], _ left: [ArraySlice<UInt8>], _ right: [ArraySlice<UInt8>]) {
        guard let first = edits.first, let last = edits.last else { return }
        let before = min(UnifiedDiff.context, first.old.lowerBound)
        let after = min(UnifiedDiff.context, left.count - last.old.upperBound)
        let old = first.old.lowerBound - before..<last.old.upperBound + after
        let new = first.new.lowerBound - before..<last.new.upperBound + after
        line("@@ -", "\(Self.range(old)) +\(Self.range(new)) @@")
        var place = old.lowerBound
        for edit in edits {
            for index in place..<edit.old.lowerBound { content(" ", left[index]) }
            for index in edit.old { content("-", left[index]) }
            for index in edit.new { content("+", right[index]) }
            place = edit.old.upperBound
        }
        for index in place..<old.upperBound { content(" ", left[index]) }
    }

    private static func range(_ range: Range<Int>) -> String {
        switch range.count {
        case 0: "\(range.lowerBound),0"
        case 1: "\(range.lowerBound + 1)"
        default: "\(range.lowerBound + 1),\(range.count)"
        }
    }

    private mutating func content(_ sign: Unicode.Scalar, _ line: ArraySlice<UInt8>) {
        var text = [UInt8(truncatingIfNeeded: sign.value)] + line
        if line.last != 0x0A { text.append(contentsOf: "\n\\ No newline at end of file\n".utf8) }
        append(text)
    }

    private mutating func append(_ line: [UInt8]) {
        guard !isTruncated, bytes.count + line.count <= limit else {
            isTruncated = true
            return
        }
        bytes.append(contentsOf: line)
    }
}
