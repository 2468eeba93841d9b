/// What rules about effects judge: whose effect it is, and what it does, as far as rules can speak of it.
public struct EffectFacts: Sendable, Hashable {
    /// One file or link of it.
    public struct Change: Sendable, Hashable {
        public let path: EffectPath
        public let change: FileEffect.Change
        /// Whether a file that stays gets other permission bits.
        public let changesMode: Bool
        /// Whether it is, or was, a link.
        public let isLink: Bool
        /// Lines that come and lines that go, together; `nil` for what is no text, or too large to be compared.
        public let lines: Int?

        public init(
            _ path: EffectPath, _ change: FileEffect.Change, changesMode: Bool = false, isLink: Bool = false,
            lines: Int?
        ) {
            self.path = path
            self.change = change
            self.changesMode = changesMode
            self.isLink = isLink
            self.lines = lines
        }

        public init(_ file: FileEffect, lines: Int?) {
            // Spelled out: the compiler of a release build gives up on these as closures of optionals.
            let (before, after) = (file.before, file.after)
            var changesMode = false
            if let before, let after { changesMode = before.kind == after.kind && before.mode != after.mode }
            self.init(
                file.path, file.change, changesMode: changesMode,
                isLink: before?.kind == .link || after?.kind == .link, lines: lines)
        }
    }

    /// What a run of the call that was previewed would have let pass, where no rule speaks of the effect.
    public enum Basis: Sendable, Hashable {
        /// All of it: a tool that names what it changes.
        case everything
        /// What lies in these folders: those that the command's rule lists under `writes:`.
        case folders([WorkspacePath])
        /// Nothing: a rule wants a person to look at the call itself, or it is not known any more.
        case nothing
    }

    /// Canonical; of the tool whose call was previewed.
    public let toolName: String
    public let changes: [Change]
    /// Folders that are made, go, or get other permissions.
    public let folders: [FolderEffect]
    public let basis: Basis

    public init(toolName: String, changes: [Change], folders: [FolderEffect] = [], basis: Basis = .nothing) {
        self.toolName = toolName
        self.changes = changes
        self.folders = folders
        self.basis = basis
    }

    /// - Parameter lines: As many as the effect has files.
    public init(toolName: String, effect: Effect, lines: [Int?], basis: Basis) {
        self.init(
            toolName: toolName, changes: zip(effect.files, lines).map(Change.init), folders: effect.folders,
            basis: basis)
    }

    public var deletions: Int { changes.count { $0.change == .deleted } }

    public var modeChanges: Int {
        changes.count(where: \.changesMode)
            + folders.count { $0.before != nil && $0.after != nil && $0.before != $0.after }
    }

    public var links: Int { changes.count(where: \.isLink) }

    /// `nil` when it cannot be said of one of the files.
    public var lines: Int? {
        changes.reduce(0 as Int?) { sum, change in
            sum.flatMap { sum in change.lines.map { sum.addingReportingOverflow($0).partialValue } }
        }
    }

    /// Places that it changes: its files, and folders that get other permissions or hold none of the files.
    public var places: [EffectPath] {
        let parents = Set(changes.flatMap { Self.ancestors(of: $0.path) })
        let told = folders.filter { folder in
            (folder.before != nil && folder.after != nil) || !parents.contains(folder.path)
        }
        return changes.map(\.path) + told.map(\.path)
    }

    private static func ancestors(of path: EffectPath) -> [EffectPath] {
        var ancestors: [EffectPath] = []
        var place = path.parent
        while let folder = place {
            ancestors.append(folder)
            place = folder.parent
        }
        return ancestors
    }
}

extension EffectPath {
    /// The nearest place at or above it that a caller may name, which rules can judge; `nil`: the root.
    public var judgedPlace: WorkspacePath? { workspacePath ?? parent?.judgedPlace }
}

extension Access {
    /// What putting an effect onto the workspace touches.
    ///
    /// - Parameter facts: Given where rules about effects shall be asked.
    public init(writing effect: Effect, of origin: Origin, judging facts: EffectFacts? = nil) {
        let places = effect.files.map(\.path) + effect.folders.map(\.path)
        var seen: Set<WorkspacePath> = []
        self.init(
            places: places.compactMap(\.judgedPlace).filter { seen.insert($0).inserted }.map { Place($0, .write) })
        deletions = effect.files.count { $0.after == nil }
        bytesWritten = effect.files.reduce(0) { sum, file in
            sum + (file.before?.sha256 == file.after?.sha256 ? 0 : file.after?.size ?? 0)
        }
        self.origin = origin
        self.effect = facts
    }
}
