package import ToolKit

/// `git commit` of what is staged, or of the files that are named, and nothing beyond.
///
/// Git makes the commit where it can change nothing of the repository; objects, index, reference and log are put in place
/// when it was looked at (SECURITY R5). Nothing is signed, no hook and no filter runs (SECURITY R20).
package struct GitCommit: ProgramTool {
    package struct Arguments: ToolArguments {
        package let message: String
        package let paths: [WorkspacePath]?
        package let cwd: WorkspacePath?

        package static let schema = ArgumentSchema(
            .required("message", .string(minLength: 1, maxLength: 65_536), "The commit message, as it is."),
            .optional(
                "paths", GitOperands.pathsType,
                "Files and folders, relative to the workspace, that are staged and committed, new ones included, and "
                    + "no others; without them, what is staged."),
            .optional("cwd", .path, "A folder of the repository; the workspace by default."))
    }

    package let name = "git_commit"
    package let description =
        "Commits the named files, or what is staged, to the branch that is checked out. Signs nothing and runs no hook."
    package let risk = Risk.medium
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Commit", readOnly: false)
    package let availability: Availability
    package let timeLimit = Duration.seconds(300)
    /// As the configuration says at the moment.
    private let author: @Sendable () -> GitAuthor

    package init(
        availability: Availability = .available, author: @escaping @Sendable () -> GitAuthor = { GitAuthor() }
    ) {
        self.availability = availability
        self.author = author
    }

    /// A file that policy keeps from being written or read is kept from being committed as well.
    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        let places = (arguments.paths ?? []).map { Access.Place($0, .write) }
        return Access(places: places, commands: try order(arguments).commands)
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try context.commands.plan(try order(arguments), limits: Self.limits)
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let made = try await context.commands.commit(try order(arguments), limits: Self.limits)
        let files = made.files.prefix(Self.shownFiles).map { file -> JSONValue in
            ["path": .string(file.path), "change": .string(file.change.rawValue)]
        }
        let summary = "\(made.files.count) \(made.files.count == 1 ? "file" : "files") on \(made.branch ?? "no branch")"
        var members: [String: JSONValue] = [
            "commit": .string(made.commit), "parent": JSONValue(made.parent), "branch": JSONValue(made.branch),
            "files": .array(files), "files_changed": .integer(made.files.count), "summary": .string(summary),
        ]
        if made.files.count > files.count { members["files_truncated"] = true }
        members.merge(made.output.members) { own, _ in own }
        return ToolOutput(
            .object(members), summary: "\(made.commit): \(summary)", confinement: made.output.confinement)
    }

    private func order(_ arguments: Arguments) throws(ToolFailure) -> GitCommitOrder {
        guard arguments.message.contains(where: { !$0.isWhitespace }) else {
            throw ToolFailure("empty_message", "message is empty", remedy: "say what the commit does")
        }
        guard !ControlFiles.isProtected(arguments.cwd ?? .root) else {
            throw FileFailure.protected(arguments.cwd ?? .root)
        }
        let operands = try arguments.paths.map { paths throws(ToolFailure) in
            try GitOperands.words(paths, in: arguments.cwd)
        }
        let environment = author().environment
        func command(_ words: [String]) throws(ToolFailure) -> Command {
            Command(
                try CommandAnswer.words(["git"] + words), in: arguments.cwd ?? .root, view: .committing,
                environment: environment)
        }
        let message = ["commit", "--quiet", "--cleanup=whitespace", "--message=" + arguments.message]
        return GitCommitOrder(
            staging: try operands.map { words throws(ToolFailure) in try command(["add", "--all"] + words) },
            committing: try command(message + (operands.map { ["--only"] + $0 } ?? [])), paths: arguments.paths)
    }

    private static let limits = CommandLimits(wallTime: .seconds(60))
    private static let shownFiles = 1_000
}
