#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Which files of a copy are as they were copied.
    struct CopyRecord {
        private struct Facts: Hashable {
            let inode: UInt64
            let changed: Int64
        }

        private var files: [EffectPath: Facts] = [:]

        mutating func add(_ path: EffectPath, _ facts: cp_facts) {
            files[path] = Facts(inode: facts.inode, changed: facts.changed_ns)
        }

        /// Whoever writes to a file, or gives it another name, changes a time that no program can set.
        func isUntouched(_ path: EffectPath, _ now: cp_facts?, _ lower: cp_facts) -> Bool {
            guard let now, let then = files[path] else { return false }
            return then == Facts(inode: now.inode, changed: now.changed_ns)
        }
    }

    /// A copy of a folder of the workspace, for a program to write to where no layer can be made.
    struct WorkspaceCopy {
        private static let depthLimit = 128

        private let rules: LayerRules
        private let limits: LayerLimits
        /// Whose it is; `nil`: the daemon's own.
        private let owner: (user: UInt32, group: UInt32)?
        private(set) var record = CopyRecord()
        private var bytes = 0
        private var entries = 0

        init(rules: LayerRules, limits: LayerLimits, owner: (user: UInt32, group: UInt32)?) {
            self.rules = rules
            self.limits = limits
            self.owner = owner
        }

        /// Hidden places, repositories, FIFOs, sockets and devices are not copied. Blocks.
        ///
        /// - Throws: ``ToolFailure`` when it is too much, or something cannot be read.
        mutating func fill(_ part: LayerFolder.Part) throws(ToolFailure) {
            try copy(part.lower, to: part.upper, at: EffectPath(part.place), depth: 1)
        }

        private mutating func copy(
            _ from: RawFolder, to: RawFolder, at path: EffectPath?, depth: Int
        ) throws(ToolFailure) {
            guard depth < Self.depthLimit, let found = from.entries() else { throw Self.unreadable }
            for entry in found {
                let inner = EffectPath.name(entry.name, in: path)
                guard !rules.isHidden(inner), !LayerRules.isControlName(entry.name),
                    let facts = from.facts(of: entry.name)
                else { continue }
                entries += 1
                bytes += entry.kind == .file ? Int(clamping: facts.size) : 0
                guard entries <= limits.copiedEntries, bytes <= limits.copiedBytes else { throw tooLarge }
                switch entry.kind {
                case .folder: try copyFolder(entry.name, facts, from, to, inner, depth)
                case .file: try copyFile(entry.name, facts, from, to, inner)
                case .link: try copyLink(entry.name, from, to)
                case .special: continue
                }
            }
        }

        private mutating func copyFolder(
            _ name: [UInt8], _ facts: cp_facts, _ from: RawFolder, _ to: RawFolder, _ path: EffectPath, _ depth: Int
        ) throws(ToolFailure) {
            guard let source = RawFolder(name, in: from),
                RawFolder.with(name, { cp_make_folder_in(to.number, $0) }) >= 0,
                let target = RawFolder(name, in: to)
            else { throw Self.unreadable }
            try copy(source, to: target, at: path, depth: depth + 1)
            try own(target.number)
            guard cp_set_mode(target.number, facts.mode & 0o1777) >= 0 else { throw Self.unwritable }
        }

        private mutating func copyFile(
            _ name: [UInt8], _ facts: cp_facts, _ from: RawFolder, _ to: RawFolder, _ path: EffectPath
        ) throws(ToolFailure) {
            guard let (source, _) = from.file(name) else { throw Self.unreadable }
            let number = RawFolder.with(name) { cp_create_in(to.number, $0) }
            guard number >= 0 else { throw Self.unwritable }
            let target = Descriptor(owning: number)
            guard cp_layer_copy_content(source.number, target.number) >= 0 else { throw Self.unwritable }
            try own(target.number)
            guard cp_set_mode(target.number, facts.mode & 0o777) >= 0,
                cp_set_modified(target.number, facts.modified_ns) >= 0, let made = try? target.facts()
            else { throw Self.unwritable }
            record.add(path, made)
        }

        private func copyLink(_ name: [UInt8], _ from: RawFolder, _ to: RawFolder) throws(ToolFailure) {
            guard let target = from.link(name) else { throw Self.unreadable }
            let result = RawFolder.with(name) { name in
                RawFolder.with(target) { target in cp_layer_make_link_in(to.number, name, target) }
            }
            guard result >= 0 else { throw Self.unwritable }
            guard let owner else { return }
            _ = RawFolder.with(name) { cp_layer_set_owner_in(to.number, $0, owner.user, owner.group) }
        }

        private func own(_ descriptor: Int32) throws(ToolFailure) {
            guard let owner else { return }
            guard cp_set_owner(descriptor, owner.user, owner.group) >= 0 else { throw Self.unwritable }
        }

        private var tooLarge: ToolFailure {
            ToolFailure(
                "layer_unavailable",
                "no copy-on-write layer can be made here, and a copy may hold "
                    + "\(limits.copiedBytes / LayerLimits.mebibyte) MiB and \(limits.copiedEntries) files at most, "
                    + "which is less than the program may change",
                remedy: "put the daemon's home on a disk such as ext4, xfs or btrfs, or use a smaller workspace")
        }

        private static let unreadable = ToolFailure(
            "layer_unavailable", "no copy-on-write layer can be made here, and the workspace cannot be copied whole",
            remedy: "put the daemon's home on a disk such as ext4, xfs or btrfs")

        private static let unwritable = ToolFailure(
            "home_unwritable", "the daemon cannot make a copy for the program in its home folder, so nothing ran",
            remedy: "free space on the disk of the home folder, and let the daemon's user write there")
    }
#endif
