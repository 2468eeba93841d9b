internal import ToolKit

/// What stands between `diff --git` and the first hunk.
private struct GitHeader {
    var isNew = false
    var isDeleted = false
    var renamedFrom: [UInt8]?
    var renamedTo: [UInt8]?
    var copiedFrom: [UInt8]?
    var copiedTo: [UInt8]?
    var isExecutable: Bool?
    var old: PatchParser.Side?
    var new: PatchParser.Side?
}

extension PatchParser {
    mutating func gitFile(_ names: ArraySlice<UInt8>) throws(ToolFailure) -> FilePatch {
        let line = text.lineNumber
        text.advance()
        var header = GitHeader()
        while let next = text.header(), try take(next, into: &header) {}
        let (old, new) = try gitNames(names, header, line: line)
        let path = try PatchName.place(header.isDeleted ? old : new, in: folder, line: line)
        let change = try change(header, old: old, new: new, line: line)
        let hunks = text.header()?.starts(with: "@@ -") == true ? try hunks(of: path) : []
        if case .modify = change, hunks.isEmpty, header.isExecutable == nil {
            throw PatchFailure.malformed("the diff of \(path) says nothing", line: line)
        }
        return FilePatch(
            path: path, change: change, isExecutable: header.isDeleted ? nil : header.isExecutable, hunks: hunks)
    }

    /// - Returns: Whether the line belongs to the header, and the header goes on.
    private mutating func take(_ line: ArraySlice<UInt8>, into header: inout GitHeader) throws(ToolFailure) -> Bool {
        let number = text.lineNumber
        if line.starts(with: "--- ") {
            header.old = try namedSide("--- ")
            header.new = try namedSide("+++ ")
            guard text.header()?.starts(with: "@@ -") == true else {
                throw PatchFailure.malformed("a file header is not followed by a hunk", line: text.lineNumber)
            }
            return false
        }
        if let mode = line.after("old mode ") {
            _ = try isExecutable(mode)
        } else if let mode = line.after("new mode ") {
            header.isExecutable = try isExecutable(mode)
        } else if let mode = line.after("new file mode ") {
            header.isExecutable = try isExecutable(mode)
            header.isNew = true
        } else if let mode = line.after("deleted file mode ") {
            _ = try isExecutable(mode)
            header.isDeleted = true
        } else if let name = line.after("rename from ") {
            header.renamedFrom = try PatchName.whole(name, line: number)
        } else if let name = line.after("rename to ") {
            header.renamedTo = try PatchName.whole(name, line: number)
        } else if let name = line.after("copy from ") {
            header.copiedFrom = try PatchName.whole(name, line: number)
        } else if let name = line.after("copy to ") {
            header.copiedTo = try PatchName.whole(name, line: number)
        } else if let hashes = line.after("index ") {
            // `index 1a2b..3c4d 100644`: the mode that the file has and keeps.
            if let mode = hashes.firstIndex(of: UInt8(ascii: " ")) { _ = try isExecutable(hashes[(mode + 1)...]) }
        } else if !line.starts(with: "similarity index "), !line.starts(with: "dissimilarity index ") {
            try refuseBinary(line)
            return false
        }
        text.advance()
        return true
    }

    private func isExecutable(_ mode: ArraySlice<UInt8>) throws(ToolFailure) -> Bool {
        switch String(decoding: mode, as: UTF8.self) {
        case "100644": return false
        case "100755": return true
        case "120000":
            throw PatchFailure.refused("the patch makes or changes a symbolic link (line \(text.lineNumber))")
        case "160000":
            throw PatchFailure.refused("the patch makes or changes a submodule (line \(text.lineNumber))")
        default:
            throw PatchFailure.refused(
                "the patch has a file mode other than 100644 and 100755 (line \(text.lineNumber))")
        }
    }

    private func change(
        _ header: GitHeader, old: [UInt8], new: [UInt8], line: Int
    ) throws(ToolFailure) -> FilePatch.Change {
        let kinds = [
            header.isNew, header.isDeleted, header.renamedFrom != nil || header.renamedTo != nil,
            header.copiedFrom != nil || header.copiedTo != nil,
        ]
        guard kinds.count(where: { $0 }) <= 1 else {
            throw PatchFailure.malformed("the header of the diff contradicts itself", line: line)
        }
        let isNothing = (old: header.old?.isNothing ?? header.isNew, new: header.new?.isNothing ?? header.isDeleted)
        guard isNothing.old == header.isNew, isNothing.new == header.isDeleted else {
            throw PatchFailure.malformed("the header of the diff contradicts its names", line: line)
        }
        if header.isNew { return .create }
        if header.isDeleted { return .delete }
        if header.renamedFrom != nil { return .rename(from: try PatchName.place(old, in: folder, line: line)) }
        if header.copiedFrom != nil { return .copy(from: try PatchName.place(old, in: folder, line: line)) }
        guard old == new else {
            throw PatchFailure.malformed("the diff has two names but renames nothing", line: line)
        }
        return .modify(mayCreate: false)
    }

    /// Old and new name without prefixes. All places that give a name have to agree.
    private func gitNames(
        _ names: ArraySlice<UInt8>, _ header: GitHeader, line: Int
    ) throws(ToolFailure) -> (old: [UInt8], new: [UInt8]) {
        var candidates: [(old: [UInt8]?, new: [UInt8]?)] = []
        if header.renamedFrom != nil || header.renamedTo != nil {
            candidates.append((header.renamedFrom, header.renamedTo))
        }
        if header.copiedFrom != nil || header.copiedTo != nil {
            candidates.append((header.copiedFrom, header.copiedTo))
        }
        if let old = header.old, let new = header.new { candidates.append(Self.sides(old, new)) }
        if let (old, new) = try headerNames(names, line: line) { candidates.append((old, new)) }
        let old = candidates.compactMap(\.old)
        let new = candidates.compactMap(\.new)
        guard Set(old).count <= 1, Set(new).count <= 1 else {
            throw PatchFailure.malformed("the header of the diff gives different names for one file", line: line)
        }
        guard let oldName = old.first ?? new.first, let newName = new.first ?? old.first else {
            throw PatchFailure.malformed("the header of the diff names no file", line: line)
        }
        return (oldName, newName)
    }

    private static func sides(_ old: Side, _ new: Side) -> (old: [UInt8]?, new: [UInt8]?) {
        let (oldMissing, newMissing) = (old.name == PatchName.nothing, new.name == PatchName.nothing)
        if oldMissing { return (nil, newMissing ? nil : PatchName.stripped(alone: new.name, isOld: false)) }
        if newMissing { return (PatchName.stripped(alone: old.name, isOld: true), nil) }
        let (left, right) = PatchName.stripped(old.name, new.name)
        return (left, right)
    }

    /// The two names behind `diff --git`; without quotes they can only be told apart when they are the same.
    private func headerNames(
        _ names: ArraySlice<UInt8>, line: Int
    ) throws(ToolFailure) -> (old: [UInt8], new: [UInt8])? {
        let space = UInt8(ascii: " ")
        if names.first == UInt8(ascii: "\"") {
            let (old, rest) = try PatchName.quoted(names, line: line)
            guard rest.first == space else { return nil }
            return PatchName.stripped(old, try PatchName.whole(rest.dropFirst(), line: line))
        }
        if names.last == UInt8(ascii: "\""), let quote = names.firstIndex(of: UInt8(ascii: "\"")),
            quote > names.startIndex, names[quote - 1] == space
        {
            let new = try PatchName.whole(names[quote...], line: line)
            return PatchName.stripped(Array(names[..<(quote - 1)]), new)
        }
        let middle = names.startIndex + names.count / 2
        guard !names.count.isMultiple(of: 2), names[middle] == space else { return nil }
        let (old, new) = PatchName.stripped(Array(names[..<middle]), Array(names[(middle + 1)...]))
        return old == new ? (old, new) : nil
    }
}
