/// How git is really started: from the words that were judged, by constant additions and nothing else.
///
/// The additions are of two kinds. ``environment`` holds the settings that switch off everything a repository can make
/// git execute. ``arguments`` are the judged ones with `--no-pager` in front and, where the subcommand takes them,
/// `--no-ext-diff`, `--no-textconv` and `--ignore-submodules=dirty` behind it, because an option is stronger than any
/// attribute.
///
/// Not decidable here: clean, smudge and process filters are switched off by name only, so the caller says which names
/// the repository's configuration defines (``GitConfigScan``). Whatever gets past all this meets the sandbox.
public struct GitInvocation: Sendable, Hashable {
    public let arguments: [String]
    public let environment: [String: String]

    /// - Parameters:
    ///   - judged: The words behind `git`, as the policy let them pass; no global option but harmless ones.
    ///   - workspace: The root of the workspace as git sees it, absolute, without a slash at the end.
    ///   - repository: Where the `.git` *folder* lies that was found and verified; without one git looks for itself,
    ///     never above the workspace.
    ///   - filters: Names of configured filters.
    ///   - quarantine: Where everything goes that git writes; without one git finds nothing that it can write to.
    ///   - hidden: Places that are empty for git although they are not on disk, relative to the repository's folder: it
    ///     looks away from them instead of telling that they were deleted, and what was in them.
    public init(
        judged: [String], workspace: String, repository: WorkspacePath? = nil, filters: [String] = [],
        quarantine: GitQuarantine? = nil, hidden: [WorkspacePath] = []
    ) {
        arguments = ["--no-pager"] + Self.forced(judged, hidden: repository == nil ? [] : hidden)
        var environment = Self.everywhere
        environment["GIT_CEILING_DIRECTORIES"] = Self.parent(of: workspace)
        var owned = [workspace]
        if let repository, !repository.isRoot { owned.append("\(workspace)/\(repository)") }
        if let repository {
            let folder = repository.isRoot ? workspace : "\(workspace)/\(repository)"
            environment["GIT_DIR"] = folder + "/.git"
            environment["GIT_WORK_TREE"] = folder
        }
        environment.merge(quarantine?.environment ?? [:]) { _, own in own }
        let settings = GitSettings.particular(owned: owned, filters: filters) + (quarantine?.settings ?? [])
        Self.number(settings, from: GitSettings.constant.count, into: &environment)
        environment["GIT_CONFIG_COUNT"] = String(GitSettings.constant.count + settings.count)
        self.environment = environment
    }

    private static func number(
        _ settings: [(key: String, value: String)], from first: Int, into environment: inout [String: String]
    ) {
        for (place, setting) in settings.enumerated() {
            environment["GIT_CONFIG_KEY_\(first + place)"] = setting.key
            environment["GIT_CONFIG_VALUE_\(first + place)"] = setting.value
        }
    }

    /// What is the same for every repository, a hundred variables: made once, with room for those of one repository.
    private static let everywhere: [String: String] = {
        var environment = [String: String](minimumCapacity: 160)
        for (name, value) in constant { environment[name] = value }
        number(GitSettings.constant, from: 0, into: &environment)
        return environment
    }()

    /// Lists the names of configured filters, a NUL behind each, for a configuration that ``GitConfigScan`` does not
    /// answer alone. It runs confined like any other.
    public static func filterListing(workspace: String, repository: WorkspacePath?) -> GitInvocation {
        GitInvocation(
            judged: ["config", "--null", "--name-only", "--get-regexp", "^filter\\."], workspace: workspace,
            repository: repository)
    }

    private static let constant = [
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat",
        "GIT_EDITOR": "false", "GIT_SEQUENCE_EDITOR": "false", "GIT_ASKPASS": "false", "GIT_SSH_COMMAND": "false",
        "GIT_ALLOW_PROTOCOL": "", "GIT_PROTOCOL_FROM_USER": "0", "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1", "LESSSECURE": "1",
    ]

    private static let diffing = ["--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty"]

    /// Options that a subcommand gets right behind its name.
    private static let options: [String: [String]] = [
        "diff": diffing, "log": diffing, "show": diffing, "diff-tree": diffing, "diff-index": diffing,
        "diff-files": diffing, "status": ["--ignore-submodules=dirty"], "commit": ["--no-verify", "--no-gpg-sign"],
        "blame": ["--no-textconv"], "grep": ["--no-textconv"],
    ]

    /// Those that compare with the work tree.
    private static let looking: Set<String> = ["status", "diff", "diff-files", "diff-index"]

    private static func forced(_ judged: [String], hidden: [WorkspacePath]) -> [String] {
        let place = judged.firstIndex { $0.utf8.first != UInt8(ascii: "-") }
        guard let place, let forced = options[judged[place]] else { return judged }
        let words = Array(judged[...place]) + forced + judged[(place + 1)...]
        guard looking.contains(judged[place]) else { return words }
        return words + hidden.map { ":(top,exclude,literal)\($0)" }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
