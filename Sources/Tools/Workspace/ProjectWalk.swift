internal import ToolKit

/// Walks a folder the way a person looks at a project: without what `.gitignore` files name, without `.git` and our own
/// folder, and without what policy hides.
struct ProjectWalk {
    /// What a walk saw and left out.
    struct Summary {
        var files = 0
        var folders = 0
        /// Files and folders that a `.gitignore` names; a folder counts once, whatever lies in it.
        var ignored = 0
        var hidden = 0
        var unreadable = 0
        /// Links and special files, never followed or opened.
        var links = 0
        /// Which limit ended the walk, `nil` when it saw everything.
        var stoppedBy: String?
    }

    let context: ToolContext
    let folder: WorkspacePath
    /// SECURITY R8: at most so many names are looked at.
    var maxEntries = 300_000

    /// A `.gitignore` larger than this is read in part.
    private static let maxIgnoreFile = 256 * 1_024
    private static let skippedNames: Set<String> = [".git", ".execution-layer"]

    /// - Parameter visit: Called for every regular file, in a stable order; answers `false` to end the walk.
    func run(_ visit: (WalkEntry, inout Summary) throws -> Bool) throws -> Summary {
        var summary = Summary()
        var ignores: IgnoreStack?
        var realFolder = folder
        try context.checkLimits()
        let walked = try context.files.walk(folder, limits: limits) { entry in
            try context.checkLimits()
            guard let name = entry.path.name, !Self.skippedNames.contains(name) else {
                return entry.kind == .folder ? .skipFolder : .goOn
            }
            // The first entry lies in the folder itself and tells its real place: `folder` may be a link to it.
            if ignores == nil {
                realFolder = entry.path.parent
                ignores = IgnoreStack(at: realFolder, rules: ignoreFile(of: realFolder, in: realFolder))
            }
            if ignores?.ignores(entry.path, isFolder: entry.kind == .folder) == true {
                summary.ignored += 1
                return entry.kind == .folder ? .skipFolder : .goOn
            }
            switch entry.kind {
            case .folder:
                summary.folders += 1
                ignores?.push(ignoreFile(of: entry.path, in: realFolder), of: entry.path)
                return .goOn
            case .file:
                summary.files += 1
                return try visit(entry, &summary) ? .goOn : .stop
            case .link, .special:
                summary.links += 1
                return .goOn
            }
        }
        summary.hidden += walked.hidden
        summary.unreadable += walked.unreadable
        summary.stoppedBy = walked.stoppedBy
        return summary
    }

    /// Ends a little before the call has to, so that what was found is answered instead of lost.
    private var limits: WalkLimits {
        let left = ContinuousClock.now.duration(to: context.deadline)
        return WalkLimits(entries: maxEntries, deadline: context.deadline - left / 20)
    }

    /// Read when the folder is entered: names that sort before `.gitignore` are subject to it as well.
    ///
    /// - Parameter base: The real place of ``folder``. The file is asked for by the name that the call was granted.
    private func ignoreFile(of place: WorkspacePath, in base: WorkspacePath) -> GitIgnore? {
        let name = place.components.dropFirst(base.components.count).reduce(folder) { $0.appending(component: $1) }
            .appending(component: ".gitignore")
        // A folder without one, or with one that may not be read, has no rules.
        guard let slice = try? context.files.read(name, offset: 0, limit: Self.maxIgnoreFile) else { return nil }
        let rules = GitIgnore(slice.bytes)
        return rules.isEmpty ? nil : rules
    }
}

/// The `.gitignore` files on the way down to where a walk is.
struct IgnoreStack {
    private struct Level {
        let depth: Int
        let rules: GitIgnore
    }

    /// How many components the walked folder itself has.
    private let base: Int
    private var levels: [Level] = []

    init(at folder: WorkspacePath, rules: GitIgnore?) {
        base = folder.components.count
        push(rules, of: folder)
    }

    mutating func push(_ rules: GitIgnore?, of folder: WorkspacePath) {
        let depth = folder.components.count - base
        while let last = levels.last, last.depth >= depth { levels.removeLast() }
        if let rules { levels.append(Level(depth: depth, rules: rules)) }
    }

    /// The deepest file that speaks about the path decides.
    mutating func ignores(_ path: WorkspacePath, isFolder: Bool) -> Bool {
        let depth = path.components.count - base
        while let last = levels.last, last.depth >= depth { levels.removeLast() }
        guard !levels.isEmpty else { return false }
        var bytes: [UInt8] = []
        var starts: [Int] = []
        for component in path.components.dropFirst(base) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            starts.append(bytes.count)
            bytes.append(contentsOf: component.utf8)
        }
        for level in levels.reversed() {
            let relative = bytes[starts[level.depth]...]
            if let verdict = level.rules.verdict(for: relative, nameStart: starts[depth - 1], isFolder: isFolder) {
                return verdict == .ignored
            }
        }
        return false
    }
}
