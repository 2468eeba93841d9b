internal import CPlatform
internal import ToolKit

/// What a commit has changed, while it is put together. Used by one thread.
///
/// The change stands whether or not what was there before can be kept: then the call says that it cannot be undone.
final class CommitAccount {
    private let contents: any EffectContents
    private var files: [FileEffect] = []
    private var folders: [FolderEffect] = []
    private var problem: String?
    /// Bytes that are still kept of this call.
    private var room: Int

    /// Of one call.
    static let limit = 256 << 20

    init(contents: any EffectContents, limit: Int = CommitAccount.limit) {
        self.contents = contents
        room = limit
    }

    func add(_ effect: FileEffect) { files.append(effect) }

    func add(_ effect: FolderEffect) { folders.append(effect) }

    /// A file that gave way, under the name that it has now.
    ///
    /// - Parameter place: Where it was.
    func add(_ place: WorkspacePath, in folder: Descriptor, _ name: String, after: FileState?) {
        guard let path = EffectPath(place) else { return }
        guard let before = before(in: folder, name) else {
            problem = problem ?? "\(place) held something that the daemon could not read"
            return
        }
        files.append(FileEffect(path, before: before, after: after))
    }

    private func before(in folder: Descriptor, _ name: String) -> FileState? {
        let number = cp_open_in(folder.number, name, CP_OPEN_READ)
        guard number >= 0 else { return nil }
        let file = Descriptor(owning: number)
        guard let facts = try? file.facts(), FileFacts.Kind(facts.kind) == .file else { return nil }
        let mode = UInt16(truncatingIfNeeded: facts.mode)
        if Int(facts.size) > room {
            problem = problem ?? "the files held more than \(Self.limit >> 20) MiB, which are kept of one call"
        } else {
            do {
                let kept = try contents.keep(file: number)
                room -= kept.size
                return FileState(.file, size: kept.size, sha256: kept.sha256, mode: mode)
            } catch let failure as ToolFailure {
                problem = problem ?? failure.message
            } catch {
                problem = problem ?? "what the files held could not be kept"
            }
        }
        return (try? file.hash()).map { FileState(.file, size: $0.size, sha256: $0.sha256, mode: mode) }
    }

    /// Tells the call. What is kept survives a loss of power from here on.
    func close(_ effects: CallEffects) {
        do {
            try contents.sync(Set(files.compactMap(\.before?.sha256)))
        } catch {
            problem = problem ?? "what the files held could not be written to the disk"
        }
        effects.note(Effect(files: files, folders: folders))
        if let problem { effects.forbidUndo(problem) }
    }
}
