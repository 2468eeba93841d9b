internal import ToolKit

/// Changes that cannot be made together, or not here.
enum CommitFailure {
    static func sameFile(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "same_file_twice", "\(path) is the same file as another one of this call, reached through a link",
            remedy: "change each file once")
    }

    static func deletedLink(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure("link_refused", "\(path) is a link; a link is never deleted", remedy: "name the file itself")
    }

    static func belowFile(_ path: WorkspacePath, _ file: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "file_below_file", "\(path) would lie below \(file), which the same call makes a file",
            remedy: "give one of them another name")
    }

    static let nothingKept = ToolFailure(
        "preview_unavailable", "nothing is kept here that a preview could be applied from",
        remedy: "make the call itself, or ask for its plan with dry_run")

    /// Sizes, hashes and numbers of lines would tell what it holds.
    static func unseen(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "preview_unavailable", "policy keeps \(path) from being read, and a preview would show what it holds",
            remedy: "make the call itself, or ask for its plan with dry_run")
    }

    static func notEmpty(_ folder: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "folder_not_empty",
            "\(folder) is a folder that holds more than the call deletes, so no file can take its place",
            remedy: "delete or move what is in the folder as well")
    }
}
