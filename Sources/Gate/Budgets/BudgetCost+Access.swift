internal import ToolKit

extension BudgetCost {
    /// What a call would take, from what it says it would touch: never from what came of it, because a budget has to hold
    /// before anything begins.
    ///
    /// - Parameters:
    ///   - arguments: Canonical.
    ///   - contentNames: Arguments whose values are contents.
    init(
        of access: Access, _ judgement: Judgement, tool: any Tool, arguments: [String: JSONValue],
        contentNames: Set<String>
    ) {
        self.init(deletions: access.deletions)
        if let bytes = access.bytesWritten {
            bytesWritten = bytes
        } else if access.places.contains(where: { $0.use == .write }) {
            // Nothing, written over a file, takes away what was there: it is never free.
            let least = access.deletions > 0 || contentNames.isEmpty ? 0 : 1
            bytesWritten = max(least, contentNames.reduce(0) { $0 + (arguments[$1]?.stringValue?.utf8.count ?? 0) })
        }
        // Git stages and commits: that is one.
        let commits = access.commands.contains { $0.view == .committing } ? 1 : 0
        writeCommands = commits + judgement.commands.count { $0.pinned?.writes.isEmpty == false }
        externalRequests = access.externalRequests ?? (tool.annotations.openWorld ? 1 : 0)
    }
}
