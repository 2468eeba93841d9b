internal import ToolKit

/// A file after its patch.
struct PatchedFile: Sendable, Hashable {
    let bytes: [UInt8]
    /// How far each hunk lies from where it stated, in lines; negative is nearer to the start.
    let offsets: [Int]

    /// The largest of them either way.
    var largestOffset: Int { offsets.max { abs($0) < abs($1) } ?? 0 }
}

extension FilePatch {
    /// The content after all hunks. Byte-exact: every old line has to be there as it is, line ends included.
    ///
    /// A hunk that is not where it stated is looked for in both directions, the nearest place first; behind the hunks
    /// before it, whose own shift counts. There is no fuzz.
    ///
    /// - Throws: ``ToolFailure`` with `patch_does_not_apply`, naming the hunk.
    func applied(to content: [UInt8]) throws(ToolFailure) -> PatchedFile {
        guard !hunks.isEmpty else {
            guard change != .delete || content.isEmpty else {
                throw PatchFailure.doesNotFit(path, "it deletes an empty file, but the file is not empty")
            }
            return PatchedFile(bytes: content, offsets: [])
        }
        guard !content.contains(0) else {
            throw ToolFailure(
                "binary_file", "\(source ?? path) is a binary file, which no text patch can change",
                remedy: "patch text files only")
        }
        var placement = HunkPlacement(lines: PatchText.split(content))
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        for (index, hunk) in hunks.enumerated() {
            let floor = placement.floor
            switch placement.place(hunk) {
            case .success(let position):
                for line in placement.lines[floor..<position] { bytes.append(contentsOf: line) }
                for line in hunk.new { bytes.append(contentsOf: line) }
                offsets.append(position - hunk.statedIndex)
            case .failure(let reason):
                throw PatchFailure.doesNotFit(source ?? path, hunk: index + 1, reason.text)
            }
        }
        for line in placement.lines[placement.floor...] { bytes.append(contentsOf: line) }
        guard change != .delete || bytes.isEmpty else {
            throw PatchFailure.doesNotFit(path, "it deletes the file but leaves lines of it")
        }
        return PatchedFile(bytes: bytes, offsets: offsets)
    }
}
