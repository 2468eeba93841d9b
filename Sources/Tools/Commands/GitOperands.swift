internal import ToolKit

/// Paths of a call as words for git: behind `--`, relative to the folder that git starts in.
enum GitOperands {
    /// - Throws: ``ToolFailure`` with `path_outside_folder` for one that does not lie in `folder`.
    static func words(_ paths: [WorkspacePath], in folder: WorkspacePath?) throws(ToolFailure) -> [String] {
        var words = ["--"]
        for path in paths {
            guard let relative = path.relative(to: folder ?? .root) else {
                throw ToolFailure(
                    "path_outside_folder", "\(path) does not lie in \(folder ?? .root)",
                    remedy: "leave cwd out, or name paths inside it")
            }
            words.append(relative)
        }
        return words
    }

    /// The type of `paths` in a schema.
    static let pathsType = ArgumentType.array(of: .path, count: 1...1_000)
}
