internal import ToolKit

/// A unified or git diff, read as a value: nothing of it has touched a file yet (SECURITY R6).
struct Patch: Sendable, Hashable {
    /// In the order of the text. Each name is taken away once and given anew once at most (``PatchNames``).
    let files: [FilePatch]
}

/// What a patch says about one file.
struct FilePatch: Sendable, Hashable {
    enum Change: Sendable, Hashable {
        /// - Parameter mayCreate: A plain diff against nothing does not say whether the file was missing or empty.
        case modify(mayCreate: Bool)
        case create
        case delete
        case rename(from: WorkspacePath)
        case copy(from: WorkspacePath)
    }

    /// The name afterwards; for a deletion the one that goes.
    let path: WorkspacePath
    let change: Change
    /// `nil` leaves the mode as it is.
    let isExecutable: Bool?
    let hunks: [Hunk]

    /// Whose content the hunks start from; `nil` for a new file.
    var source: WorkspacePath? {
        switch change {
        case .create: nil
        case .modify, .delete: path
        case .rename(let origin), .copy(let origin): origin
        }
    }

    /// The name that goes: its file is deleted, or has another name afterwards.
    var taken: WorkspacePath? {
        switch change {
        case .delete: path
        case .rename(let origin): origin
        case .modify, .create, .copy: nil
        }
    }

    /// The name that stands for a new content afterwards.
    var given: WorkspacePath? { change == .delete ? nil : path }

    /// The content of a file that is renamed or copied is read under its old name as well: it may go where more people
    /// may look.
    var places: [Access.Place] {
        let writes = [taken, given].compactMap(\.self).map { Access.Place($0, .write) }
        return switch change {
        case .rename(let origin), .copy(let origin): [Access.Place(origin, .read)] + writes
        default: writes
        }
    }
}

/// One group of changed lines with the lines around them.
struct Hunk: Sendable, Hashable {
    /// As stated, counted from 1; 0 for a file without lines.
    let oldStart: Int
    /// Whole lines with their ends, context included; only the last line of a file may lack its end.
    let old: [ArraySlice<UInt8>]
    let new: [ArraySlice<UInt8>]
    /// How many lines of context follow the last change.
    let trailingContext: Int

    /// Where the old lines begin, counted from 0. A hunk without old lines names the line *after* which it inserts.
    var statedIndex: Int { old.isEmpty ? oldStart : oldStart - 1 }

    /// A hunk that states the first line means it, as `git apply` reads it.
    var isAnchoredAtStart: Bool { oldStart <= 1 }

    /// Without context behind the last change the file has to end there.
    var isAnchoredAtEnd: Bool { trailingContext == 0 }
}

enum PatchFailure {
    static func malformed(_ reason: String, line: Int) -> ToolFailure {
        ToolFailure(
            "patch_malformed", "line \(line) of the patch: \(reason)",
            remedy: "pass a unified diff as diff -u or git diff prints it")
    }

    static func refused(_ reason: String) -> ToolFailure {
        ToolFailure("patch_refused", reason, remedy: "pass a patch of regular text files below the working folder")
    }

    /// The most files that one patch may touch; a rename touches two.
    static let fileLimit = 1_000

    static let tooLarge = ToolFailure(
        "patch_too_large", "the patch touches more than \(fileLimit) files",
        remedy: "split it into patches of at most \(fileLimit) files each")

    static func doesNotFit(_ path: WorkspacePath, hunk: Int, _ reason: String) -> ToolFailure {
        ToolFailure(
            "patch_does_not_apply", "hunk \(hunk) of \(path) does not apply: \(reason); nothing was changed",
            remedy: "read the file again and make the patch anew")
    }

    static func doesNotFit(_ path: WorkspacePath, _ reason: String) -> ToolFailure {
        ToolFailure(
            "patch_does_not_apply", "the patch of \(path) does not apply: \(reason); nothing was changed",
            remedy: "read the file again and make the patch anew")
    }
}
