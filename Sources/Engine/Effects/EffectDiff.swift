internal import Crypto
internal import ToolKit

/// How two contents differ, for people and for rules that count lines.
package struct EffectDiff: Sendable, Hashable {
    /// A unified diff.
    package let text: String
    /// Whether it was cut.
    package let isTruncated: Bool
    /// Lines that come and lines that go, together, whatever was cut.
    package let lines: Int

    package init(text: String, isTruncated: Bool, lines: Int) {
        self.text = text
        self.isTruncated = isTruncated
        self.lines = lines
    }

    /// - Parameters:
    ///   - old: `nil`: there was no file.
    ///   - new: `nil`: there is none any more.
    ///   - limit: Of the text, in bytes.
    /// - Returns: `nil` when one of them is no text.
    package typealias Maker = @Sendable (_ old: [UInt8]?, _ new: [UInt8]?, _ path: String, _ limit: Int) -> EffectDiff?
}

/// An effect as answers show it: every deletion, other files as far as there is room, diffs as far as there is room.
struct EffectView {
    /// Bounds of one answer.
    struct Limits {
        /// Files and links beyond the deletions.
        var files = 5_000
        /// In bytes, of all diffs.
        var diffs = 1 << 20
        /// In bytes, of one.
        var diff = 128 << 10
    }

    /// `effects` of the contract.
    let json: JSONValue
    /// Of each file; see ``EffectRecord/lines``.
    let lines: [Int?]

    /// In bytes: larger contents are not compared.
    private static let comparedSize = 4 << 20
    /// In bytes, of one effect: beyond, nothing more is read and compared.
    private static let comparedTotal = 64 << 20

    /// Reads contents, so it blocks.
    ///
    /// - Parameters:
    ///   - contents: `nil` shows no diffs.
    ///   - mayShow: Whether a file's content may be shown to whoever asks.
    ///   - countsAll: Whether lines are counted of files that have no room any more.
    init(
        _ effect: Effect, contents: EffectDesk.Contents?, diff: EffectDiff.Maker, limits: Limits = Limits(),
        countsAll: Bool = false, mayShow: (EffectPath) -> Bool = { _ in true }
    ) {
        let renames = effect.renames
        var files: [JSONValue] = []
        var lines: [Int?] = []
        var room = limits.diffs
        var reading = Self.comparedTotal
        var listed = 0
        var isTruncated = false
        for file in effect.files {
            let isListed = file.after == nil || listed < limits.files
            if file.after != nil { listed += 1 }
            if !isListed { isTruncated = true }
            guard isListed || countsAll else {
                lines.append(nil)
                continue
            }
            var members = Self.members(of: file, renamedFrom: renames[file.path])
            let shows = isListed && contents != nil
            let found = Self.difference(
                of: file, contents, diff, limit: shows ? min(limits.diff, room) : 0, reading: &reading)
            switch found {
            case .same: lines.append(0)
            case .unknown(let isBinary):
                lines.append(nil)
                if isBinary { members["binary"] = true }
            case .text(let difference):
                lines.append(difference.lines)
                members["lines"] = .integer(difference.lines)
                if shows {
                    if mayShow(file.path) {
                        room -= difference.text.utf8.count
                        if !difference.text.isEmpty { members["diff"] = .string(difference.text) }
                        if difference.isTruncated {
                            members["diff_truncated"] = true
                            isTruncated = true
                        }
                    } else {
                        members["diff_withheld"] = "policy does not let this file be read"
                    }
                }
            }
            if isListed { files.append(.object(members)) }
        }
        json = ["files": .array(files), "truncated": .bool(isTruncated)]
        self.lines = lines
    }

    private enum Difference {
        case same
        case unknown(isBinary: Bool)
        case text(EffectDiff)
    }

    private static func difference(
        of file: FileEffect, _ contents: EffectDesk.Contents?, _ diff: EffectDiff.Maker, limit: Int,
        reading: inout Int
    ) -> Difference {
        if let before = file.before, let after = file.after, before.kind == after.kind, before.sha256 == after.sha256 {
            return .same
        }
        let size = (file.before?.size ?? 0) + (file.after?.size ?? 0)
        guard let contents, (file.before?.size ?? 0) <= comparedSize, (file.after?.size ?? 0) <= comparedSize,
            size <= reading
        else { return .unknown(isBinary: false) }
        reading -= size
        guard let old = read(file.before, of: file.path, contents), let new = read(file.after, of: nil, contents) else {
            return .unknown(isBinary: false)
        }
        guard let difference = diff(old, new, file.path.shown, limit) else {
            return .unknown(isBinary: true)
        }
        return .text(difference)
    }

    /// - Parameter path: Where the workspace may still hold it, until the effect is applied.
    /// - Returns: `.some(nil)` for no file, `nil` for what cannot be read: that is not shown; its size and hash are.
    private static func read(
        _ state: FileState?, of path: EffectPath?, _ contents: EffectDesk.Contents
    ) -> [UInt8]?? {
        guard let state else { return .some(nil) }
        if let kept = (try? contents.kept.read(state.sha256, limit: state.size)) ?? nil, kept.count == state.size {
            return kept
        }
        guard let path, state.kind == .file, let bytes = contents.base(path, state.size + 1),
            bytes.count == state.size, Hex.encode(SHA256.hash(data: bytes)) == state.sha256
        else { return nil }
        return bytes
    }

    private static func members(of file: FileEffect, renamedFrom source: EffectPath?) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "path": .string(file.path.shown), "change": .string(file.change.rawValue),
        ]
        members["path_hex"] = file.path.hexIfOdd.map(JSONValue.string)
        members["renamed_from"] = (source?.shown).map(JSONValue.string)
        members["renamed_from_hex"] = (source?.hexIfOdd).map(JSONValue.string)
        members["before"] = file.before.map(json)
        members["after"] = file.after.map(json)
        return members
    }

    private static func json(_ state: FileState) -> JSONValue {
        var members: [String: JSONValue] = [
            "size": .integer(state.size), "sha256": .string(state.sha256), "mode": .string(state.modeText),
        ]
        if state.kind == .link { members["kind"] = "link" }
        return .object(members)
    }
}
