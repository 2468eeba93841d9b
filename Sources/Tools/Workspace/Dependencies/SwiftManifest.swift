/// `Package.swift`: `.package(url: "…", from: "1.0.0")` and its other forms, read as text and never run.
enum SwiftManifest {
    static func dependencies(_ text: String) -> [Dependency] {
        let code = text.textLines.filter { !$0.trimmed.hasPrefix("//") }.joined(separator: "\n")
        var found: [Dependency] = []
        for call in code.split(separator: ".package(").dropFirst() {
            let call = call.prefix(400)
            guard let label = call.firstIndex(of: ":"), ["url", "id"].contains(call[..<label].trimmed),
                let (place, end) = call.quoted(from: label)
            else { continue }
            found.append(Dependency(name(of: place), version(String(call[end...]))))
        }
        return found
    }

    /// The last component of a URL without `.git`.
    private static func name(of url: Substring) -> Substring {
        let last = url.split(separator: "/").last ?? url
        return last.hasSuffix(".git") ? last.dropLast(4) : last
    }

    private static func version(_ rest: String) -> String {
        guard let (first, end) = rest.quoted() else { return "" }
        let before = rest[..<first.startIndex]
        if before.contains("branch") || before.contains("revision") { return String(first) }
        if before.contains("exact") { return "==\(first)" }
        let between = rest[end...].prefix(4)
        if between.hasPrefix("..<") || between.hasPrefix("..."), let (upper, _) = rest.quoted(from: end) {
            return "\(first)\(between.prefix(3))\(upper)"
        }
        return before.contains("from") || before.contains("upTo") ? ">=\(first)" : String(first)
    }
}
