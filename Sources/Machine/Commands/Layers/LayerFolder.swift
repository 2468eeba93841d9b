#if os(Linux)
    internal import CPlatform
    internal import Dispatch
    internal import Sandbox
    internal import ToolKit

    /// What one call writes instead of the workspace: a folder of the daemon's own, gone with the call.
    final class LayerFolder: Sendable {
        /// One folder of the workspace and what stands in for it.
        struct Part: Sendable {
            let place: WorkspacePath
            /// As it is in the workspace.
            let lower: RawFolder
            /// What the program changed: a layer, or a copy of everything.
            let upper: RawFolder
            let upperName: String
            let workName: String
        }

        /// Removing takes as long as the program made it take, so nobody waits for it.
        private static let remover = DispatchQueue(label: "execlayer.layers", qos: .utility)

        /// 17 letters and digits, for the journal of whoever applies the layer as well.
        let id: String
        let path: String
        let parts: [Part]
        private let all: Descriptor

        /// - Parameters:
        ///   - folder: Where layers lie; absolute and existing.
        ///   - places: Existing folders of the workspace, none of which lies in another.
        ///   - owner: Whose the folders inside have to be, by what the daemon sees of the lower ones.
        /// - Throws: ``ToolFailure`` when a place is gone, or no folder can be made.
        init(
            in folder: String, over places: [WorkspacePath], of root: WorkspaceRoot,
            owner: (_ lower: cp_facts) -> (user: UInt32, group: UInt32)
        ) throws(ToolFailure) {
            let number = String(UInt64.random(in: .min ... .max), radix: 16)
            id = "l" + String(repeating: "0", count: 16 - number.count) + number
            path = folder + "/" + id
            let opened = cp_open_root(folder)
            guard opened >= 0 else { throw Self.unwritable }
            all = Descriptor(owning: opened)
            guard let own = Self.make(id, in: all, mode: 0o700) else { throw Self.unwritable }
            var parts: [Part] = []
            for (index, place) in places.enumerated() {
                let lower = try naming(place) { () throws(SystemError) in
                    try root.open(place, purpose: CP_OPEN_FOLDER, follow: false)
                }
                guard let facts = try? lower.facts(),
                    let upper = Self.make("u\(index)", in: own, mode: facts.mode & 0o1777),
                    Self.make("w\(index)", in: own, mode: 0o700) != nil
                else { throw Self.unwritable }
                let (user, group) = owner(facts)
                // Only root can, and only then is it needed. The mode again, which a new owner takes bits from.
                if cp_set_owner(upper.number, user, group) >= 0 { _ = cp_set_mode(upper.number, facts.mode & 0o1777) }
                parts.append(
                    Part(
                        place: place, lower: RawFolder(lower), upper: RawFolder(upper),
                        upperName: "\(id)/u\(index)", workName: "\(id)/w\(index)"))
            }
            self.parts = parts
        }

        private static func make(_ name: String, in folder: Descriptor, mode: UInt32) -> Descriptor? {
            guard cp_make_folder_in(folder.number, name) >= 0,
                cp_layer_set_mode_in(folder.number, name, mode | 0o700) >= 0
            else { return nil }
            let opened = cp_open_in(folder.number, name, CP_OPEN_FOLDER)
            guard opened >= 0 else { return nil }
            let made = Descriptor(owning: opened)
            return mode & 0o700 == 0o700 || cp_set_mode(made.number, mode) >= 0 ? made : nil
        }

        /// Bytes that may still be written where layers lie.
        var freeBytes: Int { Int(clamping: cp_free_bytes(all.number)) }

        func remove() {
            let (all, id) = (all, id)
            Self.remover.async {
                let opened = cp_open_in(all.number, id, CP_OPEN_FOLDER)
                guard opened >= 0 else { return }
                let own = Descriptor(owning: opened)
                // What resists is removed when the daemon starts again.
                if cp_layer_empty_folder(own.number) >= 0 { _ = cp_remove_folder_in(all.number, id) }
            }
        }

        /// Returns when everything that was to be removed is.
        static func settle() async {
            await withCheckedContinuation { done in remover.async { done.resume() } }
        }

        private static let unwritable = ToolFailure(
            "home_unwritable", "the daemon cannot make a layer for the program in its home folder, so nothing ran",
            remedy: "free space on the disk of the home folder, and let the daemon's user write there")
    }
#endif
