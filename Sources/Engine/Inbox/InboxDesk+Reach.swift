internal import Audit
package import Gate
package import ToolKit

extension InboxDesk {
    /// What a grant would have let pass.
    package struct Reach: Sendable {
        /// Of all calls that were found.
        package var count = 0
        /// Entries of the audit, newest first, at most ``shownLimit``.
        package var calls: [JSONValue] = []
        /// Calls whose arguments the audit keeps too little of to say.
        package var undecided = 0
        /// Whether there were more calls of the tool than were looked at.
        package var isTruncated = false
    }

    package static let shownLimit = 50
    private static let lookedAtLimit = 20_000
    /// Seconds.
    private static let span = 30 * 86_400.0

    /// Which calls of the last 30 days the grant would have covered. Costs a walk over the tool's entries, at most
    /// 20,000 of them.
    ///
    /// - Returns: `nil` for an unknown item.
    /// - Throws: ``Refusal``, ``ArgumentProblems``.
    package func reach(of grant: JSONValue, for id: String, by principal: Principal) async throws -> Reach? {
        try principal.require(.decide)
        guard try await store.item(id) != nil else { return nil }
        let rule = try GrantProposal(grant, catalog: gate.catalog, roots: gate.workspaceRoots).rule
        let entry = try gate.catalog.require(rule.toolName)
        var reach = Reach()
        var query = LogQuery(limit: 1_000, group: .call, toolName: entry.name)
        let since = time.wall - Self.span
        var lookedAt = 0
        while true {
            let page = try await recorder.log.page(query)
            for call in page.entries {
                guard let at = call["ts"]?.doubleValue, at >= since else { return reach }
                lookedAt += 1
                note(call, rule, entry, &reach)
            }
            guard let next = page.next else { return reach }
            guard lookedAt < Self.lookedAtLimit else {
                reach.isTruncated = true
                return reach
            }
            query.before = next
        }
    }

    private func note(_ call: JSONValue, _ rule: GrantRule, _ entry: CatalogEntry, _ reach: inout Reach) {
        guard let arguments = call["args"]?.objectValue, let principal = call["principal"]?.stringValue else { return }
        switch rule.coversRecorded(
            arguments, schema: entry.schema, principal: principal, agentID: call["agent_id"]?.stringValue)
        {
        case .covered:
            reach.count += 1
            if reach.calls.count < Self.shownLimit { reach.calls.append(call) }
        case .undecided: reach.undecided += 1
        case .outside: break
        }
    }
}
