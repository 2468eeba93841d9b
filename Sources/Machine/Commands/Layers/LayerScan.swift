#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// Reads what a program left in a layer, together with the folder beneath it, as an effect.
    ///
    /// Everything is opened in its folder's descriptor and no link is followed. Every name, kind and size of the upper side
    /// is the program's choice; the lower side is the workspace, in which others may work meanwhile. What they changed
    /// while the program ran is a conflict: the program may have read what was there before.
    struct LayerScan {
        private static let depthLimit = 128
        private static let pathLimit = 4_000
        private static let bareNames: [[UInt8]] = ["HEAD", "objects", "refs", "commondir"].map { Array($0.utf8) }

        let rules: LayerRules
        let limits: LayerLimits
        let contents: any EffectContents
        /// When the call began, in nanoseconds since 1970.
        let begun: Int64
        /// Whether a whole copy is read, and not a layer: then what is missing was deleted.
        var isCopy = false
        /// In a copy: what the program has not touched.
        var untouched: CopyRecord?
        /// Bytes that no file may have more of; `nil`: nobody asks for files that have as many.
        var fileLimit: UInt64?
        private(set) var found = LayerFindings()

        init(
            rules: LayerRules, limits: LayerLimits, contents: any EffectContents, begun: Int64
        ) {
            self.rules = rules
            self.limits = limits
            self.contents = contents
            self.begun = begun
        }

        /// Blocks.
        ///
        /// - Throws: ``ToolFailure`` when it is more than a call may change, or what it holds cannot be kept.
        mutating func read(_ part: LayerFolder.Part) throws {
            let path = EffectPath(part.place)
            if let path { noteMode(of: path, upper: part.upper, lower: part.lower) }
            let isOpaque = isCopy || cp_layer_is_opaque(part.upper.number) == 1
            try read(part.upper, over: part.lower, at: path, isOpaque: isOpaque, depth: 1)
            guard found.files.count + found.folders.count <= limits.entries else { throw limits.tooManyEntries }
        }

        private mutating func read(
            _ upper: RawFolder, over lower: RawFolder?, at path: EffectPath?, isOpaque: Bool, depth: Int
        ) throws {
            guard let entries = readable(upper, path) else { return }
            if let lower, Self.isBare({ lower.facts(of: $0) != nil }) {
                // It stays as it is.
                if !isCopy, let path, !entries.isEmpty { found.note(repository: path) }
                return
            }
            let names = isOpaque && lower != nil ? Set(entries.map(\.name)) : []
            let leftOut = newBareNames(upper, entries, lower, isOpaque: isOpaque)
            if let first = leftOut.first { found.note(repository: path ?? .name(first, in: nil)) }
            for entry in entries where !leftOut.contains(entry.name) {
                let inner = EffectPath.name(entry.name, in: path)
                if !isCopy { try count() }
                guard !rules.isHidden(inner) else { continue }
                try take(entry, in: upper, over: lower, at: inner, depth: depth, isOpaque: isOpaque)
            }
            guard isOpaque, let lower else { return }
            for entry in lower.entries() ?? [] where !names.contains(entry.name) {
                let inner = EffectPath.name(entry.name, in: path)
                guard !rules.isHidden(inner), let facts = lower.facts(of: entry.name) else { continue }
                _ = try remove(entry.name, facts, in: lower, at: inner, depth: depth)
            }
        }

        private mutating func take(
            _ entry: RawFolder.Entry, in upper: RawFolder, over lower: RawFolder?, at path: EffectPath, depth: Int,
            isOpaque: Bool
        ) throws {
            let before = lower?.facts(of: entry.name)
            if LayerRules.isControlName(entry.name) {
                // What is as it was in a copy, or goes in a layer, is nothing that was made.
                if !isCopy || before == nil { found.note(repository: path) }
                return
            }
            if entry.kind == .special, RawFolder.with(entry.name, { cp_layer_is_whiteout_in(upper.number, $0) }) == 1 {
                guard let before, let lower else { return }
                _ = try remove(entry.name, before, in: lower, at: path, depth: depth)
                return
            }
            let kindBefore = before.map { FileFacts.Kind($0.kind) }
            if let before, let untouched, entry.kind == .file, kindBefore == .file,
                untouched.isUntouched(path, upper.facts(of: entry.name), before)
            {
                return
            }
            let staysFolder = entry.kind == .folder && kindBefore == .folder
            guard staysFolder || !rules.isDenied(path) else { return found.note(denied: path) }
            guard before == nil || entry.kind == .folder || !rules.isSecret(path) else {
                return found.omit(path, "programs may not read it")
            }
            // What has another kind goes first, with everything in it; where something of that stays, so does the rest.
            if let before, let lower, kindBefore != entry.kind {
                guard try remove(entry.name, before, in: lower, at: path, depth: depth) else {
                    if kindBefore == .folder { found.omit(path, "not everything of the folder in its place may go") }
                    return
                }
            }
            let same = kindBefore == entry.kind ? before : nil
            switch entry.kind {
            case .file: try takeFile(entry.name, in: upper, same, lower, at: path)
            case .link: try takeLink(entry.name, in: upper, same, lower, at: path)
            case .folder:
                try takeFolder(entry.name, in: upper, same, lower, at: path, depth: depth, isOpaque: isOpaque)
            case .special:
                guard kindBefore != .special else { return }
                let isSocket = RawFolder.with(entry.name) { cp_is_pipe_or_device_in(upper.number, $0) } != 1
                found.note(special: path, isSocket: isSocket)
            }
        }

        // MARK: What is there afterwards

        private mutating func takeFile(
            _ name: [UInt8], in upper: RawFolder, _ before: cp_facts?, _ lower: RawFolder?, at path: EffectPath
        ) throws {
            guard let (file, facts) = opened(name, in: upper) else {
                return found.note(unseen: path, "it cannot be read")
            }
            found.bytes += Int(clamping: facts.size)
            guard found.bytes <= limits.bytes else { throw limits.tooManyBytes }
            if let fileLimit, UInt64(clamping: facts.size) == fileLimit { found.hasFullFile = true }
            let mode = UInt16(facts.mode & 0o777)
            var state: FileState?
            if let before, let lower {
                guard let (old, changed) = fileState(name, in: lower) else {
                    return found.note(unseen: path, "the daemon cannot read what it was before")
                }
                let isSame = facts.size == before.size && FileHash.of(file)?.sha256 == old.sha256
                if isSame, old.mode & 0o777 == mode { return }
                if max(before.changed_ns, changed) > begun { found.conflicts.append(path) }
                state = old
                if isSame {
                    let new = FileState(.file, size: old.size, sha256: old.sha256, mode: mode)
                    // An undo needs it, and so does whoever shows it.
                    _ = try contents.keep(file: file.number)
                    return found.files.append(FileEffect(path, before: old, after: new))
                }
            } else if cp_layer_is_copied_up(file.number) == 1, isNewlyGone(lower) {
                found.conflicts.append(path)
            }
            let (sha256, size) = try contents.keep(file: file.number)
            found.files.append(
                FileEffect(path, before: state, after: FileState(.file, size: size, sha256: sha256, mode: mode)))
        }

        private mutating func takeLink(
            _ name: [UInt8], in upper: RawFolder, _ before: cp_facts?, _ lower: RawFolder?, at path: EffectPath
        ) throws {
            guard let target = upper.link(name) else { return found.note(unseen: path, "it cannot be read") }
            let old = before == nil ? nil : lower?.link(name)
            guard old != target else { return }
            // Looked at after it was read: it may have changed since it was found.
            if before != nil, isNewlyChanged(name, in: lower) { found.conflicts.append(path) }
            let sha256 = try contents.keep(target)
            found.files.append(
                FileEffect(
                    path, before: old.map(Self.linkState),
                    after: FileState(.link, size: target.count, sha256: sha256, mode: 0o777)))
        }

        private mutating func takeFolder(
            _ name: [UInt8], in upper: RawFolder, _ before: cp_facts?, _ lower: RawFolder?, at path: EffectPath,
            depth: Int, isOpaque: Bool
        ) throws {
            guard depth < Self.depthLimit, path.bytes.count <= Self.pathLimit else {
                return found.note(unseen: path, "it lies too deep")
            }
            let facts = upper.facts(of: name)
            guard let facts, let folder = opened(folder: name, facts, in: upper) else {
                return found.note(unseen: path, "it cannot be read")
            }
            var lowerFolder: RawFolder?
            if before != nil, let lower {
                guard let opened = RawFolder(name, in: lower) else {
                    return found.note(unseen: path, "the daemon cannot read what it was before")
                }
                lowerFolder = opened
            }
            noteMode(of: path, after: facts, before: before)
            // What hides everything beneath it hides what its folders would show as well, without their saying so.
            let isOpaque = isOpaque || (lowerFolder != nil && cp_layer_is_opaque(folder.number) == 1)
            try read(folder, over: lowerFolder, at: path, isOpaque: isOpaque, depth: depth + 1)
        }

        private mutating func noteMode(of path: EffectPath, upper: RawFolder, lower: RawFolder) {
            guard let after = try? upper.descriptor.facts(), let before = try? lower.descriptor.facts() else { return }
            noteMode(of: path, after: after, before: before)
        }

        private mutating func noteMode(of path: EffectPath, after: cp_facts, before: cp_facts?) {
            let mode = UInt16(after.mode & 0o1777)
            guard let before else { return found.folders.append(FolderEffect(path, before: nil, after: mode)) }
            guard UInt16(before.mode & 0o1777) != mode else { return }
            found.folders.append(FolderEffect(path, before: UInt16(before.mode & 0o7777), after: mode))
        }

        // MARK: What is not there any more

        /// - Returns: Whether nothing of it stays.
        private mutating func remove(
            _ name: [UInt8], _ facts: cp_facts, in lower: RawFolder, at path: EffectPath, depth: Int
        ) throws -> Bool {
            try count()
            if rules.isHidden(path) { return false }
            if LayerRules.isControlName(name) {
                // Copies are made without them.
                if !isCopy { found.note(repository: path) }
                return false
            }
            guard !rules.isDenied(path) else {
                found.note(denied: path)
                return false
            }
            switch FileFacts.Kind(facts.kind) {
            case .special:
                found.note(special: path, isSocket: true)
                return false
            case .folder: return try removeFolder(name, facts, in: lower, at: path, depth: depth)
            case .file, .link:
                guard !rules.isSecret(path) else {
                    found.omit(path, "programs may not read it")
                    return false
                }
                let isLink = FileFacts.Kind(facts.kind) == .link
                let state = isLink ? lower.link(name).map(Self.linkState) : fileState(name, in: lower)?.state
                guard let state else {
                    found.note(unseen: path, "the daemon cannot read what it was before")
                    return false
                }
                if facts.changed_ns > begun || isNewlyChanged(name, in: lower) { found.conflicts.append(path) }
                found.files.append(FileEffect(path, before: state, after: nil))
                return true
            }
        }

        private mutating func removeFolder(
            _ name: [UInt8], _ facts: cp_facts, in lower: RawFolder, at path: EffectPath, depth: Int
        ) throws -> Bool {
            guard depth < Self.depthLimit, let folder = RawFolder(name, in: lower), let entries = folder.entries()
            else {
                found.note(unseen: path, "the daemon cannot read it")
                return false
            }
            guard !Self.isBare({ name in entries.contains { $0.name == name } }) else {
                found.note(repository: path)
                return false
            }
            var isWhole = true
            for entry in entries {
                guard let inner = folder.facts(of: entry.name) else { continue }
                let place = EffectPath.name(entry.name, in: path)
                if try !remove(entry.name, inner, in: folder, at: place, depth: depth + 1) { isWhole = false }
            }
            if isWhole {
                found.folders.append(FolderEffect(path, before: UInt16(facts.mode & 0o7777), after: nil))
            }
            return isWhole
        }

        // MARK: Parts

        private mutating func count() throws(ToolFailure) {
            found.entries += 1
            guard found.entries <= limits.entries else { throw limits.tooManyEntries }
        }

        /// What git asks of a folder before it believes that it is a repository without a `.git` of its own.
        private static func isBare(_ has: ([UInt8]) -> Bool) -> Bool {
            has(bareNames[0]) && (has(bareNames[3]) || (has(bareNames[1]) && has(bareNames[2])))
        }

        /// Which names of the layer would make a repository of the folder; empty: none.
        private func newBareNames(
            _ upper: RawFolder, _ entries: [RawFolder.Entry], _ lower: RawFolder?, isOpaque: Bool
        ) -> [[UInt8]] {
            let changed = entries.filter { Self.bareNames.contains($0.name) }
            guard !changed.isEmpty else { return [] }
            let isRepository = Self.isBare { name in
                if let entry = changed.first(where: { $0.name == name }) {
                    return entry.kind != .special
                        || RawFolder.with(name) { cp_layer_is_whiteout_in(upper.number, $0) } != 1
                }
                return !isOpaque && lower?.facts(of: name) != nil
            }
            guard isRepository else { return [] }
            // One of them is enough: the one without which it is none, if that is new.
            let names = changed.map(\.name)
            return names.contains(Self.bareNames[0]) ? [Self.bareNames[0]] : names
        }

        private mutating func readable(_ folder: RawFolder, _ path: EffectPath?) -> [RawFolder.Entry]? {
            if let entries = folder.entries() { return entries }
            if let path { found.note(unseen: path, "it cannot be read") }
            return nil
        }

        /// A file of the layer, which its program may have shut: it is ours, so it is opened again.
        private func opened(_ name: [UInt8], in upper: RawFolder) -> (descriptor: Descriptor, facts: cp_facts)? {
            if let file = upper.file(name) { return file }
            guard let facts = upper.facts(of: name), FileFacts.Kind(facts.kind) == .file,
                RawFolder.with(name, { cp_layer_set_mode_in(upper.number, $0, facts.mode | 0o400) }) >= 0,
                var file = upper.file(name)
            else { return nil }
            file.facts.mode = facts.mode
            return file
        }

        private func opened(folder name: [UInt8], _ facts: cp_facts, in upper: RawFolder) -> RawFolder? {
            if facts.mode & 0o500 == 0o500, let folder = RawFolder(name, in: upper) { return folder }
            _ = RawFolder.with(name) { cp_layer_set_mode_in(upper.number, $0, facts.mode | 0o700) }
            return RawFolder(name, in: upper)
        }

        /// Whether something was taken from the folder while the program ran, and this may be what is missing.
        private func isNewlyGone(_ lower: RawFolder?) -> Bool {
            guard let facts = try? lower?.descriptor.facts() else { return false }
            return facts.changed_ns > begun
        }

        /// With the time of its last change, asked for after it was read: somebody may have written to it meanwhile, and
        /// what they wrote must not pass for what the program found.
        private func fileState(_ name: [UInt8], in lower: RawFolder) -> (state: FileState, changed: Int64)? {
            guard let (file, _) = lower.file(name), let (sha256, size) = FileHash.of(file),
                let facts = try? file.facts()
            else { return nil }
            return (
                FileState(.file, size: size, sha256: sha256, mode: UInt16(facts.mode & 0o7777)), facts.changed_ns
            )
        }

        /// Also when it is not there any more.
        private func isNewlyChanged(_ name: [UInt8], in lower: RawFolder?) -> Bool {
            lower?.facts(of: name).map { $0.changed_ns > begun } ?? true
        }

        private static func linkState(_ target: [UInt8]) -> FileState {
            FileState(.link, size: target.count, sha256: FileHash.of(target), mode: 0o777)
        }
    }
#endif
