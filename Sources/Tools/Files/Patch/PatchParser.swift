internal import ToolKit

extension Patch {
    /// Reads a diff. Pure: it looks at no file.
    ///
    /// - Parameters:
    ///   - text: One or more unified or git diffs; text before, between and behind them is skipped.
    ///   - folder: What the names are relative to.
    /// - Throws: ``ToolFailure`` with `patch_malformed`, `patch_refused`, `patch_too_large`, `path_outside_workspace` or
    ///   `protected_path`.
    static func parse(_ text: String, in folder: WorkspacePath = .root) throws(ToolFailure) -> Patch {
        var parser = PatchParser(text: PatchText(Array(text.utf8)), folder: folder)
        return try parser.parse()
    }
}

struct PatchParser {
    var text: PatchText
    let folder: WorkspacePath

    init(text: PatchText, folder: WorkspacePath) {
        self.text = text
        self.folder = folder
    }

    mutating func parse() throws(ToolFailure) -> Patch {
        var files: [FilePatch] = []
        var names = PatchNames()
        while let line = text.header() {
            let start = text.lineNumber
            guard let file = try file(at: line) else {
                text.advance()
                continue
            }
            try names.add(file, line: start)
            files.append(file)
        }
        guard !files.isEmpty else {
            throw PatchFailure.malformed("it holds no diff", line: 1)
        }
        try names.requireFolders()
        return Patch(files: files)
    }

    /// The file patch that begins here; `nil` for a line of other text.
    private mutating func file(at line: ArraySlice<UInt8>) throws(ToolFailure) -> FilePatch? {
        if let names = line.after("diff --git ") { return try gitFile(names) }
        if line.starts(with: "--- "), text.header(ahead: 1)?.starts(with: "+++ ") == true { return try plainFile() }
        if line.starts(with: "diff --cc ") || line.starts(with: "diff --combined ") || line.starts(with: "@@@ ") {
            throw PatchFailure.refused("the patch is a combined diff of a merge (line \(text.lineNumber))")
        }
        if line.starts(with: "@@ -") {
            throw PatchFailure.malformed("a hunk comes before any file name", line: text.lineNumber)
        }
        try refuseBinary(line)
        return nil
    }

    func refuseBinary(_ line: ArraySlice<UInt8>) throws(ToolFailure) {
        let isNote = line.starts(with: "Binary files ") && line.suffix(7).elementsEqual(" differ".utf8)
        guard !isNote, !line.elementsEqual("GIT binary patch".utf8) else {
            throw PatchFailure.refused("the patch changes a binary file (line \(text.lineNumber))")
        }
    }
}

/// `--- name`, `+++ name` without anything from git before them.
extension PatchParser {
    private mutating func plainFile() throws(ToolFailure) -> FilePatch {
        let line = text.lineNumber
        let old = try namedSide("--- ")
        let new = try namedSide("+++ ")
        guard text.header()?.starts(with: "@@ -") == true else {
            throw PatchFailure.malformed("a file header is not followed by a hunk", line: text.lineNumber)
        }
        guard !old.isNothing || !new.isNothing else {
            throw PatchFailure.malformed("both names are /dev/null", line: line)
        }
        let name = Self.plainName(old, new)
        let path = try PatchName.place(name, in: folder, line: line)
        let hunks = try hunks(of: path)
        let change: FilePatch.Change =
            if old.isNothing { .create } else if new.isNothing { .delete } else {
                .modify(mayCreate: hunks.count == 1 && hunks.allSatisfy { $0.old.isEmpty && $0.oldStart == 0 })
            }
        return FilePatch(path: path, change: change, isExecutable: nil, hunks: hunks)
    }

    /// A name after `--- ` or `+++ `, and whether it means that there is no file.
    struct Side {
        var name: [UInt8]
        var isNothing: Bool
    }

    mutating func namedSide(_ prefix: StaticString) throws(ToolFailure) -> Side {
        let line = text.lineNumber
        guard let rest = text.header()?.after(prefix) else {
            throw PatchFailure.malformed("the line '\(prefix)' is missing", line: line)
        }
        text.advance()
        if rest.first == UInt8(ascii: "\"") {
            let (name, tail) = try PatchName.quoted(rest, line: line)
            return Side(name: name, isNothing: PatchTime.isEpoch(tail.dropFirst()))
        }
        let name = rest.prefix { $0 != 0x09 }
        let stamp = rest.dropFirst(name.count + 1)
        let isNothing = name.elementsEqual(PatchName.nothing) || PatchTime.isEpoch(stamp)
        return Side(name: Array(name), isNothing: isNothing)
    }

    /// Which of two names a plain diff is about, the folders in front taken off when they are not the file's own.
    private static func plainName(_ old: Side, _ new: Side) -> [UInt8] {
        if old.name == PatchName.nothing { return PatchName.stripped(alone: new.name, isOld: false) }
        if new.name == PatchName.nothing { return PatchName.stripped(alone: old.name, isOld: true) }
        guard old.name != new.name else { return new.name }
        let (left, right) = PatchName.stripped(old.name, new.name)
        if left == right { return right }
        let (leftRest, rightRest) = (belowFirstFolder(left), belowFirstFolder(right))
        if let leftRest, leftRest == rightRest { return leftRest }
        // `diff -u file.orig file`: the shorter one is the file, the other its copy.
        return left.starts(with: right) || !right.starts(with: left) ? right : left
    }

    private static func belowFirstFolder(_ name: [UInt8]) -> [UInt8]? {
        name.firstIndex(of: UInt8(ascii: "/")).map { Array(name[($0 + 1)...]) }
    }
}
