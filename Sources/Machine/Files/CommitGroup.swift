internal import ToolKit

/// Changes of one commit that are put in place together, by one rename.
struct CommitGroup {
    enum Kind {
        case single
        /// A file is deleted and its name becomes a folder that holds what the other changes write.
        case folderForFile
        /// A folder gives way to a file; the other changes delete what is in it.
        case fileForFolder
    }

    var kind = Kind.single
    /// The change at the place itself.
    let lead: Int
    /// Changes below that place.
    var inner: [Int] = []

    var members: [Int] { [lead] + inner }

    /// - Returns: In the order of the changes.
    /// - Throws: ``ToolFailure`` with `file_below_file` when two changes cannot both be.
    static func of(_ changes: [FileChange], _ landings: [Landing]) throws(ToolFailure) -> [CommitGroup] {
        var deleted: [WorkspacePath: Int] = [:]
        var written: Set<WorkspacePath> = []
        var yielding: [WorkspacePath: Int] = [:]
        for (index, landing) in landings.enumerated() {
            if changes[index].deed == .delete { deleted[landing.place] = index } else { written.insert(landing.place) }
            if landing.folderInPlace != nil { yielding[landing.place] = index }
        }
        var leads: [Int: Int] = [:]
        for (index, landing) in landings.enumerated() {
            if changes[index].deed == .delete {
                leads[index] = landing.place.above.lazy.compactMap { yielding[$0] }.first
            } else {
                if let file = landing.place.above.first(where: written.contains) {
                    throw CommitFailure.belowFile(landing.asked, file)
                }
                leads[index] = landing.missingFolders.first.flatMap { deleted[$0] }
            }
        }
        var groups = Dictionary(
            uniqueKeysWithValues: changes.indices.filter { leads[$0] == nil }.map { ($0, CommitGroup(lead: $0)) })
        for lead in yielding.values { groups[lead]?.kind = .fileForFolder }
        for index in changes.indices {
            guard let lead = leads[index] else { continue }
            groups[lead]?.inner.append(index)
            if changes[lead].deed == .delete { groups[lead]?.kind = .folderForFile }
        }
        return groups.values.sorted { $0.lead < $1.lead }
    }
}

extension WorkspacePath {
    /// Every folder on the way to it but the root, nearest first.
    fileprivate var above: some Sequence<WorkspacePath> {
        sequence(first: parent) { $0.isRoot ? nil : $0.parent }.lazy.filter { !$0.isRoot }
    }
}
