package import ToolKit

/// One rule of the policy about places in the workspace.
package struct PathRule: Sendable, Equatable {
    package let name: String
    package let matches: [PathPattern]
    package let exceptions: [PathPattern]
    /// `nil` has no opinion.
    package let read: PathVerdict?
    package let write: PathVerdict?
    /// Why the rule is there, for whoever meets it; one sentence.
    package let reason: String

    /// Looking through a folder counts as reading it.
    package func verdict(for use: Access.PathUse) -> PathVerdict? {
        switch use {
        case .read, .search: read
        case .write: write
        }
    }

    /// Which of the rule's patterns made it match.
    enum Hit: Equatable {
        case match(PathPattern)
        /// A pattern matched, and an exception of the rule took it back.
        case exception(PathPattern, to: PathPattern)
    }

    func hit(folded names: [String]) -> Hit? {
        guard let match = matches.first(where: { $0.matches(folded: names) }) else { return nil }
        guard let exception = exceptions.first(where: { $0.matches(folded: names) }) else { return .match(match) }
        return .exception(exception, to: match)
    }

    func covers(_ path: WorkspacePath) -> Bool {
        if case .match = hit(folded: path.components.map(NameGlob.folded)) { true } else { false }
    }
}

extension PathVerdict {
    /// As `policy.yaml` spells it.
    package var name: String {
        switch self {
        case .allow: "allow"
        case .ask: "ask"
        case .deny: "deny"
        }
    }

    package init?(name: String) {
        switch name {
        case "allow": self = .allow
        case "ask": self = .ask
        case "deny": self = .deny
        default: return nil
        }
    }
}
