#if os(Linux)
    internal import CPlatform
    internal import Sandbox
    internal import ToolKit

    /// Which calls may write where, and what lay there before them: so that the daemon after one that was killed can take
    /// away the repositories that its programs had made by then (SECURITY R5). One small file for each such call, for as
    /// long as it runs. It is not synced, because nothing runs on after a power cut.
    struct SweepJournal: Sendable {
        /// A call's file.
        struct Note: Sendable {
            fileprivate let folder: String
            fileprivate let name: String

            func remove() {
                guard let opened = SweepJournal.open(folder) else { return }
                _ = cp_unlink_in(opened.number, name)
            }
        }

        private static let sizeLimit = 16 << 20
        private static let noteLimit = 10_000
        /// How long programs of a daemon that was killed can go on at most.
        private static let lastBreath = Duration.milliseconds(1_200)

        /// Absolute, and the daemon's own.
        let folder: String
        let root: WorkspaceRoot
        let masked: [WorkspacePath]

        /// Blocks.
        ///
        /// - Throws: ``ToolFailure`` when it cannot be written: then nothing may run, because nobody would look after it.
        func note(_ folders: [WorkspacePath], _ survey: GuardedPlaces.Survey) throws(ToolFailure) -> Note {
            let members: JSONValue = [
                "workspace": .string(root.path), "folders": .array(folders.map { .string($0.description) }),
                "repositories": Self.list(survey.repositories), "specials": Self.list(survey.specials),
            ]
            let name = StagingName.fresh()
            let bytes = JSONWriter.write(members)
            guard let opened = Self.open(folder) else { throw Self.failure }
            let file = cp_create_in(opened.number, name)
            guard file >= 0 else { throw Self.failure }
            let written = Descriptor(owning: file)
            guard bytes.withUnsafeBytes({ cp_write_all(written.number, $0.baseAddress, $0.count) }) >= 0 else {
                _ = cp_unlink_in(opened.number, name)
                throw Self.failure
            }
            return Note(folder: folder, name: name)
        }

        /// Looks through the folders of calls that were running when the daemon before was killed, once their programs are
        /// gone. A note of another workspace waits for a daemon of that one.
        ///
        /// - Parameter report: Told what was taken away, the members of ``ToolKit/CommandResult/Intrusions``.
        func sweepLeftovers(report: @Sendable ([String: JSONValue]) -> Void) async {
            guard let opened = Self.open(folder), let names = try? opened.names(limit: Self.noteLimit) else { return }
            let notes = names.compactMap { name in read(name, in: opened).map { (name: name, left: $0) } }
            guard !notes.isEmpty else { return }
            try? await Task.sleep(for: Self.lastBreath)
            let guarded = GuardedPlaces(root: root, rules: NoWriteRules(), masked: masked)
            for (name, left) in notes {
                let found = guarded.sweep(left.folders, since: left.survey, fileLimit: nil).intrusions
                _ = cp_unlink_in(opened.number, name)
                if !found.members.isEmpty { report(found.members) }
            }
        }

        private func read(
            _ name: String, in opened: Descriptor
        ) -> (folders: [WorkspacePath], survey: GuardedPlaces.Survey)? {
            let file = cp_open_in(opened.number, name, CP_OPEN_READ)
            guard file >= 0, let bytes = try? Descriptor(owning: file).read(offset: 0, count: Self.sizeLimit) else {
                return nil
            }
            guard let members = try? JSONReader.read(bytes) else {
                // Torn: its call had not begun.
                _ = cp_unlink_in(opened.number, name)
                return nil
            }
            guard members["workspace"]?.stringValue == root.path else { return nil }
            var survey = GuardedPlaces.Survey()
            survey.repositories = Self.identities(members["repositories"])
            survey.specials = Self.identities(members["specials"])
            let folders = (members["folders"]?.arrayValue ?? []).compactMap { $0.stringValue }
            return (folders.compactMap { $0 == "." ? .root : try? WorkspacePath($0) }, survey)
        }

        fileprivate static func open(_ folder: String) -> Descriptor? {
            let number = cp_open_root(folder)
            return number >= 0 ? Descriptor(owning: number) : nil
        }

        /// As texts: a number of JSON is exact up to 53 bits only.
        private static func list(_ identities: Set<Sandbox.FileIdentity>) -> JSONValue {
            .array(identities.map { .string("\($0.device) \($0.inode) \($0.madeAt)") })
        }

        private static func identities(_ list: JSONValue?) -> Set<Sandbox.FileIdentity> {
            Set(
                (list?.arrayValue ?? []).compactMap { element in
                    let parts = (element.stringValue ?? "").split(separator: " ")
                    guard parts.count == 3, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
                        let madeAt = Int64(parts[2])
                    else { return nil }
                    return Sandbox.FileIdentity(device: device, inode: inode, madeAt: madeAt)
                })
        }

        private static let failure = ToolFailure(
            "home_unwritable", "the daemon cannot note in its home folder what the program may write, so nothing ran",
            remedy: "free space on the disk of the home folder, and let the daemon's user write there")
    }

    /// What rules say about writing was the call's own matter.
    private struct NoWriteRules: PathRules {
        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
    }
#endif
