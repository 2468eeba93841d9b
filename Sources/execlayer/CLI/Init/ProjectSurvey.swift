internal import ToolKit

/// What the workspace says about itself: languages, how its tests are started, commands of its own. The workspace is a
/// stranger's, so nothing of it is run, and names from it are used only where they are plain.
struct ProjectSurvey: Sendable {
    enum Language: String, Sendable, CaseIterable {
        case swift, python, node, rust, go, make
    }

    /// How the tests of one folder are started.
    struct TestCommand: Sendable, Hashable {
        /// Relative to the workspace, `.` for itself.
        let folder: String
        let command: String
        /// Whether run_tests takes it; otherwise shell_exec does.
        let isRunner: Bool
    }

    let workspace: String
    private(set) var languages: Set<Language> = []
    private(set) var tests: [TestCommand] = []
    private(set) var rules: [CommandProposal] = []
    private(set) var notes: [String] = []
    /// Folders that hold a project, absolute; the workspace comes first.
    private(set) var projects: [String] = []

    /// Looks at the workspace and the folders right below it. Blocks.
    init(of workspace: String) {
        self.workspace = workspace
        let below = Disk.folders(in: workspace).filter { folder in
            let name = Disk.name(folder)
            return !name.hasPrefix(".") && !["node_modules", "venv", "env", "target", "build", "dist"].contains(name)
        }
        for folder in [workspace] + below.prefix(100) { look(into: folder) }
    }

    /// The virtual environment that the project's Python lives in.
    var virtualEnvironments: [String] {
        projects.flatMap { project in [".venv", "venv", "env"].map { project + "/" + $0 } }
            .filter { Disk.exists($0 + "/pyvenv.cfg") }
    }

    private mutating func look(into folder: String) {
        let before = languages.count + tests.count
        let place = folder == workspace ? "." : Disk.name(folder)
        func has(_ names: String...) -> Bool { names.contains { Disk.exists(folder + "/" + $0) } }

        if has("Package.swift") { add(.swift, "swift test", in: place) }
        if has("Cargo.toml") {
            add(.rust, "cargo test", in: place)
            if !has("Cargo.lock") {
                notes.append("\(place): cargo cannot make Cargo.lock in the sandbox: cargo generate-lockfile first")
            }
            let needsPackages = Disk.text(folder + "/Cargo.lock")?.contains("source = \"") == true
            if needsPackages, !has("vendor") {
                notes.append(
                    "\(place): the sandbox has no network; cargo vendor, or cargo fetch, makes its packages known")
            }
        }
        if has("go.mod") {
            add(.go, "go test", in: place)
            if has("go.sum"), !has("vendor") {
                notes.append(
                    "\(place): the sandbox has no network; go mod vendor, or go mod download, makes its modules known")
            }
        }
        if has(
            "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini", "tox.ini", "manage.py", ".venv"
        ) {
            python(folder, place)
        }
        if let text = Disk.text(folder + "/package.json") { node(folder, place, text) }
        if let text = Disk.text(folder + "/Makefile") { make(place, text) }
        if folder == workspace || languages.count + tests.count > before { projects.append(folder) }
    }

    private mutating func add(_ language: Language, _ command: String, in place: String, isRunner: Bool = true) {
        languages.insert(language)
        tests.append(TestCommand(folder: place, command: command, isRunner: isRunner))
    }

    private mutating func python(_ folder: String, _ place: String) {
        add(.python, "python -m pytest", in: place)
        guard Disk.exists(folder + "/manage.py") else { return }
        tests.append(TestCommand(folder: place, command: "python manage.py test", isRunner: false))
        add(
            CommandProposal(
                name: "django tests", words: [["python", "python3"], ["manage.py"], ["test", "check"]],
                reason: "the project's own tests, confined and without a network",
                match: ["python manage.py test"], notMatch: ["python manage.py migrate", "python manage.py shell"]))
    }

    private mutating func node(_ folder: String, _ place: String, _ text: String) {
        languages.insert(.node)
        let lockFiles = [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn")]
        let manager = lockFiles.first { Disk.exists(folder + "/" + $0.0) }?.1 ?? "npm"
        guard case .object(let scripts)? = (try? JSONReader.read(Array(text.utf8)))?["scripts"] else {
            notes.append("\(place): package.json has no scripts, so nothing says how its tests are started")
            return
        }
        if scripts["test"] != nil {
            add(.node, "\(manager) test", in: place, isRunner: manager != "yarn")
        } else {
            notes.append("\(place): package.json has no script named test")
        }
        if !Disk.exists(folder + "/node_modules"), text.contains("ependencies\"") {
            notes.append(
                "\(place): its packages are not installed, and the sandbox has no network: \(manager) install first")
        }
        let own = scripts.keys.filter(Self.isCheck).sorted()
        guard !own.isEmpty else { return }
        add(
            CommandProposal(
                name: "scripts of this project", words: [["npm", "pnpm", "yarn"], ["run", "run-script"], own],
                reason: "checks that package.json names; they run the project's code, confined and without a network",
                writes: ["dist", "build", "coverage", "node_modules/.cache"], match: ["\(manager) run \(own[0])"],
                notMatch: ["\(manager) run \(own[0])x", "\(manager) install"]))
    }

    private mutating func make(_ place: String, _ text: String) {
        let targets = text.split(separator: "\n").compactMap { line -> String? in
            guard let colon = line.firstIndex(of: ":"), !line[colon...].hasPrefix(":=") else { return nil }
            let name = String(line[..<colon])
            return Self.isPlain(name) ? name : nil
        }
        languages.insert(.make)
        for name in ["test", "tests", "check"] where targets.contains(name) {
            tests.append(TestCommand(folder: place, command: "make \(name)", isRunner: false))
            break
        }
    }

    private mutating func add(_ rule: CommandProposal) {
        if !rules.contains(where: { $0.name == rule.name }) { rules.append(rule) }
    }

    /// Scripts whose name says that they look at the project and publish nothing; the default rules know the others.
    private static func isCheck(_ name: String) -> Bool {
        let known = ["test", "build", "lint", "typecheck", "check", "test:unit", "format-check"]
        let kinds = ["test", "lint", "typecheck", "type-check", "check", "tsc"]
        return isPlain(name) && !known.contains(name)
            && kinds.contains { name == $0 || name.hasPrefix($0 + ":") || name.hasPrefix($0 + "-") }
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64, isLetter(first) else { return false }
        return name.utf8.allSatisfy { isLetter($0) || 0x30...0x39 ~= $0 || ":-_".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte || 0x41...0x5A ~= byte }
}
