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
    /// - Parameter masked: Folders of the daemon itself that lie inside the workspace; out of every tool's reach.
    /// - Throws: ``FileProblem`` naming line and field: a reason not to start.
    package init(path: String, masked: [WorkspacePath] = []) throws(FileProblem) {
        file = try WatchedFile(path: path, limit: StrictYAML.sizeLimit) { bytes throws(FileProblem) in
            try Policy(yaml: bytes ?? Array(DefaultPolicy.yaml.utf8), masked: masked)
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
    /// - Throws: ``FileProblem`` naming everything that is wrong.
    package init(yaml: [UInt8], masked: [WorkspacePath] = []) throws(FileProblem) {
        self.init(rules: try PolicyDecoder.decode(yaml), text: yaml, masked: masked)
    }

    /// Without any rule but those that are built in.
    package static let empty = Policy(rules: [], text: [], masked: [])
}
