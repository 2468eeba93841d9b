internal import ToolKit

extension PatchParser {
    /// All hunks of one file, in order and apart from each other.
    mutating func hunks(of path: WorkspacePath) throws(ToolFailure) -> [Hunk] {
        var hunks: [Hunk] = []
        var floor = 0
        while let header = text.header(), header.starts(with: "@@ -") {
            let line = text.lineNumber
            let hunk = try hunk(header, number: hunks.count + 1, of: path)
            guard hunk.statedIndex >= floor else {
                throw PatchFailure.malformed(
                    "hunk \(hunks.count + 1) of \(path) overlaps the one before or is out of order", line: line)
            }
            floor = hunk.statedIndex + hunk.old.count
            hunks.append(hunk)
        }
        try refuseExcess(after: hunks.count, of: path)
        return hunks
    }

    /// `@@ -l[,c] +l[,c] @@`, and the lines that it promises.
    private mutating func hunk(
        _ header: ArraySlice<UInt8>, number: Int, of path: WorkspacePath
    ) throws(ToolFailure) -> Hunk {
        let line = text.lineNumber
        guard let (old, new) = Self.ranges(header) else {
            throw PatchFailure.malformed("the header of hunk \(number) of \(path) cannot be read", line: line)
        }
        guard old.start > 0 || old.count == 0, new.start > 0 || new.count == 0, old.count + new.count > 0 else {
            throw PatchFailure.malformed("the header of hunk \(number) of \(path) counts wrongly", line: line)
        }
        text.advance()
        var body = HunkBody(oldCount: old.count, newCount: new.count)
        while !body.isComplete {
            guard let raw = text.raw, try body.take(raw, line: text.lineNumber) else {
                throw PatchFailure.malformed(
                    "hunk \(number) of \(path) has fewer lines than its header says", line: text.lineNumber)
            }
            text.advance()
        }
        while let raw = text.raw, raw.first == UInt8(ascii: "\\") {
            _ = try body.take(raw, line: text.lineNumber)
            text.advance()
        }
        return Hunk(oldStart: old.start, old: body.old, new: body.new, trailingContext: body.trailingContext)
    }

    /// What stands right behind a hunk must not look as if it still belonged to it. A mail signature may follow.
    private func refuseExcess(after count: Int, of path: WorkspacePath) throws(ToolFailure) {
        guard let next = text.header(), let first = next.first else { return }
        let isSignature = next.elementsEqual("-- ".utf8) || next.elementsEqual("--".utf8)
        let isNextFile = next.starts(with: "--- ") && text.header(ahead: 1)?.starts(with: "+++ ") == true
        guard " +-\\".utf8.contains(first), !isSignature, !isNextFile else { return }
        throw PatchFailure.malformed(
            "hunk \(count) of \(path) has more lines than its header says", line: text.lineNumber)
    }

    private static func ranges(
        _ header: ArraySlice<UInt8>
    ) -> (old: (start: Int, count: Int), new: (start: Int, count: Int))? {
        guard var rest = header.after("@@ -"), let old = range(&rest), rest.popFirst() == UInt8(ascii: " "),
            rest.popFirst() == UInt8(ascii: "+"), let new = range(&rest), rest.starts(with: " @@")
        else { return nil }
        return (old, new)
    }

    private static func range(_ rest: inout ArraySlice<UInt8>) -> (start: Int, count: Int)? {
        guard let start = number(&rest) else { return nil }
        guard rest.first == UInt8(ascii: ",") else { return (start, 1) }
        rest.removeFirst()
        return number(&rest).map { (start, $0) }
    }

    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix { 0x30...0x39 ~= $0 }
        guard 1...9 ~= digits.count else { return nil }
        rest = rest.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

/// The lines of one hunk as they come in.
private struct HunkBody {
    private(set) var old: [ArraySlice<UInt8>] = []
    private(set) var new: [ArraySlice<UInt8>] = []
    private(set) var trailingContext = 0
    private let oldCount: Int
    private let newCount: Int
    /// The sign of the line before.
    private var last: UInt8 = 0
    private var oldEnded = false
    private var newEnded = false

    init(oldCount: Int, newCount: Int) {
        self.oldCount = oldCount
        self.newCount = newCount
    }

    var isComplete: Bool { old.count == oldCount && new.count == newCount }

    /// - Returns: Whether the line belongs to the hunk.
    mutating func take(_ raw: ArraySlice<UInt8>, line: Int) throws(ToolFailure) -> Bool {
        guard let sign = raw.first else { return false }
        switch sign {
        case UInt8(ascii: "\\"): try endWithoutNewline(raw, line: line)
        case UInt8(ascii: "-"): try append(raw.dropFirst(), old: true, new: false, line: line)
        case UInt8(ascii: "+"): try append(raw.dropFirst(), old: false, new: true, line: line)
        case UInt8(ascii: " "): try append(raw.dropFirst(), old: true, new: true, line: line)
        // Some programs strip the blank of an empty line of context.
        case 0x0A: try append(raw, old: true, new: true, line: line)
        default: return false
        }
        last = sign
        trailingContext = sign == UInt8(ascii: " ") || sign == 0x0A ? trailingContext + 1 : trailingContext
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { trailingContext = 0 }
        return true
    }

    private mutating func append(
        _ content: ArraySlice<UInt8>, old isOld: Bool, new isNew: Bool, line: Int
    ) throws(ToolFailure) {
        guard !(isOld && oldEnded), !(isNew && newEnded) else {
            throw PatchFailure.malformed("a line follows one that ends the file", line: line)
        }
        guard !isOld || old.count < oldCount, !isNew || new.count < newCount else {
            throw PatchFailure.malformed("the hunk's lines are not as many as its header says", line: line)
        }
        if isOld { old.append(content) }
        if isNew { new.append(content) }
    }

    /// `\ No newline at end of file`, in whatever language.
    private mutating func endWithoutNewline(_ raw: ArraySlice<UInt8>, line: Int) throws(ToolFailure) {
        let endsOld = last == UInt8(ascii: "-") || last == UInt8(ascii: " ") || last == 0x0A
        let endsNew = last == UInt8(ascii: "+") || last == UInt8(ascii: " ") || last == 0x0A
        guard raw.starts(with: "\\ "), raw.count >= 12, endsOld || endsNew, !(endsOld && oldEnded),
            !(endsNew && newEnded)
        else {
            throw PatchFailure.malformed("a note about a missing line end is out of place", line: line)
        }
        if endsOld { old[old.count - 1].removeLast() }
        if endsNew { new[new.count - 1].removeLast() }
        oldEnded = oldEnded || endsOld
        newEnded = newEnded || endsNew
    }
}
