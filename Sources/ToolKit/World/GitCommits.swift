/// A commit as a tool asks for it. Every program that it takes is a command that the gate judged.
public struct GitCommitOrder: Sendable, Hashable {
    /// Stages files first; `nil` to commit what is staged.
    public let staging: Command?
    public let committing: Command
    /// The files and folders that are committed, and no others; `nil` for what is staged.
    public let paths: [WorkspacePath]?

    public init(staging: Command?, committing: Command, paths: [WorkspacePath]?) {
        self.staging = staging
        self.committing = committing
        self.paths = paths
    }

    public var commands: [Command] { [staging, committing].compactMap(\.self) }
}

/// A commit that is in place.
public struct GitCommitResult: Sendable, Hashable {
    public struct File: Sendable, Hashable {
        public enum Change: String, Sendable, Hashable {
            case added
            case modified
            case deleted
            /// A file became a link, or the like.
            case retyped
        }

        /// Relative to the repository; bytes that are not UTF-8 are replaced.
        public let path: String
        public let change: Change

        public init(path: String, change: Change) {
            self.path = path
            self.change = change
        }
    }

    /// Lower-case hexadecimal.
    public let commit: String
    /// `nil` for the first one of a repository.
    public let parent: String?
    /// Without `refs/heads/`; `nil` when no branch is checked out.
    public let branch: String?
    public let files: [File]
    /// Of git's commit itself.
    public let output: CommandResult

    public init(commit: String, parent: String?, branch: String?, files: [File], output: CommandResult) {
        self.commit = commit
        self.parent = parent
        self.branch = branch
        self.files = files
        self.output = output
    }
}

/// Who commits, as the daemon's configuration says; what is missing the repository says.
public struct GitAuthor: Sendable, Hashable {
    public var name: String?
    public var email: String?

    public init(name: String? = nil, email: String? = nil) {
        self.name = name
        self.email = email
    }

    /// For git.
    public var environment: [String: String] {
        var variables: [String: String] = [:]
        for role in ["AUTHOR", "COMMITTER"] {
            variables["GIT_\(role)_NAME"] = name
            variables["GIT_\(role)_EMAIL"] = email
        }
        return variables
    }
}
