internal import ToolKit

/// Rules that no file can weaken: they are asked beside those of `policy.yaml`, and the strictest wins.
struct BuiltInRules: Sendable {
    /// Folders of the daemon itself that lie inside the workspace, folded (SECURITY R65).
    private let masked: [[String]]

    init(masked: [WorkspacePath]) { self.masked = masked.map { $0.components.map(NameGlob.folded) } }

    static let controlFiles = "built-in: control files"
    static let home = "built-in: the daemon's home"

    /// - Parameter names: The path's components, folded.
    func matches(_ path: WorkspacePath, folded names: [String], _ use: Access.PathUse) -> [RuleMatch] {
        var matches: [RuleMatch] = []
        if isControlFile(path, use) {
            matches.append(
                RuleMatch(
                    rule: Self.controlFiles, verdict: .deny, path: path, use: use,
                    reason: "what is written below .git decides which programs git starts", pattern: nil))
        }
        if isMasked(names) {
            matches.append(
                RuleMatch(
                    rule: Self.home, verdict: .deny, path: path, use: use,
                    reason: "configuration, policy, audit and tokens are out of every tool's reach", pattern: nil))
        }
        return matches
    }

    func deny(_ path: WorkspacePath, folded names: [String], _ use: Access.PathUse) -> Bool {
        isControlFile(path, use) || isMasked(names)
    }

    private func isControlFile(_ path: WorkspacePath, _ use: Access.PathUse) -> Bool {
        use == .write && ControlFiles.isProtected(path)
    }

    private func isMasked(_ names: [String]) -> Bool {
        masked.contains { names.starts(with: $0) }
    }
}
