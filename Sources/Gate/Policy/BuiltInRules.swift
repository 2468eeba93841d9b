internal import ToolKit

/// Rules that no file can weaken: they are asked beside those of `policy.yaml`, and the strictest wins.
struct BuiltInRules: Sendable {
    /// Folders of the daemon itself that lie inside the workspace, folded (SECURITY R65).
    private let masked: [[String]]

    /// Folders of listed toolchains that lie inside the workspace, folded.
    private let toolchains: [[String]]

    init(masked: [WorkspacePath], toolchains: [WorkspacePath]) {
        self.masked = masked.map { $0.components.map(NameGlob.folded) }
        self.toolchains = toolchains.map { $0.components.map(NameGlob.folded) }
    }

    static let controlFiles = "built-in: control files"
    static let toolchain = "built-in: toolchains"
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
        if isToolchain(names, use) {
            matches.append(
                RuleMatch(
                    rule: Self.toolchain, verdict: .deny, path: path, use: use,
                    reason: "programs of a listed toolchain are trusted by name, so no tool writes them", pattern: nil))
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
        isControlFile(path, use) || isMasked(names) || isToolchain(names, use)
    }

    private func isToolchain(_ names: [String], _ use: Access.PathUse) -> Bool {
        use == .write && toolchains.contains { names.starts(with: $0) }
    }

    private func isControlFile(_ path: WorkspacePath, _ use: Access.PathUse) -> Bool {
        use == .write && ControlFiles.isProtected(path)
    }

    private func isMasked(_ names: [String]) -> Bool {
        masked.contains { names.starts(with: $0) }
    }
}
