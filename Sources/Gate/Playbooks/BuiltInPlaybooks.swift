internal import ToolKit

/// Playbooks that come with the daemon: they only read and test, and their ids never change.
package enum BuiltInPlaybooks {
    package static let all: [Playbook] = [
        Playbook(
            id: "pb_check_a_change",
            definition: PlaybookDefinition(
                name: "check-a-change",
                description: "What differs from the last commit, and whether the tests still pass.",
                category: "checks", tags: ["git", "tests"],
                variables: [
                    "runner": PlaybookVariable(
                        .string, description: "How the tests are run, as run_tests takes it: pytest, swift test, …"),
                    "folder": PlaybookVariable(
                        .string, default: ".", description: "The folder of the repository and of its tests."),
                ],
                steps: [
                    .init(
                        toolName: "git_status", arguments: ["cwd": "{folder}"],
                        description: "The branch and the files that differ."),
                    .init(
                        toolName: "git_diff", arguments: ["cwd": "{folder}"],
                        description: "The changes that are not staged."),
                    .init(
                        toolName: "git_diff", arguments: ["cwd": "{folder}", "staged": true],
                        description: "The changes that are staged."),
                    .init(
                        toolName: "run_tests", arguments: ["runner": "{runner}", "cwd": "{folder}"],
                        description: "The tests."),
                ]),
            createdBy: author, createdAt: 0, isBuiltIn: true),
        Playbook(
            id: "pb_repository_overview",
            definition: PlaybookDefinition(
                name: "repository-overview",
                description: "What a workspace holds, what it depends on, and where a word comes up.",
                category: "overview", tags: ["search"],
                variables: [
                    "query": PlaybookVariable(
                        .string, default: "TODO", description: "What to look for, in contents and names of files."),
                    "matches": PlaybookVariable(.integer, default: 15, description: "How many places at most."),
                    "secrets": PlaybookVariable(
                        .boolean, default: true, description: "Whether to look for secrets that were left in files."),
                ],
                steps: [
                    .init(
                        toolName: "workspace_index", arguments: [:],
                        description: "Folders and entry points."),
                    .init(
                        toolName: "repo_scan", arguments: ["scan_secrets": "{secrets}"],
                        description: "Dependencies, and secrets by place and kind."),
                    .init(
                        toolName: "workspace_search", arguments: ["query": "{query}", "max_matches": "{matches}"],
                        description: "Where the word comes up."),
                ]),
            createdBy: author, createdAt: 0, isBuiltIn: true),
    ]

    package static func playbook(_ id: String) -> Playbook? { all.first { $0.id == id } }

    package static let author = "built-in"

    static let nameKeys = Set(all.map { PlaybookDefinition.nameKey($0.definition.name) })

    /// Whether a name belongs to one of them.
    package static func holds(name: String) -> Bool { nameKeys.contains(PlaybookDefinition.nameKey(name)) }
}
