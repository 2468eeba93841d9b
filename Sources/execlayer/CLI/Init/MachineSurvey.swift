internal import Foundation

/// Finds the programs that a project needs where version managers and people put them: outside the system folders, which
/// need no listing. What a shell of the operator would start is proposed, as far as that can be told without starting one.
struct MachineSurvey: Sendable {
    let project: ProjectSurvey
    /// Absolute; `nil` when nobody knows.
    let userHome: String?
    /// The folders of the operator's PATH.
    let searchPath: [String]
    private(set) var toolchains: [ToolchainProposal] = []
    private(set) var notes: [String] = []

    /// Folders of the system, where programs are found without being listed; as `ProgramSearch.system` has them.
    private static let systemFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]

    /// Blocks.
    init(for project: ProjectSurvey, userHome: String?, searchPath: [String]) {
        self.project = project
        self.userHome = userHome
        self.searchPath = searchPath.filter { $0.hasPrefix("/") }
        if project.languages.contains(.python) { python() }
        if project.languages.contains(.node) { node() }
        if project.languages.contains(.swift) { swift() }
        if project.languages.contains(.rust) { rust() }
        if project.languages.contains(.go) { go() }
    }

    private mutating func python() {
        let programs = ["python", "python3", "pip", "pip3", "pytest", "ruff", "mypy", "black"]
        let environments = project.virtualEnvironments
        guard let chosen = environments.first(where: { Disk.isExecutable($0 + "/bin/python") }) else {
            let version = pinned([".python-version"]) ?? home("/.pyenv/version").flatMap(Disk.word)
            managed(
                "python", programs,
                [
                    ("pyenv", home("/.pyenv/versions"), ""), ("mise", home("/.local/share/mise/installs/python"), ""),
                    ("asdf", home("/.asdf/installs/python"), ""),
                ], version: version)
            if !hasPytest { notes.append(Self.withoutPytest) }
            return
        }
        add(
            ToolchainProposal(
                name: "venv", folder: chosen, programs: ToolchainProposal.programs(programs, in: chosen),
                origin: "the project's virtual environment; tools cannot write to it while it is listed"))
        for other in environments where other != chosen {
            notes.append("\(other) is a virtual environment too; python can mean one of them only")
        }
        // Its python is a link to the one it was made with, which has to be in sight as well.
        let real = Disk.resolved(chosen + "/bin/python")
        if !Self.isSystem(real), let base = self.folder(of: real), Self.isPython(base) {
            add(
                ToolchainProposal(
                    name: "python " + Disk.name(base), folder: base,
                    programs: [String(real.dropFirst(base.utf8.count + 1))],
                    origin: "the Python that the virtual environment was made with"))
        } else if !Self.isSystem(real) {
            notes.append("\(chosen)/bin/python leads to \(real), which is no Python that could be listed")
        }
        if !hasPytest { notes.append(Self.withoutPytest) }
    }

    private var hasPytest: Bool {
        toolchains.contains { $0.programs.contains("bin/pytest") } || Disk.exists("/usr/bin/pytest")
    }

    private static let withoutPytest =
        "pytest is not installed for this project; install it, or use shell_exec with python -m unittest"

    private mutating func node() {
        let alias = home("/.nvm/alias/default").flatMap(Disk.word)
        managed(
            "node", ["node", "npm", "pnpm", "yarn"],
            [
                ("nvm", home("/.nvm/versions/node"), ""),
                ("fnm", home("/.local/share/fnm/node-versions"), "/installation"),
                ("volta", home("/.volta/tools/image/node"), ""),
                ("mise", home("/.local/share/mise/installs/node"), ""), ("asdf", home("/.asdf/installs/nodejs"), ""),
            ], version: pinned([".nvmrc", ".node-version"]) ?? alias)
    }

    private mutating func swift() {
        managed(
            "swift", ["swift", "swiftc"],
            [
                ("swiftly", home("/.local/share/swiftly/toolchains"), ""),
                ("swiftly", home("/.swiftly/toolchains"), ""), ("swiftenv", home("/.swiftenv/versions"), ""),
            ], version: pinned([".swift-version"]))
    }

    private mutating func rust() {
        let settings = home("/.rustup/settings.toml").flatMap(Disk.text) ?? ""
        let channel = pinned(["rust-toolchain"]).flatMap { $0.hasPrefix("[") ? nil : $0 }
        managed(
            "cargo", ["cargo", "rustc", "rustdoc", "rustfmt", "cargo-fmt", "cargo-clippy", "clippy-driver"],
            [("rustup", home("/.rustup/toolchains"), "")],
            version: channel ?? Self.setting("channel", in: Disk.text(project.workspace + "/rust-toolchain.toml") ?? "")
                ?? Self.setting("default_toolchain", in: settings))
        // Only the packages: credentials lie beside them.
        if let cargo = home("/.cargo"), Disk.exists(cargo + "/registry") {
            add(
                ToolchainProposal(
                    name: "cargo packages", folder: cargo + "/registry", programs: [],
                    environment: ["CARGO_HOME": cargo], origin: "packages that cargo has fetched"))
        }
    }

    private mutating func go() {
        managed("go", ["go", "gofmt"], [("go", home("/sdk"), "")], version: nil)
        if let modules = home("/go/pkg/mod"), Disk.exists(modules) {
            add(
                ToolchainProposal(
                    name: "go modules", folder: modules, programs: [], environment: ["GOMODCACHE": modules],
                    origin: "modules that go has fetched"))
        }
    }
}

extension MachineSurvey {
    private typealias Place = (manager: String, folder: String?, below: String)

    /// A version of a version manager, else what PATH leads to, else `/opt`.
    private mutating func managed(_ main: String, _ names: [String], _ places: [Place], version: String?) {
        for place in places {
            guard let folder = place.folder else { continue }
            let versions = Disk.folders(in: folder).filter {
                !ToolchainProposal.programs([main], in: $0 + place.below).isEmpty
            }
            guard let chosen = Self.choose(versions, version) else { continue }
            let rest = versions.count > 1 ? "; \(versions.count - 1) more there" : ""
            return propose(
                main, names, chosen + place.below, Disk.name(chosen), "found through \(place.manager)\(rest)")
        }
        for folder in searchPath {
            let path = folder + "/" + main
            guard Disk.isExecutable(path) else { continue }
            // The first in PATH is what a shell would start; the system's needs no listing.
            guard !Self.systemFolders.contains(folder) else { return }
            let real = Disk.resolved(path)
            guard !real.contains("/shims/"), !Self.isSystem(real), let root = self.folder(of: path) else { continue }
            return propose(main, names, root, "", "found in PATH")
        }
        if Self.systemFolders.contains(where: { Disk.isExecutable($0 + "/" + main) }) { return }
        for root in Disk.folders(in: "/opt") + ["/usr/local/go"] {
            guard !ToolchainProposal.programs([main], in: root).isEmpty else { continue }
            return propose(main, names, root, "", "found in \(Disk.parent(root))")
        }
        notes.append(
            "\(main) is not installed where the daemon would look; install it, or list its folder under toolchains")
    }

    private mutating func propose(
        _ main: String, _ names: [String], _ folder: String, _ version: String, _ origin: String
    ) {
        add(
            ToolchainProposal(
                name: version.isEmpty ? main : "\(main) \(version)", folder: folder,
                programs: ToolchainProposal.programs(names, in: folder), origin: origin))
    }

    private mutating func add(_ toolchain: ToolchainProposal) {
        guard !toolchains.contains(where: { $0.folder == toolchain.folder }) else { return }
        var toolchain = toolchain
        toolchain.name = Self.plain(toolchain.name)
        let taken = toolchains.count { $0.name == toolchain.name || $0.name.hasPrefix(toolchain.name + " ") }
        if taken > 0 { toolchain.name += " \(taken + 1)" }
        toolchains.append(toolchain)
    }

    /// What the workspace asks for; a file of it is only ever compared with names of folders.
    private func pinned(_ files: [String]) -> String? {
        project.projects.lazy.flatMap { project in files.map { project + "/" + $0 } }.compactMap(Disk.word).first
    }

    private func home(_ path: String) -> String? { userHome.map { $0 + path } }

    /// The version asked for, else the newest.
    private static func choose(_ folders: [String], _ version: String?) -> String? {
        func bare(_ text: String) -> String { text.hasPrefix("v") ? String(text.dropFirst()) : text }
        let sorted = folders.sorted { Disk.name($0).compare(Disk.name($1), options: .numeric) == .orderedAscending }
        guard let version = version.map(bare), !version.isEmpty else { return sorted.last }
        return sorted.last { bare(Disk.name($0)) == version }
            ?? sorted.last { bare(Disk.name($0)).hasPrefix(version + ".") || Disk.name($0).hasPrefix(version + "-") }
            ?? sorted.last
    }

    /// The value of `name = "value"`.
    private static func setting(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").lazy.compactMap { line -> String? in
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            return parts.count == 2 && parts[0] == name ? parts[1].trimmingCharacters(in: ["\"", "'"]) : nil
        }.first
    }

    /// `/x` for `/x/bin/tool` and `/x/usr/bin/tool`, unless that holds more than one thing: a home, `~/.local`.
    private func folder(of program: String) -> String? {
        let bin = Disk.parent(program)
        let upper = Disk.name(Disk.parent(bin)) == "usr" ? Disk.parent(Disk.parent(bin)) : Disk.parent(bin)
        guard upper.split(separator: "/").count >= 2 else { return nil }
        let isBroad = userHome.map { home in
            [home, home + "/.local"].map { Disk.resolved($0) }.contains {
                ($0 + "/").hasPrefix(Disk.resolved(upper) + "/")
            }
        }
        return isBroad == true ? nil : upper
    }

    /// The workspace says where its Python is, and must not be believed when it names somebody's other folder.
    private static func isPython(_ folder: String) -> Bool {
        Disk.names(in: folder + "/lib").contains { $0.hasPrefix("python") }
    }

    private static func isSystem(_ path: String) -> Bool {
        ["/usr/", "/bin/", "/sbin/", "/lib/", "/nix/store/"].contains { path.hasPrefix($0) }
    }

    private static func plain(_ name: String) -> String {
        let kept = name.map { character in
            character.isASCII && (character.isLetter || character.isNumber || "-_. ".contains(character))
                ? character : "-"
        }
        return String(String(kept).prefix(60))
    }
}
