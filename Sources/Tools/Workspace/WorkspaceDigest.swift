internal import ToolKit

/// A page of Markdown about a workspace: what it is written in, how it is laid out, where to start reading.
struct WorkspaceDigest {
    private struct Tally {
        var files = 0
        var languages: [String: Int] = [:]
    }

    private var total = Tally()
    /// By folder, two levels deep; what lies deeper counts for the second level.
    private var folders: [String: Tally] = [:]
    private var entryPoints: [(path: String, meaning: String)] = []

    private static let maxFolders = 60
    private static let maxEntryPoints = 40

    mutating func add(_ path: WorkspacePath) {
        let language = Self.language(of: path.name ?? "")
        let parents = path.parent.components.prefix(2)
        let folder = parents.isEmpty ? "." : parents.joined(separator: "/") + "/"
        Self.count(language, in: &total)
        Self.count(language, in: &folders[folder, default: Tally()])
        guard path.components.count <= 4, entryPoints.count < Self.maxEntryPoints,
            let meaning = Self.entryPoint(path.name ?? "")
        else { return }
        entryPoints.append((path.description, meaning))
    }

    func markdown(folders folderCount: Int) -> String {
        var lines = ["# Workspace", ""]
        lines.append("\(total.files) files in \(folderCount) folders\(Self.spoken(total.languages, prefix: ": ")).")
        lines += ["", "## Folders", ""]
        for (name, tally) in folders.sorted(by: { $0.key < $1.key }).prefix(Self.maxFolders) {
            lines.append("- \(Self.code(name)): \(tally.files) files\(Self.spoken(tally.languages, prefix: ", "))")
        }
        if folders.count > Self.maxFolders { lines.append("- and \(folders.count - Self.maxFolders) more") }
        lines += ["", "## Entry points", ""]
        if entryPoints.isEmpty { lines.append("None of the usual names was found.") }
        let nearestFirst = entryPoints.enumerated().sorted { left, right in
            let depths = (Self.depth(left.element.path), Self.depth(right.element.path))
            return depths.0 == depths.1 ? left.offset < right.offset : depths.0 < depths.1
        }
        for (_, entry) in nearestFirst { lines.append("- \(Self.code(entry.path)): \(entry.meaning)") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func count(_ language: String?, in tally: inout Tally) {
        tally.files += 1
        if let language { tally.languages[language, default: 0] += 1 }
    }

    /// The three most frequent, such as `Swift 40, Markdown 3`.
    private static func spoken(_ languages: [String: Int], prefix: String) -> String {
        let first = languages.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
        return first.isEmpty ? "" : prefix + first.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// A name between backquotes; those inside it, and line breaks, would end it early.
    private static func code(_ name: String) -> String {
        "`" + String(name.map { $0 == "`" || $0.isNewline ? "?" : $0 }) + "`"
    }

    private static func depth(_ path: String) -> Int { path.utf8.count { $0 == 0x2F } }

    private static func language(of name: String) -> String? {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else {
            return name == "Makefile" ? "Make" : name == "Dockerfile" ? "Docker" : nil
        }
        return languages[name[name.index(after: dot)...].lowercased()]
    }

    private static func entryPoint(_ name: String) -> String? {
        if let meaning = entryPoints[name] { return meaning }
        if name.lowercased().hasPrefix("readme") { return "what the project says about itself" }
        return name.hasPrefix("main.") || name.hasPrefix("__main__.") ? "a program starts here" : nil
    }

    private static let entryPoints = [
        "Package.swift": "Swift package", "package.json": "Node package", "pyproject.toml": "Python project",
        "setup.py": "Python project", "requirements.txt": "Python requirements", "Cargo.toml": "Rust package",
        "go.mod": "Go module", "Gemfile": "Ruby dependencies", "pom.xml": "Maven project",
        "build.gradle": "Gradle project", "build.gradle.kts": "Gradle project", "Makefile": "make targets",
        "CMakeLists.txt": "CMake project", "Dockerfile": "container image", "docker-compose.yml": "containers",
        "compose.yaml": "containers", "manage.py": "Django commands", "app.py": "a program starts here",
        "index.html": "a page starts here", "index.js": "a module starts here", "index.ts": "a module starts here",
        "App.swift": "a program starts here", "CONTRIBUTING.md": "how to work on it", "CHANGELOG.md": "what changed",
        "LICENSE": "licence",
    ]

    private static let languages = [
        "swift": "Swift", "py": "Python", "js": "JavaScript", "mjs": "JavaScript", "cjs": "JavaScript",
        "jsx": "JavaScript", "ts": "TypeScript", "tsx": "TypeScript", "c": "C", "h": "C", "cc": "C++", "cpp": "C++",
        "hpp": "C++", "m": "Objective-C", "rs": "Rust", "go": "Go", "rb": "Ruby", "java": "Java", "kt": "Kotlin",
        "kts": "Kotlin", "cs": "C#", "php": "PHP", "sh": "Shell", "bash": "Shell", "ps1": "PowerShell", "sql": "SQL",
        "html": "HTML", "css": "CSS", "scss": "CSS", "md": "Markdown", "rst": "reStructuredText", "txt": "Text",
        "json": "JSON", "yaml": "YAML", "yml": "YAML", "toml": "TOML", "xml": "XML", "lua": "Lua", "zig": "Zig",
        "dart": "Dart", "scala": "Scala", "ex": "Elixir", "exs": "Elixir", "erl": "Erlang", "hs": "Haskell", "r": "R",
        "ipynb": "Notebook", "tf": "Terraform", "proto": "Protocol Buffers", "vue": "Vue", "svelte": "Svelte",
    ]
}
