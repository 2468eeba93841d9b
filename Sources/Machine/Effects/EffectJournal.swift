internal import CPlatform
internal import ToolKit

/// The folder with one file for each apply that is under way.
struct EffectJournal: Sendable {
    let folder: Descriptor

    private static let ending = ".journal"
    private static let sizeLimit = 1 << 30

    /// - Parameter path: An existing folder; nobody else writes there.
    init(folder path: String) throws(ToolFailure) {
        do throws(SystemError) {
            folder = Descriptor(owning: try SystemError.check(cp_open_root(path)))
        } catch {
            throw Self.failure(error)
        }
    }

    /// One apply's file. Used by one thread.
    final class Page {
        let name: String
        /// What was written to it by this process.
        private(set) var bytes: [UInt8] = []
        private let file: Descriptor
        private let folder: Descriptor

        fileprivate init(name: String, file: Descriptor, folder: Descriptor) {
            self.name = name
            self.file = file
            self.folder = folder
        }

        func append(_ bytes: [UInt8]) throws(ToolFailure) {
            try EffectJournal.naming { () throws(SystemError) in
                try bytes.withBytes { all throws(SystemError) in
                    try SystemError.check(cp_write_all(file.number, all.baseAddress, all.count))
                }
            }
            self.bytes += bytes
        }

        func sync() throws(ToolFailure) {
            try EffectJournal.naming { () throws(SystemError) in try SystemError.check(cp_sync(file.number)) }
        }

        /// With its name.
        func syncWhole() throws(ToolFailure) {
            try sync()
            try EffectJournal.naming { () throws(SystemError) in try SystemError.check(cp_sync(folder.number)) }
        }

        /// From here on nothing is taken back.
        ///
        /// - Throws: ``ToolFailure``; then everything is taken back all the same, also by the next daemon.
        func commit() throws(ToolFailure) {
            do throws(ToolFailure) {
                try append(JournalRecord.commitment)
                try sync()
            } catch {
                // On a disk that takes nothing more, the word before is most likely missing as well.
                try? append(JournalRecord.revocation)
                throw error
            }
        }

        func remove() { _ = cp_unlink_in(folder.number, name) }
    }

    /// Begins a file.
    func open(_ record: JournalRecord) throws(ToolFailure) -> Page {
        let digits = StagingName.fresh().utf8.filter { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }.suffix(20)
        let name = record.call + "-" + String(decoding: digits, as: UTF8.self) + Self.ending
        let page = try Self.naming { () throws(SystemError) in
            Page(
                name: name, file: Descriptor(owning: try SystemError.check(cp_append_in(folder.number, name))),
                folder: folder)
        }
        do throws(ToolFailure) {
            try page.append(record.beginning)
        } catch {
            page.remove()
            throw error
        }
        return page
    }

    /// What a daemon that ended in the middle left, in the order of their names.
    ///
    /// - Returns: `nil` as a record for what cannot be read.
    func leftovers() throws(ToolFailure) -> [(page: Page, record: JournalRecord?)] {
        try Self.naming { () throws(SystemError) in
            var found: [(page: Page, record: JournalRecord?)] = []
            for name in try folder.entries(limit: 1_000_000).names.compactMap(\.text) where name.hasSuffix(Self.ending)
            {
                let file = Descriptor(owning: try SystemError.check(cp_append_in(folder.number, name)))
                let readable = Descriptor(
                    owning: try SystemError.check(cp_open_in(folder.number, name, CP_OPEN_READ)))
                let size = Int(try readable.facts().size)
                let bytes = size > Self.sizeLimit ? [] : try readable.read(offset: 0, count: size)
                found.append((Page(name: name, file: file, folder: folder), JournalRecord(bytes)))
            }
            return found
        }
    }

    @discardableResult
    fileprivate static func naming<T>(_ body: () throws(SystemError) -> T) throws(ToolFailure) -> T {
        do throws(SystemError) {
            return try body()
        } catch {
            throw failure(error)
        }
    }

    private static func failure(_ error: SystemError) -> ToolFailure {
        error == .noSpace
            ? ToolFailure(
                "no_space", "the disk of the home folder has no space for the journal; nothing was changed",
                remedy: "free space on it")
            : ToolFailure(
                "home_unwritable",
                "the journal of changes cannot be written in the home folder (error \(error.number)); nothing was changed",
                remedy: "let the daemon's user write to data/effects in its home folder")
    }
}
