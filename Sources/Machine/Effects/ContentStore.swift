internal import CPlatform
internal import Synchronization
package import ToolKit

/// Contents by their hashes, in files of the daemon's own home: what undo and previews need.
///
/// A content is written under another name and gets its hash as a name when it is whole. It is deflated unless that gains
/// nothing. Who asks for it gets it only if it still is what its hash says.
package final class ContentStore: EffectContents {
    package struct Limits: Sendable, Hashable {
        /// Of all contents together, as they lie on the disk.
        package var totalBytes: Int
        /// Of one, before it is deflated.
        package var contentBytes: Int
        /// What stays free on the disk, for the audit above all.
        package var spareBytes: Int

        package init(totalBytes: Int = 2 << 30, contentBytes: Int = 1 << 30, spareBytes: Int = 64 << 20) {
            self.totalBytes = totalBytes
            self.contentBytes = contentBytes
            self.spareBytes = spareBytes
        }
    }

    package struct Usage: Sendable, Hashable {
        package var contents = 0
        /// As they lie on the disk.
        package var bytes = 0

        package init(contents: Int = 0, bytes: Int = 0) {
            self.contents = contents
            self.bytes = bytes
        }
    }

    private struct State {
        var usage = Usage()
        /// Kept, and maybe not on the disk yet.
        var unsynced: Set<ContentName> = []
        /// Until when a content was wanted by somebody who was about to name it in a record.
        var wanted: [ContentName: ContinuousClock.Instant] = [:]
        /// What calls under way have kept or found, until they are settled.
        var uses: [ObjectIdentifier: Set<ContentName>] = [:]

        /// - Parameter use: `nil`: of somebody who is no call, or of one that is settled.
        mutating func want(_ name: ContentName, _ use: ObjectIdentifier?, until end: ContinuousClock.Instant) {
            if let use, uses[use] != nil {
                uses[use]?.insert(name)
            } else {
                wanted[name] = end
            }
        }

        func isWanted(_ name: ContentName, since moment: ContinuousClock.Instant) -> Bool {
            wanted[name].map { $0 > moment } ?? false || uses.values.contains { $0.contains(name) }
        }
    }

    package let limits: Limits
    private let root: Descriptor
    private let now: @Sendable () -> ContinuousClock.Instant
    /// Owner: whoever keeps or removes, for the moment of the change itself.
    private let state = Mutex(State())
    /// One at a time, and whoever comes second waits for the first: what the first took over is on disk then as well.
    private let syncing = Mutex(())

    private static let drafts = "new"
    /// How long nothing is removed that was kept or found by somebody who is no call: until then they have told who needs
    /// it. What a call keeps is held until the call is settled, and no longer: who changes much must not fill the store
    /// for everybody with what nobody needs any more.
    private static let grace = Duration.seconds(3_600)
    /// Up to so many files are synced each by itself; more with their whole file system, which writes what others have
    /// changed there as well.
    private static let fewFiles = 64

    /// Takes away what a crash left half written, and counts what is there. Blocks.
    ///
    /// - Parameter path: An existing folder; nobody else writes there.
    package init(
        folder path: String, limits: Limits = Limits(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws(ToolFailure) {
        self.limits = limits
        self.now = now
        do throws(SystemError) {
            let root = Descriptor(owning: try SystemError.check(cp_open_root(path)))
            var isNew = false
            for name in [Self.drafts] + ContentName.folders {
                let result = cp_make_folder_in(root.number, name)
                if result >= 0 {
                    isNew = true
                } else if -result != SystemError.exists.number {
                    try SystemError.check(result)
                }
            }
            if isNew { try SystemError.check(cp_sync_file_system(root.number)) }
            for name in try root.names(in: Self.drafts) { _ = cp_unlink_in(root.number, Self.drafts + "/" + name) }
            var usage = Usage()
            for folder in ContentName.folders {
                for name in try root.names(in: folder) {
                    guard let facts = root.facts(of: folder + "/" + name) else { continue }
                    usage.contents += 1
                    usage.bytes += Int(facts.size)
                }
            }
            self.root = root
            state.withLock { $0.usage = usage }
        } catch {
            throw Self.failure(error)
        }
    }

    package var usage: Usage { state.withLock { $0.usage } }

    package func keep(_ bytes: [UInt8]) throws -> String {
        guard bytes.count <= limits.contentBytes else { throw Self.tooLarge(bytes.count, limits) }
        return try keep(BytesInMemory(bytes: bytes)).sha256
    }

    package func keep(file descriptor: Int32) throws -> (sha256: String, size: Int) {
        var facts = cp_facts()
        guard cp_descriptor_facts(descriptor, &facts) >= 0 else { throw Self.failure(.badDescriptor) }
        guard facts.size <= limits.contentBytes else { throw Self.tooLarge(Int(facts.size), limits) }
        return try keep(BytesOfFile(descriptor: descriptor, expectedSize: Int(facts.size)))
    }

    private func keep(_ source: some ContentSource) throws(ToolFailure) -> (sha256: String, size: Int) {
        do throws(SystemError) {
            // Most of what calls touch was kept before; hashing is much cheaper than deflating and writing.
            var size = 0
            var hash = ContentHash()
            try source.pieces { bytes throws(SystemError) in
                size += bytes.count
                hash.add(bytes)
            }
            let known = hash.finished()
            if holds(known) { return (known, size) }
            let draft = try write(source)
            return (draft.sha256, draft.size)
        } catch {
            throw error == .tooLarge ? Self.full(limits) : Self.failure(error)
        }
    }

    private func write(_ source: some ContentSource) throws(SystemError) -> ContentDraft {
        guard cp_free_bytes(root.number) > Int64(limits.spareBytes) else { throw .noSpace }
        let name = Self.drafts + "/" + StagingName.fresh()
        let file = Descriptor(owning: try SystemError.check(cp_create_in(root.number, name)))
        do throws(SystemError) {
            let draft = try ContentDraft(of: source, to: file, limit: limits.totalBytes - usage.bytes)
            try publish(draft, from: name)
            return draft
        } catch {
            _ = cp_unlink_in(root.number, name)
            throw error
        }
    }

    private func publish(_ draft: ContentDraft, from name: String) throws(SystemError) {
        guard let content = ContentName(draft.sha256) else { throw .badDescriptor }
        let use = use()
        let result: Result<Void, SystemError> = state.withLock { state in
            guard state.usage.bytes + draft.stored <= limits.totalBytes else { return .failure(.tooLarge) }
            let there = root.facts(of: content.path)
            // One that was cut by a loss of power gives way; a whole one cannot be told from ours.
            guard cp_rename_in(root.number, name, content.path) >= 0 else {
                return .failure(.noEntry)
            }
            state.usage.bytes += draft.stored - Int(there?.size ?? 0)
            state.usage.contents += there == nil ? 1 : 0
            state.unsynced.insert(content)
            state.want(content, use, until: now() + Self.grace)
            return .success(())
        }
        try result.get()
    }

    /// The call under way, held on to until it is settled.
    private func use() -> ObjectIdentifier? {
        guard let call = CallEffects.underWay else { return nil }
        let use = ObjectIdentifier(call)
        let isNew = state.withLock { state in
            guard state.uses[use] == nil else { return false }
            state.uses[use] = []
            return true
        }
        if isNew { call.whenSettled { [weak self] in self?.release(use) } }
        return use
    }

    private func release(_ use: ObjectIdentifier) {
        state.withLock { state in
            // A removal that was decided before has not seen its record.
            for name in state.uses.removeValue(forKey: use) ?? [] {
                state.wanted[name] = max(state.wanted[name] ?? now(), now())
            }
        }
    }

    package func holds(_ sha256: String) -> Bool {
        guard let name = ContentName(sha256) else { return false }
        // First of all: who removes looks at this before.
        let use = use()
        state.withLock { $0.want(name, use, until: now() + Self.grace) }
        return ((try? ContentReading(name, in: root)) ?? nil) != nil
    }

    /// Bytes of its beginning are not checked against the hash unless they are all of it.
    package func read(_ sha256: String, limit: Int) throws -> [UInt8]? {
        var bytes: [UInt8] = []
        let isThere = try pass(sha256) { piece throws(SystemError) in
            bytes.append(contentsOf: piece.prefix(limit - bytes.count))
            return bytes.count < limit
        }
        return isThere ? bytes : nil
    }

    package func write(_ sha256: String, to descriptor: Int32) throws -> Bool {
        try pass(sha256) { piece throws(SystemError) in
            try SystemError.check(cp_write_all(descriptor, piece.baseAddress, piece.count))
            return true
        }
    }

    /// - Returns: Whether it was there and right; a broken one is removed, so that it can be kept again.
    private func pass(
        _ sha256: String, to receive: (UnsafeRawBufferPointer) throws(SystemError) -> Bool
    ) throws(ToolFailure) -> Bool {
        guard let name = ContentName(sha256) else { return false }
        do throws(SystemError) {
            guard let reading = try ContentReading(name, in: root) else { return false }
            switch try reading.read(receive) {
            case .whole, .stopped: return true
            case .broken:
                drop(name)
                return false
            }
        } catch {
            throw Self.failure(error)
        }
    }

    // MARK: Room

    /// Takes contents away that no record needs any more. One that a call under way has kept or asked for stays, and one
    /// that was wanted since.
    ///
    /// - Parameter moment: From before the records were asked; `nil`: now.
    /// - Returns: What is gone.
    @discardableResult
    package func remove(_ hashes: some Sequence<String>, unlessWantedSince moment: ContinuousClock.Instant? = nil)
        -> Usage
    {
        var gone = Usage()
        let moment = moment ?? now()
        for name in hashes.compactMap(ContentName.init) {
            if let bytes = drop(name, unlessWantedSince: moment) {
                gone.contents += 1
                gone.bytes += bytes
            }
        }
        return gone
    }

    /// The same of everything but what is listed: for the start, when the records are known.
    @discardableResult
    package func sweep(keeping needed: Set<String>, since moment: ContinuousClock.Instant? = nil) -> Usage {
        let moment = moment ?? now()
        let all = ContentName.folders.flatMap { (try? root.names(in: $0)) ?? [] }
        let gone = remove(all.filter { !needed.contains($0) }, unlessWantedSince: moment)
        state.withLock { state in state.wanted = state.wanted.filter { $0.value > moment } }
        return gone
    }

    /// How many bytes one takes on the disk; `nil` when it is not there.
    package func size(of sha256: String) -> Int? {
        guard let name = ContentName(sha256) else { return nil }
        return root.facts(of: name.path).map { Int($0.size) }
    }

    @discardableResult
    private func drop(_ name: ContentName, unlessWantedSince moment: ContinuousClock.Instant? = nil) -> Int? {
        state.withLock { state -> Int? in
            if let moment, state.isWanted(name, since: moment) { return nil }
            guard let facts = root.facts(of: name.path), cp_unlink_in(root.number, name.path) >= 0 else {
                return nil
            }
            state.usage.bytes -= Int(facts.size)
            state.usage.contents -= 1
            state.wanted[name] = nil
            state.unsynced.remove(name)
            return Int(facts.size)
        }
    }

    package func sync(_ hashes: Set<String>) throws {
        try syncing.withLock { _ in
            let names = state.withLock { state in
                let names = hashes.compactMap(ContentName.init).filter(state.unsynced.contains)
                state.unsynced.subtract(names)
                return names
            }
            do throws(SystemError) {
                try sync(names)
            } catch {
                state.withLock { $0.unsynced.formUnion(names) }
                throw Self.failure(error)
            }
        }
    }

    private func sync(_ names: [ContentName]) throws(SystemError) {
        guard names.count <= Self.fewFiles else {
            try SystemError.check(cp_sync_file_system(root.number))
            return
        }
        let syncs = PendingSyncs()
        for name in names {
            let number = cp_open_in(root.number, name.path, CP_OPEN_READ)
            // Removed meanwhile, so nobody needs it.
            guard number != -SystemError.noEntry.number else { continue }
            syncs.add(Descriptor(owning: try SystemError.check(number)))
        }
        try syncs.finish()
        // Behind all files: most file systems have written the names with them.
        for name in Set(names.map(\.folder)) {
            let folder = Descriptor(owning: try SystemError.check(cp_open_in(root.number, name, CP_OPEN_FOLDER)))
            try SystemError.check(cp_sync(folder.number))
        }
    }

    // MARK: What went wrong

    private static func full(_ limits: Limits) -> ToolFailure {
        ToolFailure(
            TooMuchToKeep.full,
            "the contents that undo and previews need would take more than \(limits.totalBytes >> 20) MiB",
            remedy: "let older ones give way: discard previews, or have an operator raise the limit")
    }

    private static func tooLarge(_ size: Int, _ limits: Limits) -> ToolFailure {
        ToolFailure(
            TooMuchToKeep.tooLarge,
            "a content of \(size) bytes is larger than the \(limits.contentBytes >> 20) MiB that are kept of one file",
            remedy: "change it outside of the daemon")
    }

    private static func failure(_ error: SystemError) -> ToolFailure {
        error == .noSpace
            ? ToolFailure(
                "no_space", "the disk of the home folder has no space for the contents that undo and previews need",
                remedy: "free space on it")
            : ToolFailure(
                "io_error",
                "the contents that undo and previews need cannot be read or written (error \(error.number))",
                remedy: "look at the system's log for the disk, and at who owns data/effects in the home folder")
    }
}

extension Descriptor {
    /// The names in a folder of the store.
    fileprivate func names(in folder: String) throws(SystemError) -> [String] {
        let opened = Descriptor(owning: try SystemError.check(cp_open_in(number, folder, CP_OPEN_FOLDER)))
        return try opened.entries(limit: 10_000_000).names.compactMap(\.text)
    }
}
