#if os(Linux)
    internal import CPlatform
    internal import Foundation
    internal import Sandbox
    internal import ToolKit

    /// Takes the files that were asked for out of a folder that a hostile program has left behind.
    ///
    /// Every folder is opened in its parent's descriptor, every file likewise, links are never followed, and only what is
    /// a regular file before and after it was opened is read (SECURITY R1, R8). How long that takes is bounded by the
    /// number of entries and folders that are looked at, not by what the program has made.
    struct FolderHarvest {
        private static let entryLimit = 20_000
        private static let depthLimit = 32
        private static let nameLimit = 1_024

        private let patterns: [KeepPattern]
        private let keeper: any ArtifactKeeper
        private var kept = KeptFiles()
        private var entries = 0
        /// Why nothing more is looked at.
        private var isOver = false
        private var matched: Set<KeepPattern> = []

        init(of patterns: [KeepPattern], into keeper: any ArtifactKeeper) {
            self.patterns = patterns
            self.keeper = keeper
        }

        func gather(from folder: LentFolder) async -> KeptFiles {
            var harvest = self
            await harvest.look(into: folder.descriptor, at: [])
            for pattern in patterns where !harvest.matched.contains(pattern) {
                harvest.kept.omit(pattern.text, harvest.isOver ? "it was not looked for to the end" : "no file matches")
            }
            return harvest.kept
        }

        private mutating func look(into folder: Int32, at place: [[UInt8]]) async {
            guard let listing = wanted(at: place) ?? Self.list(folder, limit: Self.entryLimit - entries) else {
                return omit(place, "the folder cannot be read")
            }
            for (name, kind) in listing.names {
                guard !isOver else { return }
                entries += 1
                let path = place + [name]
                switch kind ?? Self.kind(of: name, in: folder) {
                case .folder: await descend(into: folder, name, path)
                case .file: await take(name, in: folder, path)
                case .link: refuse(path, "it is a link, and links are not followed")
                case .special: refuse(path, "it is a FIFO, socket or device")
                case nil: continue
                }
            }
            if listing.isCut, !isOver {
                isOver = true
                omit(place, "there are more than \(Self.entryLimit) files and folders; the rest was not looked at")
            }
        }

        /// The names that are asked for, where every pattern says the next one: however much a program has put beside them.
        private func wanted(at place: [[UInt8]]) -> Listing? {
            var names: Set<[UInt8]> = []
            for pattern in patterns where pattern.mayMatch(below: place) {
                guard let name = pattern.name(below: place) else { return nil }
                names.insert(name)
            }
            return Listing(names: names.sorted { $0.lexicographicallyPrecedes($1) }.map { ($0, nil) })
        }

        private mutating func descend(into folder: Int32, _ name: [UInt8], _ path: [[UInt8]]) async {
            guard patterns.contains(where: { $0.mayMatch(below: path) }) else { return }
            guard path.count < Self.depthLimit else {
                return omit(path, "it lies more than \(Self.depthLimit) folders deep")
            }
            let number = Self.open(name, in: folder, CP_OPEN_FOLDER)
            guard number >= 0 else { return refuse(path, "the folder cannot be opened", always: true) }
            let opened = Descriptor(owning: number)
            await look(into: opened.number, at: path)
        }

        private mutating func take(_ name: [UInt8], in folder: Int32, _ path: [[UInt8]]) async {
            let matching = patterns.filter { $0.matches(path) }
            guard !matching.isEmpty else { return }
            matched.formUnion(matching)
            let bytes = Array(path.joined(separator: [UInt8(ascii: "/")]))
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return omit(path, "its name is not UTF-8")
            }
            guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || 0x7F...0x9F ~= $0.value }) else {
                return omit(path, "its name holds control characters")
            }
            guard bytes.count <= Self.nameLimit else {
                return omit(path, "its name is longer than \(Self.nameLimit) bytes")
            }
            let number = Self.open(name, in: folder, CP_OPEN_READ)
            guard number >= 0 else { return omit(path, "it cannot be read") }
            let file = LeftFile(Descriptor(owning: number))
            guard let file else { return omit(path, "it is no regular file") }
            guard file.size <= keeper.largestFile else {
                return omit(path, "it is larger than \(keeper.largestFile >> 20) MiB")
            }
            do throws(ArtifactRefusal) {
                kept.artifacts.append(try await keeper.keep(text, from: file))
            } catch {
                omit(path, error.reason)
                isOver = isOver || error.isFinal
            }
        }

        /// What is no file is only worth a word when somebody asked for it.
        private mutating func refuse(_ path: [[UInt8]], _ reason: String, always: Bool = false) {
            let meant = patterns.filter { $0.matches(path) || $0.names(path) }
            guard always || !meant.isEmpty else { return }
            matched.formUnion(meant)
            omit(path, reason)
        }

        private mutating func omit(_ path: [[UInt8]], _ reason: String) {
            kept.omit(Self.shown(path), reason)
        }

        private static func shown(_ path: [[UInt8]]) -> String {
            let bytes = path.joined(separator: [UInt8(ascii: "/")]).prefix(256)
            let text = String(decoding: Array(bytes), as: UTF8.self)
            let scalars = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }
            return String(String.UnicodeScalarView(scalars))
        }

        // MARK: The system

        private struct Listing {
            var names: [(name: [UInt8], kind: FileFacts.Kind?)] = []
            var isCut = false
        }

        private static func list(_ folder: Int32, limit: Int) -> Listing? {
            var listing = cp_listing()
            let result = cp_list_folder(folder, max(1, limit), &listing)
            defer { cp_listing_free(&listing) }
            guard result >= 0 else { return nil }
            var found = Listing()
            found.isCut = listing.truncated != 0 || (limit <= 0 && listing.count > 0)
            guard limit > 0, let names = listing.names, let offsets = listing.offsets, let kinds = listing.kinds else {
                return found
            }
            for index in 0..<listing.count {
                let start = names + Int(offsets[index])
                let name = [UInt8](UnsafeRawBufferPointer(start: start, count: strlen(start)))
                let kind = Int32(kinds[index]) == CP_KIND_UNKNOWN ? nil : FileFacts.Kind(UInt32(kinds[index]))
                found.names.append((name, kind))
            }
            return found
        }

        private static func kind(of name: [UInt8], in folder: Int32) -> FileFacts.Kind? {
            var facts = cp_facts()
            return withName(name) { cp_facts_in(folder, $0, &facts) } >= 0 ? FileFacts.Kind(facts.kind) : nil
        }

        private static func open(_ name: [UInt8], in folder: Int32, _ purpose: Int32) -> Int32 {
            withName(name) { cp_open_in(folder, $0, purpose) }
        }

        private static func withName(_ name: [UInt8], _ body: (UnsafePointer<CChar>) -> Int32) -> Int32 {
            (name + [0]).withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map(body) ?? -1 }
            }
        }
    }

    /// One opened regular file.
    private struct LeftFile: ArtifactSource {
        private let descriptor: Descriptor
        let size: Int

        init?(_ descriptor: Descriptor) {
            guard let facts = try? descriptor.facts(), FileFacts.Kind(facts.kind) == .file else { return nil }
            self.descriptor = descriptor
            size = Int(facts.size)
        }

        func read(offset: Int, count: Int) throws -> [UInt8] { try descriptor.read(offset: offset, count: count) }
    }
#endif
