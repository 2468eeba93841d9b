package import ToolKit

/// Something that happened, for whoever watches.
package struct LiveEvent: Sendable {
    package enum Name: String, Sendable, CaseIterable {
        case run
        case approval
        case task
        case node
        case config
        case lockdown
        case output
        /// One that waits, was applied or discarded, or a change that was undone.
        case effect
        /// More happened than is told one by one; the record has it all.
        case gap
    }

    package let name: Name
    /// `seq` of the audit line that it tells of; `nil` for what the audit does not hold.
    package let seq: Int?
    /// JSON in one line, written once for all who watch.
    package let data: [UInt8]
    /// Whose it is; `nil` for what concerns everybody.
    package let principal: String?

    package init(_ name: Name, seq: Int?, data: JSONValue, principal: String?) {
        self.name = name
        self.seq = seq
        self.data = JSONWriter.write(data)
        self.principal = principal
    }

    /// Whether this one may see it: an agent its own, and that nothing runs any more.
    package func isVisible(to watcher: Watcher) -> Bool {
        guard !watcher.seesAll else { return true }
        switch name {
        case .lockdown, .gap: return true
        case .config, .node: return false
        case .run, .approval, .task, .output, .effect: return principal == watcher.name
        }
    }
}

/// Who watches.
package struct Watcher: Sendable, Hashable {
    package let name: String
    package let seesAll: Bool

    package init(name: String, seesAll: Bool) {
        self.name = name
        self.seesAll = seesAll
    }
}
