#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Takes a repository away that a program has made where none may be. Everything happens in open folders, so that
    /// nothing which another program puts in the way meanwhile leads anywhere else.
    enum RepositoryRemoval {
        private static let depthLimit = 128
        private static let nameLimit = 1_000_000

        /// Removes the name with everything below it. It loses its name first: from then on no git finds it.
        ///
        /// - Returns: Whether nothing is left under the name.
        static func remove(_ name: UnsafePointer<CChar>, in folder: Int32) -> Bool {
            let aside = StagingName.fresh()
            guard cp_rename_new_in(folder, name, aside) >= 0 else { return false }
            // What resists is no repository any more: without a HEAD, under a name of ours.
            _ = removeAll(aside, in: folder, depth: 1)
            return true
        }

        /// Takes the one file away without which git does not take the folder for a repository.
        static func disable(_ folder: Int32) -> Bool {
            if cp_unlink_in(folder, "HEAD") >= 0 { return true }
            return remove("HEAD", in: folder)
        }

        private static func removeAll(_ name: UnsafePointer<CChar>, in parent: Int32, depth: Int) -> Bool {
            if cp_unlink_in(parent, name) >= 0 { return true }
            guard depth < depthLimit else { return false }
            let number = cp_open_in(parent, name, CP_OPEN_FOLDER)
            guard number >= 0 else { return cp_remove_folder_in(parent, name) >= 0 }
            let folder = Descriptor(owning: number)
            // Its own user may have shut it.
            _ = cp_set_mode(folder.number, 0o700)
            _ = cp_unlink_in(folder.number, "HEAD")
            var listing = cp_listing()
            defer { cp_listing_free(&listing) }
            guard cp_list_folder(folder.number, nameLimit, &listing) >= 0 else { return false }
            if let names = listing.names, let offsets = listing.offsets {
                for index in 0..<listing.count {
                    _ = removeAll(names + Int(offsets[index]), in: folder.number, depth: depth + 1)
                }
            }
            return cp_remove_folder_in(parent, name) >= 0
        }
    }
#endif
