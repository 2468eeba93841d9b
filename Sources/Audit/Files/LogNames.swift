/// The names in the folder `logs/` (CONTRACT, "Audit").
package enum LogNames {
    package static let active = "tools_audit.jsonl"
    /// The next active file while a rotation is under way; always empty.
    static let next = "tools_audit.next.jsonl"
    package static let head = "tools_audit.head"
    /// Bytes cut off at a start-up, until the line that records this is durable.
    static let torn = "tools_audit.torn"

    /// Where a file rests after rotation: named by the `seq` of its first line.
    package static func rotated(firstSeq: Int) -> String {
        let digits = String(firstSeq)
        return "tools_audit.\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).jsonl"
    }

    /// The first `seq` that a rotated file's name promises; `nil` for any other name.
    static func firstSeq(ofRotated name: String) -> Int? {
        guard name.hasPrefix("tools_audit."), name.hasSuffix(".jsonl") else { return nil }
        let digits = name.dropFirst("tools_audit.".count).dropLast(".jsonl".count)
        guard digits.count >= 12, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
