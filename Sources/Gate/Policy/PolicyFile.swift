package import ToolKit

/// The policy in force and the file it lives in, `config/policy.yaml` below the home folder.
///
/// ``current``, ``version`` and ``problem`` are cheap. ``poll()`` touches the disk: it blocks and belongs on a thread
/// that may.
package final class PolicyFile: Sendable {
    package static let name = "policy.yaml"

    private let file: WatchedFile<Policy>

    /// Loads the file; without one ``DefaultPolicy`` is in force. Blocks.
    ///
    /// - Parameters:
    ///   - masked: Folders of the daemon itself that lie inside the workspace; out of every tool's reach.
    ///   - roots: Absolute spellings of the workspace root that callers may use.
    ///   - search: Where programs are looked for.
    /// - Throws: ``FileProblem`` naming line and field: a reason not to start.
    package init(
        path: String, masked: [WorkspacePath] = [], roots: [String] = [], search: ProgramSearch = .system
    ) throws(FileProblem) {
        file = try WatchedFile(path: path, limit: StrictYAML.sizeLimit) { bytes throws(FileProblem) in
            try Policy(yaml: bytes ?? Array(DefaultPolicy.yaml.utf8), masked: masked, roots: roots, search: search)
        }
    }

    package var current: Policy { file.current }

    /// Of the policy in force.
    package var version: String { file.current.version }

    /// Why the file on disk is not what is in force, for the log and `/config`; `nil` when it is.
    package var problem: String? { file.problem }

    /// Looks whether somebody edited the file, and takes over what can be used. Blocks.
    ///
    /// - Returns: What the audit has to know, in the order in which it happened.
    package func poll() -> [WatchEvent<Policy>] { file.poll() }
}

extension Policy {
    /// Reads the rules and looks up the programs they speak of. Blocks.
    ///
    /// A file without `paths:` or without `commands:` leaves the default rules of that kind in force; `paths: []` leaves
    /// only the built-in ones, `commands: []` lets no program pass.
    ///
    /// - Throws: ``FileProblem`` naming everything that is wrong.
    package init(
        yaml: [UInt8], masked: [WorkspacePath] = [], roots: [String] = [], search: ProgramSearch = .system
    ) throws(FileProblem) {
        let document = try PolicyDecoder.decode(yaml)
        let rules = if let own = document.commands { own } else { try DefaultCommands.rules.get() }
        let names = Set((rules + CommitRules.rules).flatMap(\.programs)).union(Launchers.transparent)
        let programs = ProgramTable(names: names, toolchains: document.toolchains, search: search, roots: roots)
        // Whoever writes a listed toolchain decides what runs later under a trusted name.
        let inside = document.toolchains.compactMap { try? WorkspacePath($0.folder, roots: roots) }
        // Rules about programs alone must not open the secrets.
        let places = if let own = document.paths { own } else { try DefaultPolicy.rules.get() }
        self.init(
            rules: places, commands: CommandPolicy(rules: rules, programs: programs, roots: roots), text: yaml,
            masked: masked, toolchains: inside)
    }

    /// Without any rule but those that are built in.
    package static let empty = Policy(rules: [], commands: .empty, text: [], masked: [], toolchains: [])
}
