#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// A walk over a folder that programs may write to. Names are taken as bytes, because programs chose them: what is no
    /// UTF-8 is looked into like everything else. No link is followed.
    struct WritableWalk {
        /// One name that the walk meets; the pointer is good for as long as its visitor runs.
        struct Entry {
            let name: UnsafePointer<CChar>
            /// `nil` when a component of it is no UTF-8: rules cannot speak of it.
            let path: WorkspacePath?
            let kind: FileFacts.Kind

            var isControlFile: Bool {
                // Most names are decided by their bytes, without making a text of them.
                var place = 0
                while name[place] != 0 {
                    let byte = UInt8(bitPattern: name[place])
                    if byte | 0x20 == UInt8(ascii: "g") || byte >= 0x80 {
                        return ControlFiles.isProtected(component: String(cString: name))
                    }
                    place += 1
                }
                return false
            }
        }

        private static let entryLimit = 2_000_000
        private static let depthLimit = 128
        private static let patience = Duration.seconds(60)

        /// Folders that could not be looked into: shut, too deep, or behind the limits.
        private(set) var unseen = 0
        private var entries = 0
        private let deadline = ContinuousClock.now + patience

        /// - Parameters:
        ///   - bare: Told of each folder that git would take for a repository without a `.git` of its own, before what
        ///     lies in it.
        ///   - visit: Told of each name; answers whether to look into it, should it be a folder.
        mutating func walk(
            _ folder: WorkspacePath, in root: WorkspaceRoot, bare: (WorkspacePath) throws -> Void,
            visit: (Entry) throws -> Bool
        ) throws {
            guard let opened = try? root.open(folder, purpose: CP_OPEN_FOLDER, follow: false) else {
                // The one that was lent may be gone; something else in its place is nobody's folder.
                return
            }
            try descend(opened.number, folder, 1, bare, visit)
        }

        private mutating func descend(
            _ folder: Int32, _ path: WorkspacePath?, _ depth: Int, _ bare: (WorkspacePath) throws -> Void,
            _ visit: (Entry) throws -> Bool
        ) throws {
            var listing = cp_listing()
            let result = cp_list_folder(folder, Self.entryLimit, &listing)
            defer { cp_listing_free(&listing) }
            guard result >= 0, listing.truncated == 0 else { return unseen += 1 }
            guard let names = listing.names, let offsets = listing.offsets, let kinds = listing.kinds else { return }
            let all = (0..<listing.count).map { UnsafePointer(names + Int(offsets[$0])) }
            if let path, Self.isRepository(all) { try bare(path) }
            for (index, name) in all.enumerated() {
                entries += 1
                guard entries < Self.entryLimit, entries % 256 != 0 || ContinuousClock.now < deadline else {
                    return unseen += 1
                }
                guard let kind = Self.kind(of: name, in: folder, listed: kinds[index]) else { continue }
                let text = String(validatingCString: name)
                let inner = text.flatMap { text in path.map { $0.appending(component: text) } }
                let entry = Entry(name: name, path: inner, kind: kind)
                guard try visit(entry), kind == .folder else { continue }
                let number = depth < Self.depthLimit ? cp_open_in(folder, name, CP_OPEN_FOLDER) : -1
                guard number >= 0 else {
                    unseen += 1
                    continue
                }
                let opened = Descriptor(owning: number)
                try descend(opened.number, inner, depth + 1, bare, visit)
            }
        }

        /// What git asks of a folder before it believes that it is a repository: `HEAD`, and the rest here or elsewhere.
        private static func isRepository(_ names: [UnsafePointer<CChar>]) -> Bool {
            var (head, objects, refs, elsewhere) = (false, false, false, false)
            for name in names {
                switch name[0] {
                case 0x48: head = head || same(name, "HEAD")
                case 0x6F: objects = objects || same(name, "objects")
                case 0x72: refs = refs || same(name, "refs")
                case 0x63: elsewhere = elsewhere || same(name, "commondir")
                default: break
                }
            }
            return head && (elsewhere || (objects && refs))
        }

        private static func same(_ name: UnsafePointer<CChar>, _ word: StaticString) -> Bool {
            word.withUTF8Buffer { word in
                for (place, byte) in word.enumerated() where UInt8(bitPattern: name[place]) != byte { return false }
                return name[word.count] == 0
            }
        }

        /// `nil` when it vanished meanwhile.
        private static func kind(
            of name: UnsafePointer<CChar>, in folder: Int32, listed: UInt8
        ) -> FileFacts.Kind? {
            guard Int32(listed) == CP_KIND_UNKNOWN else { return FileFacts.Kind(UInt32(listed)) }
            var facts = cp_facts()
            return cp_facts_in(folder, name, &facts) >= 0 ? FileFacts.Kind(facts.kind) : nil
        }
    }
#endif
