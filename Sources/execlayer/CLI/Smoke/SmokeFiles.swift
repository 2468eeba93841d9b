internal import ToolKit

/// Chooses files that any caller may read: small, visible, and likely text.
enum SmokeFiles {
    private static let textEndings: Set<Substring> = [
        "c", "go", "h", "html", "java", "js", "json", "md", "py", "rs", "rst", "swift", "toml", "ts", "txt", "yaml",
        "yml",
    ]

    /// - Parameter entries: Those of `workspace_index`.
    /// - Returns: Paths, the likeliest texts first.
    static func candidates(in entries: [JSONValue]) -> [String] {
        let paths = entries.compactMap { entry -> String? in
            guard let path = entry["path"]?.stringValue, let size = entry["size"]?.integerValue, 1...65_536 ~= size,
                !path.split(separator: "/").contains(where: { $0.hasPrefix(".") })
            else { return nil }
            return path
        }
        return paths.filter(isLikelyText) + paths.filter { !isLikelyText($0) }
    }

    private static func isLikelyText(_ path: String) -> Bool {
        guard let dot = path.lastIndex(of: ".") else { return false }
        return textEndings.contains(path[path.index(after: dot)...])
    }
}
