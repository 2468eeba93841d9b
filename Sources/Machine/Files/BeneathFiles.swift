internal import CPlatform
package import ToolKit

/// The workspace's files for one call: opened beneath the root, held to the access that the gate judged.
///
/// Nothing here checks a path and opens it afterwards. A file is opened, then the descriptor tells what it is and where
/// it lies, and that is judged (SECURITY R1, R3).
package struct BeneathFiles: WorkspaceFiles {
    let root: WorkspaceRoot
    let coverage: Coverage
    let effects: CallEffects?
    let contents: (any EffectContents)?
    let journal: CommitJournal?
    let faults: CommitFaults

    /// - Parameters:
    ///   - access: What the gate judged for this call, and all that this value can reach.
    ///   - rules: Judge the names that only turn up while the call runs.
    ///   - masked: Out of reach whatever the rules say: the daemon's home where it lies in the workspace (R65).
    ///   - effects: Told what the call changes, or would change; `nil`: nobody wants to know.
    ///   - contents: Where what changed files held before is kept, and in a preview what they would hold.
    ///   - journal: For commits of several files; `nil`: a crash can leave some of them changed and others not.
    ///   - faults: Called between the steps of a commit; only tests pass one.
    package init(
        root: WorkspaceRoot, access: Access, rules: any PathRules, masked: [WorkspacePath] = [],
        effects: CallEffects? = nil, contents: (any EffectContents)? = nil, journal: CommitJournal? = nil,
        faults: @escaping CommitFaults = { _ in }
    ) {
        self.effects = effects
        self.contents = contents
        self.journal = journal
        self.root = root
        self.coverage = Coverage(access: access, rules: rules, masked: masked)
        self.faults = faults
    }

    package func read(_ path: WorkspacePath, offset: Int, limit: Int) throws -> FileSlice {
        let opened = try open(path, purpose: CP_OPEN_READ)
        return try naming(path) { () throws(SystemError) in
            try opened.descriptor.slice(facts: opened.facts, offset: offset, limit: limit)
        }
    }

    package func facts(of path: WorkspacePath) throws -> FileFacts? {
        do throws(ToolFailure) {
            return FileFacts(try open(path, purpose: CP_OPEN_LOOK).facts)
        } catch {
            guard error.code == FileFailure.notFound(path).code else { throw error }
            return nil
        }
    }

    package func isReadable(_ path: WorkspacePath) throws -> Bool {
        coverage.isOpenToReading(try open(path, purpose: CP_OPEN_LOOK).place)
    }

    /// Opens what the call may read. For reading, only a regular file passes.
    private func open(_ path: WorkspacePath, purpose: Int32) throws(ToolFailure) -> OpenedFile {
        try coverage.admit(path, .read)
        let opened = try open(path, purpose: purpose, for: .read)
        if purpose == CP_OPEN_READ {
            let kind = FileFacts.Kind(opened.facts.kind)
            guard kind == .file else { throw FileFailure.notAFile(path, kind.spokenName) }
        }
        return opened
    }

    /// Opens a name that was admitted, and judges where the descriptor really lies.
    ///
    /// The first attempt follows no link at all: what it opens lies where its name says. Only when a link is met is it
    /// opened again with links followed, and then the real place must be one that the call may use.
    func open(_ path: WorkspacePath, purpose: Int32, for use: Access.PathUse) throws(ToolFailure) -> OpenedFile {
        for _ in 0..<Self.patience {
            let opened: OpenedFile?
            do throws(SystemError) {
                opened = try openPlain(path, purpose: purpose)
            } catch {
                guard error == .isLink else { throw error.failure(for: path) }
                opened = try naming(path) { () throws(SystemError) in try openFollowing(path, purpose: purpose) }
            }
            guard let opened else { continue }
            try coverage.admit(opened.place, asked: path, use)
            return opened
        }
        throw FileFailure.conflict(path)
    }

    /// Follows no link; where one is met, ELOOP.
    func openPlain(_ path: WorkspacePath, purpose: Int32) throws(SystemError) -> OpenedFile? {
        let descriptor = try root.open(path, purpose: purpose, follow: false)
        let facts = try descriptor.facts()
        #if os(Linux)
            return OpenedFile(descriptor: descriptor, facts: facts, place: path)
        #else
            // There a name may reach a file in another case or normal form, so the descriptor is asked.
            guard let place = try root.place(of: descriptor) else { return nil }
            return OpenedFile(descriptor: descriptor, facts: facts, place: place)
        #endif
    }

    /// `nil` when the file was deleted or moved away in the moment of opening; then it is worth another try.
    func openFollowing(_ path: WorkspacePath, purpose: Int32) throws(SystemError) -> OpenedFile? {
        let descriptor = try root.open(path, purpose: purpose, follow: true)
        let facts = try descriptor.facts()
        guard facts.links > 0, let place = try root.place(of: descriptor) else { return nil }
        return OpenedFile(descriptor: descriptor, facts: facts, place: place)
    }

    /// How often something that another process keeps swapping is tried again.
    static let patience = 16
}

/// A descriptor, what it is and where it lies.
struct OpenedFile {
    let descriptor: Descriptor
    let facts: cp_facts
    let place: WorkspacePath
}

extension WorkspaceRoot {
    func open(_ path: WorkspacePath, purpose: Int32, follow: Bool) throws(SystemError) -> Descriptor {
        let number = cp_open_beneath(folder.number, path.description, purpose, follow ? 1 : 0)
        return Descriptor(owning: try SystemError.check(number))
    }
}

extension Descriptor {
    func slice(facts: cp_facts, offset: Int, limit: Int) throws(SystemError) -> FileSlice {
        let size = Int(facts.size)
        let rest = max(0, size - offset)
        let bytes = try read(offset: offset, count: min(limit, rest))
        return FileSlice(bytes: bytes, facts: FileFacts(facts), isTruncated: bytes.count < rest)
    }
}
