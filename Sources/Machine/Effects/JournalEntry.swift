internal import ToolKit

/// One name that changes in one step, with all that is needed to take it back, or to tell whether it was changed at all.
struct JournalEntry: Hashable {
    enum Kind: String {
        /// What lies beside the name, new, and what the name stood for change places.
        case exchange
        /// What lies beside the name gets it.
        case put
        /// What has the name gets the one beside it.
        case aside
        /// Permission bits.
        case mode
        /// Goes together with the folder that it lies in, once all is in place.
        case doomed
    }

    /// Something in a new folder.
    struct Inner: Hashable {
        let path: EffectPath
        let trace: NameTrace
    }

    let kind: Kind
    let path: EffectPath
    /// Where the new content lies until it is placed, and the old one afterwards.
    let beside: EntryName
    /// What the name stood for; `nil`: nothing.
    let was: NameTrace?
    /// What it stands for then; `nil`: nothing.
    let now: NameTrace?
    /// What a new folder holds, folders before what is in them.
    var inner: [Inner] = []

    var name: EntryName { path.entryName }
    var besidePath: EffectPath { EffectPath.name(beside.bytes, in: path.parent) }

    static func fresh() -> EntryName { EntryName(StagingName.fresh()) }

    /// What nobody must take away without looking at it, under the name that says so.
    var keptName: EntryName { beside(as: .kept) }

    /// For the old thing, where the file system cannot swap two names in one step.
    var betweenName: EntryName {
        StagingName.kind(of: beside.text ?? "") == .kept ? beside(as: .spare) : beside(as: .kept)
    }

    private func beside(as kind: StagingName.Kind) -> EntryName {
        let text = beside.text ?? ""
        let ending = StagingName.kind(of: text)?.rawValue ?? ""
        return EntryName(String(text.dropLast(ending.utf8.count)) + kind.rawValue)
    }
}

/// What a journal says: one apply that is under way, or was when its daemon ended.
struct JournalRecord {
    /// Absolute path of the workspace.
    var workspace: [UInt8] = []
    /// The call's id.
    var call = ""
    /// Names that are staged, or were about to be.
    var staged: [EffectPath] = []
    /// Folders that were about to be made on the way, the outermost first.
    var made: [EffectPath] = []
    /// Folders that are made writable before anything is staged.
    var loosened: [JournalEntry] = []
    var entries: [JournalEntry] = []
    /// The innermost first.
    var removedFolders: [EffectPath] = []
    /// Whether ``entries`` is complete; nothing was placed before.
    var isPrepared = false
    var isCommitted = false
}
