internal import ToolKit

/// What a patch makes of the files as they are now; nothing is changed yet.
struct PatchedTree {
    let files: [Entry]

    struct Entry {
        let patch: FilePatch
        let changes: [FileChange]
        /// `nil` for a plan that must not look into the file.
        let outcome: PatchedFile?
        let isNew: Bool
    }

    /// - Parameter isPlan: Leaves out the content of files that the caller may not read without asking: whether a line
    ///   fits tells something about it.
    static func of(_ arguments: ApplyPatch.Arguments, in context: ToolContext, isPlan: Bool) throws -> PatchedTree {
        if !arguments.cwd.isRoot, try context.files.facts(of: arguments.cwd)?.kind != .folder {
            throw FileFailure.notAFolder(arguments.cwd)
        }
        let patch = try Patch.parse(arguments.patch, in: arguments.cwd)
        var remaining = sizeLimit
        return PatchedTree(
            files: try patch.files.map { file in
                try context.checkLimits()
                return try entry(file, in: context, isPlan: isPlan, remaining: &remaining)
            })
    }

    private static func entry(
        _ file: FilePatch, in context: ToolContext, isPlan: Bool, remaining: inout Int
    ) throws -> Entry {
        if file.source != file.path { try requireAbsent(file.path, in: context) }
        guard let source = file.source else { return try creation(file) }
        if isPlan, try context.files.facts(of: source) != nil, !(try isReadable(file, source, in: context)) {
            return Entry(patch: file, changes: [], outcome: nil, isNew: false)
        }
        if case .modify(mayCreate: true) = file.change, try context.files.facts(of: source) == nil {
            return try creation(file)
        }
        let slice = try context.files.read(source, offset: 0, limit: remaining)
        guard !slice.isTruncated else {
            throw FileFailure.tooLarge(source, size: slice.facts.size, limit: sizeLimit)
        }
        remaining -= slice.bytes.count
        let outcome = try file.applied(to: slice.bytes)
        let changes = file.changes(to: outcome.bytes, base: slice.facts.identity)
        return Entry(patch: file, changes: changes, outcome: outcome, isNew: false)
    }

    private static func creation(_ file: FilePatch) throws -> Entry {
        let outcome = try file.applied(to: [])
        let change = FileChange(
            path: file.path, deed: .write(outcome.bytes),
            mode: file.isExecutable.map(FileChange.Mode.executable) ?? .keep,
            base: .absent, createsParents: true)
        return Entry(patch: file, changes: [change], outcome: outcome, isNew: true)
    }

    private static func requireAbsent(_ path: WorkspacePath, in context: ToolContext) throws {
        guard try context.files.target(of: path).facts == nil else {
            throw PatchFailure.doesNotFit(path, "it makes the file, but there is one already")
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

extension FilePatch {
    fileprivate func changes(to bytes: [UInt8], base: FileIdentity) -> [FileChange] {
        let mode = isExecutable.map(FileChange.Mode.executable) ?? .keep
        switch change {
        case .modify, .create:
            return [FileChange(path: path, deed: .write(bytes), mode: mode, base: .exactly(base))]
        case .delete:
            return [FileChange(path: path, deed: .delete, base: .exactly(base))]
        case .rename(let origin):
            return [
                FileChange(
                    path: path, deed: .write(bytes), mode: .like(origin, executable: isExecutable), base: .absent,
                    createsParents: true),
                FileChange(path: origin, deed: .delete, base: .exactly(base)),
            ]
        case .copy(let origin):
            return [
                FileChange(
                    path: path, deed: .write(bytes), mode: .like(origin, executable: isExecutable), base: .absent,
                    createsParents: true)
            ]
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
