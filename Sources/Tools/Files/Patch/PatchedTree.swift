internal import ToolKit

/// What a patch makes of the files as they are now; nothing is changed yet.
struct PatchedTree {
    let files: [Entry]
    /// One for each name; only whole when every file was looked into.
    let changes: [FileChange]

    struct Entry {
        let patch: FilePatch
        /// `nil` for a plan that must not look into the file.
        let outcome: PatchedFile?
        /// The file that the hunks were tried on; `nil` for a new one.
        let source: FileIdentity?

        var isNew: Bool { outcome != nil && source == nil }
    }

    /// Whether every file was looked into.
    var isChecked: Bool { files.allSatisfy { $0.outcome != nil } }

    /// - Parameter isPlan: Leaves out the content of files that the caller may not read without asking: whether a line
    ///   fits tells something about it.
    static func of(_ arguments: ApplyPatch.Arguments, in context: ToolContext, isPlan: Bool) throws -> PatchedTree {
        if !arguments.cwd.isRoot, try context.files.facts(of: arguments.cwd)?.kind != .folder {
            throw FileFailure.notAFolder(arguments.cwd)
        }
        let patch = try Patch.parse(arguments.patch, in: arguments.cwd)
        let taken = Set(patch.files.compactMap(\.taken))
        var remaining = sizeLimit
        let entries = try patch.files.map { file in
            try context.checkLimits()
            return try entry(file, taken: taken, in: context, isPlan: isPlan, remaining: &remaining)
        }
        return PatchedTree(files: entries, changes: changes(entries))
    }

    private static func entry(
        _ file: FilePatch, taken: Set<WorkspacePath>, in context: ToolContext, isPlan: Bool, remaining: inout Int
    ) throws -> Entry {
        if file.source != file.path { try requireFree(file.path, taken: taken, in: context) }
        guard let source = file.source else { return try creation(file) }
        if isPlan, try context.files.facts(of: source) != nil, !(try isReadable(file, source, in: context)) {
            return Entry(patch: file, outcome: nil, source: nil)
        }
        if case .modify(mayCreate: true) = file.change, try context.files.facts(of: source) == nil {
            return try creation(file)
        }
        let slice = try context.files.read(source, offset: 0, limit: remaining)
        guard !slice.isTruncated else {
            throw FileFailure.tooLarge(source, size: slice.facts.size, limit: sizeLimit)
        }
        remaining -= slice.bytes.count
        return Entry(patch: file, outcome: try file.applied(to: slice.bytes), source: slice.facts.identity)
    }

    private static func creation(_ file: FilePatch) throws -> Entry {
        Entry(patch: file, outcome: try file.applied(to: []), source: nil)
    }

    /// Whether a name is free for a file once everything that the patch takes away is gone.
    private static func requireFree(
        _ path: WorkspacePath, taken: Set<WorkspacePath>, in context: ToolContext
    ) throws {
        // Its own file goes, or the file goes whose name becomes a folder.
        var place = path
        while !place.isRoot {
            if taken.contains(place) { return }
            place = place.parent
        }
        // A folder may give way to the file; whether it will be empty is found out where it can be looked into.
        if try isFolder(path, in: context) { return }
        guard try context.files.target(of: path).facts == nil else {
            throw PatchFailure.doesNotFit(path, "it makes the file, but there is one already")
        }
    }

    private static func isFolder(_ path: WorkspacePath, in context: ToolContext) throws -> Bool {
        do {
            return try context.files.facts(of: path)?.kind == .folder
        } catch let failure as ToolFailure where failure.code == FileFailure.notAFolder(path).code {
            return false
        }
    }

    private static func isReadable(_ file: FilePatch, _ source: WorkspacePath, in context: ToolContext) throws -> Bool {
        // A copy leaves its source alone, so the call was granted reading and nothing else of it.
        if case .copy = file.change { return try context.files.isReadable(source) }
        return try context.files.target(of: source).isReadable
    }

    /// Bytes of all files of one patch together.
    private static let sizeLimit = 67_108_864
}

extension PatchedTree {
    /// What happens to each name: who both loses its file and gets another one is written in one step, on the base of
    /// the file that it loses.
    private static func changes(_ entries: [Entry]) -> [FileChange] {
        var taken: [WorkspacePath: FileIdentity] = [:]
        for entry in entries { if let path = entry.patch.taken { taken[path] = entry.source } }
        let given = Set(entries.compactMap(\.patch.given))
        return entries.flatMap { entry -> [FileChange] in
            let file = entry.patch
            var changes: [FileChange] = []
            if let path = file.given, let bytes = entry.outcome?.bytes {
                let kept: FileIdentity? = if case .modify = file.change { entry.source } else { taken[path] }
                changes.append(
                    FileChange(
                        path: path, deed: .write(bytes), mode: file.mode,
                        base: kept.map(FileChange.Base.exactly) ?? .absent, createsParents: kept == nil))
            }
            if let path = file.taken, !given.contains(path), let base = entry.source {
                changes.append(FileChange(path: path, deed: .delete, base: .exactly(base)))
            }
            return changes
        }
    }
}

extension FilePatch {
    fileprivate var mode: FileChange.Mode {
        switch change {
        case .rename(let origin), .copy(let origin): .like(origin, executable: isExecutable)
        case .modify, .create, .delete: isExecutable.map(FileChange.Mode.executable) ?? .keep
        }
    }

    fileprivate func name(isNew: Bool) -> String {
        switch change {
        case .modify where isNew: "added"
        case .modify where hunks.isEmpty: "mode"
        case .modify: "modified"
        case .create, .copy: "added"
        case .delete: "deleted"
        case .rename: "renamed"
        }
    }
}

extension PatchedTree.Entry {
    /// As `files` of the answer lists it.
    var described: JSONValue {
        var members: [String: JSONValue] = [
            "path": .string(patch.path.description), "change": .string(patch.name(isNew: isNew)),
        ]
        switch patch.change {
        case .rename(let origin): members["renamed_from"] = .string(origin.description)
        case .copy(let origin): members["copied_from"] = .string(origin.description)
        default: break
        }
        if !patch.hunks.isEmpty { members["hunks"] = .integer(patch.hunks.count) }
        if let offset = outcome?.largestOffset, offset != 0 { members["offset"] = .integer(offset) }
        if outcome == nil { members["checked"] = false }
        return .object(members)
    }
}
