package import ToolKit

/// `grant` of a decision, read and checked against the tool it speaks of.
package struct GrantProposal: Sendable, Hashable {
    package let rule: GrantRule
    package let uses: Int?
    /// Seconds from the decision on.
    package let lifetime: Double?

    /// How often a grant may be used at most, and how long it may live: never for ever.
    package static let usesRange = 1...100_000
    package static let lifetimeRange = 1...31_536_000

    /// - Parameters:
    ///   - json: `{tool_name, args: {name: {exact | prefix | type | words}}, within?, agent_id?, principal?, uses?,
    ///     expires_in_s?}`.
    ///   - roots: Absolute spellings of the workspace root.
    /// - Throws: ``ArgumentProblems`` naming every bad field; ``Refusal`` for an unknown tool or a rule without a limit.
    package init(_ json: JSONValue, catalog: ToolCatalog, roots: [String]) throws {
        let fields = try Self.envelope.canonical(json.objectValue ?? [:], roots: [])
        let entry = try catalog.require(fields["tool_name"]?.stringValue ?? "", allowsInternal: true)
        var reader = ArgumentRuleReader(schema: entry.schema, roots: roots)
        let rules = reader.rules(fields["args"]?.objectValue ?? [:])
        guard reader.problems.isEmpty else { throw ArgumentProblems(reader.problems) }
        let within = try fields["within"].map { limits throws(ArgumentProblems) in
            try EffectLimits(limits, catalog: catalog)
        }
        guard within == nil || entry.isInternal else {
            throw ArgumentProblems([
                ArgumentProblem(field: "within", reason: "belongs to calls that apply an effect")
            ])
        }
        rule = GrantRule(
            toolName: entry.name, arguments: rules, agentID: fields["agent_id"]?.stringValue,
            principal: fields["principal"]?.stringValue, within: within)
        uses = fields["uses"]?.integerValue
        lifetime = fields["expires_in_s"]?.integerValue.map(Double.init)
        guard uses != nil || lifetime != nil else {
            throw ArgumentProblems([
                ArgumentProblem(field: "uses", reason: "or expires_in_s is required: no grant is for ever")
            ])
        }
        // Every id begins alike, so a prefix of one says nothing.
        let names = rules.values.contains { if case .exact = $0 { true } else { false } }
        guard rule.isNarrow(entry.schema), !entry.isInternal || within != nil || names else {
            throw Refusal(
                .invalid, code: "grant_too_wide", "this rule would cover every call of \(entry.name)",
                remedy:
                    "hold an argument that every call must have to an exact value or a prefix; a command to its "
                    + "program; what an effect does by within"
            )
        }
    }

    /// - Parameter asking: Rules of the policy that ask about the call with which it is given.
    package func grant(
        id: String, asking: Set<String>, by principal: String, at wall: Double, itemID: String
    ) -> StandingGrant {
        StandingGrant(
            id: id, rule: rule, asking: asking, usesLeft: uses, expiresAt: lifetime.map { wall + $0 },
            createdBy: principal,
            createdAt: wall, itemID: itemID)
    }

    private static let envelope = ArgumentSchema(
        .required("tool_name", .string(minLength: 1, maxLength: 256), "The tool."),
        .optional("args", .object, default: [:], "What each argument may be."),
        .optional("within", .object, "How far the effect may go that a call applies."),
        .optional("agent_id", .string(minLength: 1, maxLength: 128), "Only calls with this label."),
        .optional("principal", .string(minLength: 1, maxLength: 128), "Only calls of this token."),
        .optional("uses", .integer(usesRange), "How many calls it covers."),
        .optional("expires_in_s", .integer(lifetimeRange), "How long it lives, in seconds."))
}
