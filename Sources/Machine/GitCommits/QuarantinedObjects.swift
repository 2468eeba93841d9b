#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Moves new objects into the repository: synced, under names that are objects' names, and never over one that is there.
    /// Anything else that lies in the quarantine, such as a list of alternates, stays behind.
    struct QuarantinedObjects {
        let quarantine: CommitQuarantine
        let root: WorkspaceRoot

        private var git: GitFolder { quarantine.git }

        func publish() throws(ToolFailure) {
            do throws(SystemError) {
                let objects = try quarantine.open("objects")
                for name in try objects.names(limit: CommitQuarantine.namesLimit) where Self.isHexadecimal(name, [2]) {
                    try move(from: try quarantine.open("objects/" + name), to: name) {
                        Self.isHexadecimal($0, [38, 62]) ? 0 : nil
                    }
                }
                if objects.facts(of: "pack") != nil {
                    try move(from: try quarantine.open("objects/pack"), to: "pack", order: Self.orderInPacks)
                }
                try? git.open("objects", CP_OPEN_FOLDER).sync()
            } catch {
                throw git.failure(error, at: "objects")
            }
        }

        /// - Parameter order: When a name's turn is; `nil` for one that is left behind.
        private func move(from source: Descriptor, to name: String, order: (String) -> Int?) throws(SystemError) {
            let names = try source.names(limit: CommitQuarantine.namesLimit)
                .compactMap { name in order(name).map { (name: name, turn: $0) } }.sorted { $0.turn < $1.turn }
            guard !names.isEmpty else { return }
            do throws(ToolFailure) {
                try root.makeFolder(git.path("objects/" + name))
            } catch {
                throw .notAFolder
            }
            let target = try git.open("objects/" + name, CP_OPEN_FOLDER)
            for (name, _) in names {
                let file = Descriptor(owning: try SystemError.check(cp_open_in(source.number, name, CP_OPEN_READ)))
                let facts = try file.facts()
                guard FileFacts.Kind(facts.kind) == .file, facts.links == 1 else { throw .isLink }
                try SystemError.check(cp_set_mode(file.number, 0o444))
                try SystemError.check(cp_sync(file.number))
                let moved = cp_move_new(source.number, name, target.number, name)
                // The same name is the same content.
                if moved != -SystemError.exists.number { try SystemError.check(moved) }
            }
            _ = cp_sync(target.number)
        }

        /// A pack counts once its index is there.
        private static func orderInPacks(_ name: String) -> Int? {
            for (turn, ending) in [".pack", ".rev", ".idx"].enumerated()
            where name.hasPrefix("pack-") && name.hasSuffix(ending) {
                return isHexadecimal(String(name.dropFirst(5).dropLast(ending.count)), [40, 64]) ? turn : nil
            }
            return nil
        }

        private static func isHexadecimal(_ name: String, _ lengths: [Int]) -> Bool {
            lengths.contains(name.utf8.count) && name.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
        }
    }
#endif
