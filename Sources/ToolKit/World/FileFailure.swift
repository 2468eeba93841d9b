/// The failures that every file tool shares: one code, one wording, one remedy each.
public enum FileFailure {
    public static func notFound(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "not_found", "\(path) does not exist",
            remedy: "name an existing file; workspace_index lists what is there")
    }

    public static func notAFile(_ path: WorkspacePath, _ kind: String) -> ToolFailure {
        ToolFailure(
            "not_a_regular_file", "\(path) is \(kind), not a regular file", remedy: "name a regular file")
    }

    public static func notAFolder(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure("not_a_folder", "\(path) is not a folder", remedy: "name a folder of the workspace")
    }

    public static func leavesWorkspace(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "path_outside_workspace", "\(path) leads outside the workspace",
            remedy: "name a file that lies inside the workspace, not behind a link that leaves it")
    }

    public static func denied(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "permission_denied", "the system denies access to \(path)",
            remedy: "let the daemon's user have access to the file")
    }

    public static func notGranted(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "policy_blocked", "\(path) leads to a file that this call was not granted",
            remedy: "name the file itself, so that policy can judge it")
    }

    public static func conflict(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "conflict", "\(path) was changed by somebody else meanwhile; nothing was changed",
            remedy: "read the file again and repeat the call")
    }

    public static func noSpace(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "no_space", "there is no space left to write \(path); nothing was changed",
            remedy: "free space on the workspace's disk")
    }

    public static func protected(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "protected_path", "\(path) belongs to git's own files, which no tool may write",
            remedy: "change files of the work tree; git_commit records them")
    }

    public static func masked(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "protected_path", "\(path) lies in the daemon's own folder, which is out of every tool's reach",
            remedy: "name a file outside that folder")
    }

    public static func readOnly(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "read_only", "\(path) lies on a file system that is mounted read-only",
            remedy: "mount it writable, or write elsewhere")
    }

    public static func tooLarge(_ path: WorkspacePath, size: Int, limit: Int) -> ToolFailure {
        ToolFailure(
            "file_too_large", "\(path) has \(size) bytes, more than the \(limit) that this call can take",
            remedy: "work on a smaller file")
    }

    public static func linkToNothing(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "link_refused", "\(path) is a link that leads to no file", remedy: "name the file that is meant")
    }

    public static func badLink(_ path: WorkspacePath) -> ToolFailure {
        ToolFailure(
            "link_refused", "\(path) leads through a loop of links or through a link of the system",
            remedy: "name the file itself")
    }
}
