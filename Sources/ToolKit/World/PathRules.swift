/// What policy says about one file or folder of the workspace.
///
/// The gate asks before a call runs; the file layer asks again for every name that only turns up while it runs: where
/// a link really leads, what a walk meets.
public protocol PathRules: Sendable {
    /// Pure and fast: a walk asks it for every entry.
    ///
    /// - Parameter path: A real place, links resolved, or the name that a caller gave.
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict

    /// Differs where verdicts may: what was found under one version is not good for another. Rules that never change
    /// need none.
    var version: String { get }
}

extension PathRules {
    public var version: String { "" }
}

/// Ordered; the strictest of several wins.
public enum PathVerdict: Int, Comparable, Sendable {
    case allow
    case ask
    case deny

    public static func < (left: PathVerdict, right: PathVerdict) -> Bool { left.rawValue < right.rawValue }
}
