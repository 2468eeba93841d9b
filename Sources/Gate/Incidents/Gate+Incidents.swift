package import ToolKit

extension Gate {
    /// Whom a person has to let go on first.
    ///
    /// - Throws: ``Refusal``.
    func requireNotPaused(_ principal: Principal) throws(Refusal) { try pauses.require(principal.name) }

    /// The honeytokens that are planted; `nil` where none are.
    package var plantedTokens: Honeytokens? {
        guard let honeytokens, honeytokens.isAny, configuration.current.honeytokens else { return nil }
        return honeytokens
    }

    /// - Throws: ``HoneytokenSighted``.
    func requireNoHoneytoken(in call: ToolCall) throws {
        guard let tokens = plantedTokens else { return }
        let watch = HoneytokenWatch(for: tokens)
        watch.see(.object(call.arguments), in: .arguments)
        for label in [call.reason, call.agentID, call.department, call.traceID, call.idempotencyKey, call.approvalID] {
            if let label { watch.see(label, in: .arguments) }
        }
        if let sighting = watch.sightings.first { throw HoneytokenSighted(sighting: sighting) }
    }
}
