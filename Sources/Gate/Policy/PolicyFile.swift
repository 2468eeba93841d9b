package import ToolKit

/// The policy in force and the file it lives in, `config/policy.yaml` below the home folder.
///
/// ``current``, ``version`` and ``problem`` are cheap. ``poll()`` touches the disk: it blocks and belongs on a thread
/// that may.
package final class PolicyFile: Sendable {
    package static let name = "policy.yaml"

    private let file: WatchedFile<Policy>
    private let read: @Sendable ([UInt8]) throws(FileProblem) -> Policy

    /// Loads the file; without one ``DefaultPolicy`` is in force. Blocks.
    ///
    /// - Parameters:
    ///   - masked: Folders of the daemon itself that lie inside the workspace; out of every tool's reach.
    ///   - roots: Absolute spellings of the workspace root that callers may use.
    ///   - search: Where programs are looked for.
    ///   - domains: Hosts that may be reached beside those of the file.
    /// - Throws: ``FileProblem`` naming line and field: a reason not to start.
    package init(
        path: String, masked: [WorkspacePath] = [], roots: [String] = [], search: ProgramSearch = .system,
        domains: AllowedDomains = .none
    ) throws(FileProblem) {
        let read: @Sendable ([UInt8]) throws(FileProblem) -> Policy = { bytes throws(FileProblem) in
            try Policy(yaml: bytes, masked: masked, roots: roots, search: search, domains: domains)
        }
        self.read = read
        file = try WatchedFile(path: path, limit: StrictYAML.sizeLimit) { bytes throws(FileProblem) in
            try read(bytes ?? Array(DefaultPolicy.yaml.utf8))
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

    /// Reads a policy that somebody proposes, with its own examples, as the file would be read. Blocks.
    ///
    /// - Throws: ``FileProblem`` naming everything that is wrong.
    package func check(_ yaml: String) throws(FileProblem) -> Policy {
        guard yaml.utf8.count <= StrictYAML.sizeLimit else {
            throw FileProblem("is longer than \(StrictYAML.sizeLimit) bytes")
        }
        return try read(Array(yaml.utf8))
    }

    /// Puts another policy in force and on disk. Blocks; changes take turns.
    ///
    /// - Parameters:
    ///   - base: The version that the new one was written against.
    ///   - record: Called with the change before it is written; what it throws is thrown on and nothing is changed.
    /// - Throws: ``PolicyConflict`` when another policy is in force or on disk by now, ``FileProblem``.
    package func replace(
        with yaml: String, base: String, recording record: (_ before: Policy, _ after: Policy) throws -> Void
    ) throws {
        do {
            try file.rewrite { before in
                guard before.version == base else { throw PolicyConflict() }
                let after = try check(yaml)
                try record(before, after)
                return .init(value: after, bytes: Array(yaml.utf8), result: ())
            }
        } catch is WatchedFile<Policy>.Obstacle {
            throw PolicyConflict()
        }
    }
}

/// The policy is not the one any more that a change was written against.
package struct PolicyConflict: Error, Sendable, Hashable {
    package init() {}
}

extension Policy {
    /// Reads the rules and looks up the programs they speak of. Blocks.
    ///
    /// A file without `paths:` or without `commands:` leaves the default rules of that kind in force; `paths: []` leaves
    /// only the built-in ones, `commands: []` lets no program pass.
    ///
    /// - Throws: ``FileProblem`` naming everything that is wrong.
    package convenience init(
        yaml: [UInt8], masked: [WorkspacePath] = [], roots: [String] = [], search: ProgramSearch = .system,
        domains: AllowedDomains = .none
    ) throws(FileProblem) {
        let document = try PolicyDecoder.decode(yaml)
        let rules = if let own = document.commands { own } else { try DefaultCommands.rules.get() }
        let names = Set((rules + CommitRules.rules).flatMap(\.programs)).union(Launchers.transparent).union([
            ScriptRules.program
        ])
        let programs = ProgramTable(names: names, toolchains: document.toolchains, search: search, roots: roots)
        // Whoever writes a listed toolchain decides what runs later under a trusted name.
        let inside = document.toolchains.compactMap { try? WorkspacePath($0.folder, roots: roots) }
        // Rules about programs alone must not open the secrets.
        let places = if let own = document.paths { own } else { try DefaultPolicy.rules.get() }
        self.init(
            rules: places, commands: CommandPolicy(rules: rules, programs: programs, roots: roots),
            hosts: EgressPolicy(rules: document.hosts, domains: domains),
            effects: EffectPolicy(rules: document.effects), text: yaml, masked: masked, toolchains: inside)
    }

    /// Without any rule but those that are built in.
    package static let empty = Policy(rules: [], commands: .empty, text: [], masked: [], toolchains: [])
}
