#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    extension Descriptor {
        /// The names in this folder, sorted; those that are not UTF-8 are left out.
        func names(limit: Int) throws(SystemError) -> [String] {
            var listing = cp_listing()
            let result = cp_list_folder(number, limit, &listing)
            defer { cp_listing_free(&listing) }
            try SystemError.check(result)
            guard let offsets = listing.offsets, let names = listing.names else { return [] }
            return (0..<listing.count).compactMap { String(validatingCString: names + Int(offsets[$0])) }
        }

        /// Makes a file in this folder that belongs to the folder's owner.
        @discardableResult
        func write(_ bytes: [UInt8], as name: String) throws(SystemError) -> Descriptor {
            let file = Descriptor(owning: try SystemError.check(cp_create_in(number, name)))
            try SystemError.check(bytes.withUnsafeBytes { cp_write_all(file.number, $0.baseAddress, $0.count) })
            try file.belong(to: self)
            return file
        }

        /// Takes on the owner of `folder`, and the mode of git's files.
        func belong(to folder: Descriptor) throws(SystemError) {
            let (own, other) = (try facts(), try folder.facts())
            if own.owner != other.owner || own.group != other.group {
                try SystemError.check(cp_set_owner(number, other.owner, other.group))
            }
            try SystemError.check(cp_set_mode(number, 0o644))
        }

        /// Copies a regular file from this folder into another under the same name, with its time: git takes a file that is
        /// younger than the index for one that may have changed unseen.
        ///
        /// - Returns: What was copied; `nil` where there is none.
        func copy(_ name: String, into folder: Descriptor) throws(SystemError) -> cp_facts? {
            let opened = cp_open_in(number, name, CP_OPEN_READ)
            if opened == -SystemError.noEntry.number { return nil }
            let file = Descriptor(owning: try SystemError.check(opened))
            let facts = try file.facts()
            guard FileFacts.Kind(facts.kind) == .file else { throw .isLink }
            let copy = Descriptor(owning: try SystemError.check(cp_create_in(folder.number, name)))
            var offset = 0
            while true {
                let bytes = try file.read(offset: offset, count: 1 << 20)
                guard !bytes.isEmpty else { break }
                try SystemError.check(bytes.withUnsafeBytes { cp_write_all(copy.number, $0.baseAddress, $0.count) })
                offset += bytes.count
            }
            try copy.belong(to: folder)
            try SystemError.check(cp_set_modified(copy.number, facts.modified_ns))
            return facts
        }
    }

    /// Removes a folder with everything in it; a link in it is removed itself.
    enum TreeRemoval {
        static func remove(_ name: String, in parent: Descriptor, depth: Int = 0) {
            guard cp_remove_folder_in(parent.number, name) < 0, depth < 16 else { return }
            let number = cp_open_in(parent.number, name, CP_OPEN_FOLDER)
            guard number >= 0 else {
                _ = cp_unlink_in(parent.number, name)
                return
            }
            let folder = Descriptor(owning: number)
            for inner in (try? folder.names(limit: CommitQuarantine.namesLimit)) ?? [] {
                if cp_unlink_in(folder.number, inner) < 0 { remove(inner, in: folder, depth: depth + 1) }
            }
            _ = cp_remove_folder_in(parent.number, name)
        }
    }

    extension String {
        /// `("a/b", "c")` of `a/b/c`; `.` where there is no folder.
        var parted: (folder: String, name: String) {
            guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", self) }
            return (String(self[..<slash]), String(self[utf8.index(after: slash)...]))
        }
    }
#endif
