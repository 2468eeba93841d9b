internal import CPlatform
internal import ToolKit

/// The folders that one apply works in, opened beneath the root without following a link (SECURITY R1). Used by one
/// thread.
///
/// A folder stays the one that it was when it was first opened: where its name leads to another one later, that is told
/// and not used.
final class OpenPlaces {
    private let root: WorkspaceRoot
    private var open: [EffectPath: Descriptor] = [:]
    /// In the order in which they were opened.
    private var order: [EffectPath] = []
    private var identities: [EffectPath: (device: UInt64, inode: UInt64)] = [:]

    /// A daemon may have a thousand descriptors, and the calls beside this one need some.
    private static let openLimit = 128

    init(_ root: WorkspaceRoot) { self.root = root }

    /// - Parameter path: `nil` for the root.
    /// - Throws: ``SystemError/noEntry`` also when the name leads to another folder by now.
    func folder(_ path: EffectPath?) throws(SystemError) -> Descriptor {
        guard let path else { return root.folder }
        if let known = open[path] { return known }
        let opened = try fresh(path)
        let facts = try opened.facts()
        if let identity = identities[path] {
            guard identity == (facts.device, facts.inode) else { throw .noEntry }
        } else {
            identities[path] = (facts.device, facts.inode)
        }
        if order.count >= Self.openLimit { open[order.removeFirst()] = nil }
        open[path] = opened
        order.append(path)
        return opened
    }

    private func fresh(_ path: EffectPath) throws(SystemError) -> Descriptor {
        let name = EntryName(path.bytes)
        return Descriptor(
            owning: try SystemError.check(cp_open_beneath(root.folder.number, name.chars, CP_OPEN_FOLDER, 0)))
    }

    /// Whether the name still leads to the folder that was worked in.
    func isInPlace(_ path: EffectPath?) -> Bool {
        guard let path, let identity = identities[path] else { return true }
        guard let facts = try? fresh(path).facts() else { return false }
        return identity == (facts.device, facts.inode)
    }
}
