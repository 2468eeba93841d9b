internal import ToolKit

/// What one call may touch: the access that the gate judged, and the rules for names that turn up later.
struct Coverage: Sendable {
    let access: Access
    let rules: any PathRules
    let masked: [WorkspacePath]

    private let readable: Set<WorkspacePath>
    private let writable: Set<WorkspacePath>
    private let searched: [WorkspacePath]

    init(access: Access, rules: any PathRules, masked: [WorkspacePath]) {
        self.access = access
        self.rules = rules
        self.masked = masked
        readable = Set(access.places.filter { $0.use == .read }.map(\.path))
        writable = Set(access.places.filter { $0.use == .write }.map(\.path))
        searched = access.places.filter { $0.use == .search }.map(\.path)
    }

    /// Whether the call may use the name as it was asked for.
    ///
    /// Writing includes reading: a patch needs what it changes. What a plan shows of it is a question of its own
    /// (``isOpenToReading(_:)``).
    func admit(_ path: WorkspacePath, _ use: Access.PathUse) throws(ToolFailure) {
        try refuseOutOfReach(path, use)
        let isCovered =
            switch use {
            case .write: writable.contains(path)
            case .read: readable.contains(path) || writable.contains(path) || isFound(path)
            case .search: isBelowSearched(path)
            }
        guard isCovered else { throw FileFailure.notGranted(path) }
    }

    /// Whether the call may use the real place that a link led to.
    ///
    /// The gate judged the name, not the place; so the place must have been granted as well, or be one that the rules
    /// allow without asking.
    func admit(_ place: WorkspacePath, asked: WorkspacePath, _ use: Access.PathUse) throws(ToolFailure) {
        guard place != asked else { return }
        do throws(ToolFailure) {
            try refuseOutOfReach(place, use)
        } catch {
            throw use == .write && ControlFiles.isProtected(place)
                ? FileFailure.protected(asked) : FileFailure.notGranted(asked)
        }
        guard isGranted(place, use) || isAllowed(place, asked: asked, use) else { throw FileFailure.notGranted(asked) }
    }

    private func isGranted(_ place: WorkspacePath, _ use: Access.PathUse) -> Bool {
        switch use {
        case .write: writable.contains(place)
        case .read: readable.contains(place) || writable.contains(place)
        case .search: false
        }
    }

    /// The rules are asked for what the name was granted for.
    private func isAllowed(_ place: WorkspacePath, asked: WorkspacePath, _ use: Access.PathUse) -> Bool {
        switch use {
        case .write: rules.verdict(place, .write) == .allow
        case .read where readable.contains(asked): rules.verdict(place, .read) == .allow
        case .read where writable.contains(asked): rules.verdict(place, .write) == .allow
        case .read, .search: isVisible(place)
        }
    }

    /// Whether a search may see it.
    func isVisible(_ path: WorkspacePath) -> Bool {
        !isMasked(path) && rules.verdict(path, .search) == .allow && rules.verdict(path, .read) == .allow
    }

    /// Whether its content may be shown to somebody who asked nobody.
    func isOpenToReading(_ path: WorkspacePath) -> Bool {
        !isMasked(path) && rules.verdict(path, .read) == .allow
    }

    func isMasked(_ path: WorkspacePath) -> Bool { masked.contains { path.isInside($0) } }

    private func isFound(_ path: WorkspacePath) -> Bool { isBelowSearched(path) && isVisible(path) }

    private func isBelowSearched(_ path: WorkspacePath) -> Bool { searched.contains { path.isInside($0) } }

    private func refuseOutOfReach(_ path: WorkspacePath, _ use: Access.PathUse) throws(ToolFailure) {
        if isMasked(path) { throw FileFailure.masked(path) }
        if use == .write, ControlFiles.isProtected(path) { throw FileFailure.protected(path) }
    }
}
