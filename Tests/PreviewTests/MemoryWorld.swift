internal import Engine
internal import LayerTesting
internal import Synchronization
internal import ToolKit

/// The files of a call, in memory: what it changes is noted as the real ones note it.
struct MemoryFiles: WorkspaceFiles {
    let workspace: InMemoryWorkspace
    let effects: CallEffects

    func commit(_ changes: [FileChange]) throws {
        var texts: [String: String?] = [:]
        for change in changes {
            switch change.deed {
            case .write(let bytes): texts[change.path.description] = String(decoding: bytes, as: UTF8.self)
            case .delete: texts[change.path.description] = .some(nil)
            }
        }
        let effect = try workspace.effect(texts)
        if effects.mode == .run { try workspace.apply(effect, id: "direct", keepsBefore: true) }
        effects.note(effect)
    }

    func read(_ path: WorkspacePath, offset: Int, limit: Int) throws -> FileSlice { throw FileFailure.notFound(path) }
    func facts(of path: WorkspacePath) throws -> FileFacts? { nil }
    func isReadable(_ path: WorkspacePath) throws -> Bool { true }
    func target(of path: WorkspacePath) throws -> FileTarget { FileTarget(path: path, facts: nil, isReadable: true) }
    func walk(
        _ folder: WorkspacePath, limits: WalkLimits, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> WalkSummary { throw FileFailure.notFound(folder) }
}

/// Programs that do to the workspace what a test says.
struct MemoryCommands: CommandRunner {
    let workspace: InMemoryWorkspace
    let effects: CallEffects
    let does: [String: String?]
    let commits: InMemoryCommits

    func run(
        _ command: Command, limits: CommandLimits, keeping patterns: [KeepPattern]
    ) async throws -> CommandResult {
        let effect = try workspace.effect(does)
        if effects.mode == .run { try workspace.apply(effect, id: "direct", keepsBefore: true) }
        effects.note(effect, method: .overlay)
        let nothing = CommandResult.Stream(text: "done\n", size: 5, sha256: "", isTruncated: false)
        return CommandResult(stdout: nothing, stderr: nothing, returnCode: 0, confinement: "sandbox")
    }

    func commit(_ order: GitCommitOrder, limits: CommandLimits) async throws -> GitCommitResult {
        let move = GitMove(
            repository: .root, reference: "refs/heads/main", before: .init(commit: commits.commit, index: nil),
            after: .init(commit: "c1", index: nil))
        try await commits.make(move)
        effects.note(move)
        throw ToolFailure("half", "the commit is in place, and its result is not told", remedy: "look at it")
    }

    func plan(_ command: Command, limits: CommandLimits) throws -> [String: JSONValue] { ["summary": "would run it"] }
}

struct NoHost: HostFacts {
    func text(of path: String, for aspect: Access.HostAspect) throws -> String { throw FileFailure.notFound(.root) }
    func destination(of path: String, for aspect: Access.HostAspect) throws -> String? { nil }
    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) { (1, 1) }
    func names(in path: String, for aspect: Access.HostAspect) throws -> [String] { [] }
}
