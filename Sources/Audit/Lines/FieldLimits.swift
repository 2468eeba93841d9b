internal import ToolKit

/// Cuts what is too long for one line (SECURITY R64), longest first, and says so where it cut.
enum FieldLimits {
    /// `fields` as JSON bytes of at most `limit`: strings are shortened step by step; when even that is not enough, the
    /// big members give way to their size and hash.
    static func fit(_ fields: [String: JSONValue], into limit: Int) -> [UInt8] {
        for longest in [4_096, 1_024, 256] {
            let bytes = JSONWriter.write(shortened(.object(fields), to: longest), escaping: .invisible)
            if bytes.count <= limit { return bytes }
        }
        var small: [String: JSONValue] = [:]
        for (name, value) in fields.count <= 256 ? fields : fields.filter({ essentialMembers.contains($0.key) }) {
            let shorter = shortened(value, to: 256)
            let written = JSONWriter.write(shorter, escaping: .invisible)
            if written.count <= 512 {
                small[name] = shorter
            } else {
                let whole = JSONWriter.write(value)
                small[name] = ["size": .integer(whole.count), "sha256": .string(LineHash.of(whole).hex)]
            }
        }
        let bytes = JSONWriter.write(.object(small), escaping: .invisible)
        if bytes.count <= limit { return bytes }
        let essential = small.filter { essentialMembers.contains($0.key) }
        return JSONWriter.write(.object(essential), escaping: .invisible)
    }

    /// Every string in `value` cut to at most `longest` bytes, with what is missing named behind it.
    static func shortened(_ value: JSONValue, to longest: Int) -> JSONValue {
        switch value {
        case .string(let text): .string(shortened(text, to: longest))
        case .array(let elements): .array(elements.map { shortened($0, to: longest) })
        case .object(let members):
            .object(
                Dictionary(members.map { (shortened($0.key, to: longest), shortened($0.value, to: longest)) }) { $1 })
        default: value
        }
    }

    static func shortened(_ text: String, to longest: Int) -> String {
        let count = text.utf8.count
        guard count > longest else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: longest)
        // A character is never cut in two.
        while end > text.utf8.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return "\(text[..<end])… (\(count - text.utf8.distance(from: text.utf8.startIndex, to: end)) bytes more)"
    }

    private static let essentialMembers: Set<String> = [
        "kind", "audit_id", "ts", "tool_name", "status", "agent_id", "principal", "trace_id", "duration_ms", "error",
    ]
}
