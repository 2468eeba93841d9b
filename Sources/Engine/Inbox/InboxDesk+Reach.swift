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

    /// Which calls of the last 30 days the grant would have let pass, had it been given with a call like this item's: by its
    /// rule, and by what the policy of today denies and asks about. Costs a walk over the tool's entries, at most 20,000
    /// of them.
    ///
    /// - Returns: `nil` for an unknown item.
    /// - Throws: ``Refusal``, ``ArgumentProblems``.
    package func reach(of grant: JSONValue, for id: String, by principal: Principal) async throws -> Reach? {
        try principal.require(.decide)
        guard let item = try await store.item(id) else { return nil }
        let rule = try GrantProposal(grant, catalog: gate.catalog, roots: gate.workspaceRoots).rule
        let entry = try gate.catalog.require(rule.toolName, allowsInternal: true)
        let measure = ReachMeasure(
            gate: gate, rule: rule, entry: entry,
            // Of an item that cannot be judged now, no rule is known to have asked.
            asking: (try? gate.rulesAsking(about: item.call)) ?? [],
            giver: gate.configuration.current.approvalSelf ? nil : principal.name)
        var reach = Reach()
        var query = LogQuery(limit: 1_000, group: .call, toolName: entry.name)
        let since = time.wall - Self.span
        var lookedAt = 0
        while true {
            let page = try await recorder.log.page(query)
            let recent = page.entries.prefix { $0["ts"]?.doubleValue ?? 0 >= since }
            let verdicts = await pool.run { recent.map(measure.cover) }
            for (call, cover) in zip(recent, verdicts) { reach.note(call, cover) }
            lookedAt += recent.count
            guard recent.count == page.entries.count, let next = page.next else { return reach }
            guard lookedAt < Self.lookedAtLimit else {
                reach.isTruncated = true
                return reach
            }
            query.before = next
        }
    }
}

extension InboxDesk.Reach {
    fileprivate mutating func note(_ call: JSONValue, _ cover: GrantRule.RecordedCover) {
        switch cover {
        case .covered:
            count += 1
            if calls.count < InboxDesk.shownLimit { calls.append(call) }
        case .undecided: undecided += 1
        case .outside: break
        }
    }
}

/// Asks of a recorded call what ``StandingGrants`` would ask of the call itself.
private struct ReachMeasure: Sendable {
    let gate: Gate
    let rule: GrantRule
    let entry: CatalogEntry
    /// Rules of the policy that ask about the item.
    let asking: Set<String>
    /// Whose own calls the grant does not cover, where nobody may decide about their own.
    let giver: String?

    func cover(_ call: JSONValue) -> GrantRule.RecordedCover {
        guard let arguments = call["args"]?.objectValue, let principal = call["principal"]?.stringValue,
            principal != giver
        else { return .outside }
        let cover = rule.coversRecorded(
            arguments, schema: entry.schema, principal: principal, agentID: call["agent_id"]?.stringValue)
        guard cover != .outside else { return .outside }
        switch gate.judge(recorded: arguments, of: entry, contents: exactContents) {
        case .denied: return .outside
        case .unknown: return .undecided
        case .asked(let rules): return rules.isSubset(of: asking) ? cover : .outside
        }
    }

    /// What the rule covers is exactly this, where it names a content at all.
    private var exactContents: [String: JSONValue] {
        rule.arguments.compactMapValues { if case .exact(let value) = $0 { value } else { nil } }
    }
}
