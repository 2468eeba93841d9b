internal import Foundation
internal import Machine
internal import ToolKit

/// The folder that agents work in, chosen by whoever starts the daemon and by nobody else.
enum WorkspaceChoice {
    /// - Parameter isForced: Lets `/` and a home directory pass.
    /// - Throws: ``HomeProblem``.
    static func open(_ path: String, isForced: Bool) throws(HomeProblem) -> WorkspaceRoot {
        let root: WorkspaceRoot
        do throws(ToolFailure) {
            root = try WorkspaceRoot(opening: path)
        } catch {
            throw HomeProblem(
                message: "the workspace \(path) is no folder that this user may enter",
                remedy: "name an existing folder with --workspace or EXECUTION_WORKSPACE_ROOT")
        }
        guard !isForced, isTooBroad(root.path) else { return root }
        throw HomeProblem(
            message: "the workspace \(root.path) is \(root.path == "/" ? "the whole machine" : "a home directory"), "
                + "which gives agents far more than a project",
            remedy:
                "name a project's folder with --workspace; if this is what you want, start a daemon on it with "
                + "execlayer serve --force-workspace")
    }

    /// The root, the folders that hold home directories, and any user's home directory.
    private static func isTooBroad(_ path: String) -> Bool {
        // The account's home and the one that the environment names need not be the same.
        let homes = [NSHomeDirectory(), ProcessInfo.processInfo.environment["HOME"] ?? "/"].map {
            URL(fileURLWithPath: $0).resolvingSymlinksInPath().path
        }
        if (["/", "/home", "/root", "/Users"] + homes).contains(path) { return true }
        let components = path.split(separator: "/")
        return components.count == 2 && (components[0] == "home" || components[0] == "Users")
    }
}
