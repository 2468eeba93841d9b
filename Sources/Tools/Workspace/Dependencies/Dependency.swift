/// One library that a manifest asks for.
struct Dependency: Sendable, Hashable {
    let name: String
    /// As the manifest writes it (`>=1.2`, `^4.0.0`); empty when it asks for any.
    let version: String

    init(_ name: some StringProtocol, _ version: some StringProtocol) {
        self.name = String(name)
        self.version = Self.withoutUserInfo(String(version))
    }

    /// A version can be a URL, and a URL can carry a password (SECURITY R63).
    private static func withoutUserInfo(_ version: String) -> String {
        guard let scheme = version.firstPlace(of: "://") else { return version }
        let authority = version[scheme...].dropFirst(3).prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else { return version }
        return String(version[..<authority.startIndex] + version[version.index(after: at)...])
    }
}

/// Which files name dependencies, and who reads them.
enum DependencyManifest {
    typealias Reader = @Sendable (String) -> [Dependency]

    /// At most so many are taken from one file.
    static let maxDependencies = 2_000

    /// The reader of a file of that name, `nil` when it is no manifest that we know.
    static func reader(for name: String) -> Reader? {
        switch name {
        case "pyproject.toml": return PythonManifests.project
        case "package.json": return NodeManifest.dependencies
        case "Cargo.toml": return RustManifest.dependencies
        case "go.mod": return GoManifest.dependencies
        case "Package.swift": return SwiftManifest.dependencies
        case "Gemfile": return RubyManifest.dependencies
        case "pom.xml": return JavaManifests.maven
        case "build.gradle", "build.gradle.kts": return JavaManifests.gradle
        default:
            let isRequirements = name.hasPrefix("requirements") && name.hasSuffix(".txt")
            return isRequirements ? PythonManifests.requirements : nil
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at its ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return rest
    }

    var textLines: [SubSequence] { split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    /// Where `word` first stands.
    func firstPlace(of word: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(word) { return index }
            index = self.index(after: index)
        }
        return nil
    }

    /// The text between the first two quotes of one kind at or after `start`, and where it ends.
    func quoted(from start: Index? = nil) -> (text: SubSequence, end: Index)? {
        guard let open = self[(start ?? startIndex)...].firstIndex(where: { $0 == "\"" || $0 == "'" }) else {
            return nil
        }
        let inside = index(after: open)
        guard let close = self[inside...].firstIndex(of: self[open]) else { return nil }
        return (self[inside..<close], index(after: close))
    }
}
