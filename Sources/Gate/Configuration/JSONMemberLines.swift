internal import ToolKit

/// Finds the lines on which the members of a JSON document's outer two levels start.
///
/// Reads only what ``JSONReader`` has accepted, so strings are closed and braces match.
struct JSONMemberLines {
    private var lines: [[String]: Int] = [:]

    init(_ bytes: [UInt8]) {
        var line = 1
        var depth = 0
        var outer = ""
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                let end = Self.endOfString(bytes, from: position)
                if depth <= 2, Self.isMemberName(bytes, endingAt: end),
                    let name = try? JSONReader.read(bytes[position...end]).stringValue
                {
                    // The reader has accepted this string once already; it cannot fail here.
                    if depth == 1 { outer = name }
                    lines[depth == 1 ? [name] : [outer, name]] = line
                }
                position = end
            default: break
            }
            position += 1
        }
    }

    /// - Parameter path: One or two member names, the outer one first.
    subscript(path: String...) -> Int? { lines[path] }

    /// The place of the closing quote.
    private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
        var position = start + 1
        while position < bytes.count - 1, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position, bytes.count - 1)
    }

    private static func isMemberName(_ bytes: [UInt8], endingAt end: Int) -> Bool {
        let next = bytes[(end + 1)...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return next == UInt8(ascii: ":")
    }
}
