internal import CPlatform
package import ToolKit

extension BeneathFiles {
    package func walk(
        _ folder: WorkspacePath, limits: WalkLimits, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> WalkSummary {
        try coverage.admit(folder, .search)
        let opened = try open(folder, purpose: CP_OPEN_FOLDER, for: .search)
        var walk = Walk(coverage: coverage, limits: limits)
        _ = try walk.descend(into: opened.descriptor, at: opened.place, depth: 1, visit: visit)
        return walk.summary
    }
}

/// One walk under way (SECURITY R8): every folder is opened in its parent's descriptor and no link is followed.
private struct Walk {
    let coverage: Coverage
    let limits: WalkLimits
    var summary = WalkSummary()
    private var untilDeadlineCheck = 0

    /// Names of one folder that are held in memory at once.
    private static let namesLimit = 1_000_000

    init(coverage: Coverage, limits: WalkLimits) {
        self.coverage = coverage
        self.limits = limits
    }

    /// - Returns: Whether the walk goes on.
    mutating func descend(
        into folder: Descriptor, at place: WorkspacePath, depth: Int, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> Bool {
        var listing = cp_listing()
        let result = cp_list_folder(folder.number, Self.namesLimit, &listing)
        defer { cp_listing_free(&listing) }
        guard result >= 0, let offsets = listing.offsets, let kinds = listing.kinds else {
            summary.unreadable += 1
            return true
        }
        if listing.truncated != 0 { summary.stoppedBy = "entries" }
        for index in 0..<listing.count {
            guard let names = listing.names, let name = String(validatingCString: names + Int(offsets[index])) else {
                summary.unreadable += 1
                continue
            }
            guard isWithinLimits() else { return false }
            let path = place.appending(component: name)
            guard coverage.isVisible(path) else {
                summary.hidden += 1
                continue
            }
            guard let kind = kind(of: name, in: folder, listed: kinds[index]) else { continue }
            // What lies beside a target, for a moment or since a crash, is nothing of the workspace's own.
            if let staging = StagingName.kind(of: name), kind == .file || kind == .folder && staging == .kept {
                continue
            }
            let goesOn = try step(name, at: path, kind: kind, in: folder, depth: depth, visit: visit)
            guard goesOn else { return false }
        }
        return true
    }

    private mutating func step(
        _ name: String, at path: WorkspacePath, kind: FileFacts.Kind, in folder: Descriptor, depth: Int,
        visit: (WalkEntry) throws -> WalkDecision
    ) throws -> Bool {
        summary.visited += 1
        switch try visit(folder.entry(name, at: path, kind: kind)) {
        case .stop: return false
        case .skipFolder: return true
        case .goOn: break
        }
        guard kind == .folder else { return true }
        guard depth < limits.depth else {
            summary.stoppedBy = "depth"
            return true
        }
        let number = cp_open_in(folder.number, name, CP_OPEN_FOLDER)
        guard number >= 0 else {
            summary.unreadable += 1
            return true
        }
        return try descend(into: Descriptor(owning: number), at: path, depth: depth + 1, visit: visit)
    }

    private mutating func isWithinLimits() -> Bool {
        if summary.visited >= limits.entries {
            summary.stoppedBy = "entries"
            return false
        }
        untilDeadlineCheck -= 1
        if untilDeadlineCheck < 0 {
            untilDeadlineCheck = 128
            if ContinuousClock.now > limits.deadline {
                summary.stoppedBy = "deadline"
                return false
            }
        }
        return true
    }

    /// `nil` when it vanished meanwhile.
    private func kind(of name: String, in folder: Descriptor, listed: UInt8) -> FileFacts.Kind? {
        guard Int32(listed) == CP_KIND_UNKNOWN else { return FileFacts.Kind(UInt32(listed)) }
        var facts = cp_facts()
        return cp_facts_in(folder.number, name, &facts) >= 0 ? FileFacts.Kind(facts.kind) : nil
    }
}

extension Descriptor {
    fileprivate func entry(_ name: String, at path: WorkspacePath, kind: FileFacts.Kind) -> WalkEntry {
        WalkEntry(
            path: path, kind: kind,
            facts: {
                try naming(path) { () throws(SystemError) -> FileFacts? in
                    var facts = cp_facts()
                    let result = cp_facts_in(self.number, name, &facts)
                    if result < 0, SystemError(number: -result) == .noEntry { return nil }
                    try SystemError.check(result)
                    return FileFacts(facts)
                }
            },
            read: { limit in
                let file = try naming(path) { () throws(SystemError) in
                    Descriptor(owning: try SystemError.check(cp_open_in(self.number, name, CP_OPEN_READ)))
                }
                let facts = try naming(path) { () throws(SystemError) in try file.facts() }
                let kind = FileFacts.Kind(facts.kind)
                guard kind == .file else { throw FileFailure.notAFile(path, kind.spokenName) }
                return try naming(path) { () throws(SystemError) in
                    try file.slice(facts: facts, offset: 0, limit: limit)
                }
            })
    }
}
