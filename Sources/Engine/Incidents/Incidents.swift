internal import Audit
internal import Gate
internal import Logging
internal import Synchronization
internal import ToolKit

/// Opens incidents: the caller is paused at once, and a person finds it in the inbox.
///
/// A caller has one incident at a time; what else is seen of it meanwhile stands in the lines of its calls.
package final class Incidents: Sendable {
    private let gate: Gate
    private let recorder: Recorder
    private let time: any TimeSource
    private let logger = Logger(label: "incidents")
    /// Incidents that are not in the inbox yet, by their ids.
    private let unfiled = Mutex<[String: InboxItem]>([:])
    private let filing = AsyncTurn()

    init(gate: Gate, recorder: Recorder, time: any TimeSource) {
        self.gate = gate
        self.recorder = recorder
        self.time = time
    }

    /// What an incident is called where a call has its tool.
    package static let name = "incident"

    /// Pauses the caller now. Does not wait for anything, so it may be called on any thread; ``file()`` makes it last.
    ///
    /// - Returns: The pause that holds: this one's, or an earlier one's.
    @discardableResult
    func pause(for sighting: HoneytokenSighting, at call: CallLabel, agentID: String?) -> Pauses.Pause {
        let pause = Pauses.Pause(itemID: Identifier.make("req"), reason: sighting.sentence, since: time.wall)
        let item = item(pause, sighting, call, agentID)
        // In the list before anybody can lift the pause.
        unfiled.withLock { $0[pause.itemID] = item }
        guard gate.pauses.begin(pause, of: call.principal) else {
            unfiled.withLock { $0[pause.itemID] = nil }
            return gate.pauses.pause(of: call.principal) ?? pause
        }
        gate.arming.end(of: call.principal)
        logger.error(
            "a honeytoken was seen and its caller is paused",
            metadata: ["principal": "\(call.principal)", "call.id": "\(call.auditID)", "item.id": "\(pause.itemID)"])
        return pause
    }

    /// A call that the gate refused because it sends a honeytoken.
    ///
    /// - Returns: What to answer.
    func open(_ sighted: HoneytokenSighted, at call: CallLabel, agentID: String?) async -> Refusal {
        let pause = pause(for: sighted.sighting, at: call, agentID: agentID)
        await file()
        return Pauses.refusal(pause)
    }

    /// Puts into the inbox what is not there yet: recorded first, then kept. What fails stays, and the caller paused; the
    /// daemon tries again every few seconds.
    package func file() async {
        // Whoever waits may hang up.
        await Task {
            await filing.take {
                for item in unfiled.withLock({ Array($0.values) }) { await file(item) }
            }
        }.value
    }

    private func file(_ item: InboxItem) async {
        guard gate.pauses.pause(of: item.principal)?.itemID == item.id else {
            return unfiled.withLock { $0[item.id] = nil }
        }
        do {
            // A failed attempt may have been kept all the same.
            if try await gate.inbox.item(item.id) == nil {
                try await recorder.log.append(
                    recorder.change("change:approval", by: "daemon", before: nil, after: item.recorded))
                try await gate.inbox.insert(item, isIdempotent: true)
            }
            unfiled.withLock { $0[item.id] = nil }
        } catch {
            logger.critical(
                "an incident could not be kept yet; its caller stays paused while the daemon runs",
                metadata: ["item.id": "\(item.id)", "error": "\(error)"])
        }
    }

    /// Pauses whoever was paused at the last stop.
    package func restore() async throws {
        var before: Int?
        repeat {
            let page = try await gate.inbox.items(
                InboxQuery(limit: 1_000, before: before, isPendingOnly: true, kind: .incident))
            for item in page.items {
                gate.pauses.begin(
                    Pauses.Pause(itemID: item.id, reason: item.call.reason ?? "an incident", since: item.createdAt),
                    of: item.principal)
            }
            before = page.next
        } while before != nil
    }

    private func item(
        _ pause: Pauses.Pause, _ sighting: HoneytokenSighting, _ label: CallLabel, _ agentID: String?
    ) -> InboxItem {
        var call = ToolCall(
            toolName: Self.name,
            arguments: [
                "tool_name": .string(recorder.redactor.text(label.toolName)), "audit_id": .string(label.auditID),
                "seen_in": .string(sighting.channel.rawValue), "planted_in": .string(sighting.place.rawValue),
            ])
        call.reason = sighting.sentence
        call.agentID = agentID.map { recorder.redactor.text($0) }
        let plan: JSONValue = [
            "summary": .string("\(sighting.sentence); \(label.principal) is paused, and its calls are refused"),
            "audit_id": .string(label.auditID),
            "approve": "lets it go on",
            "deny": "revokes its token",
        ]
        return InboxItem(
            id: pause.itemID, kind: .incident, call: call, principal: label.principal, risk: .high, plan: plan,
            isUndoable: false, createdAt: pause.since, expiresAt: .infinity,
            execution: InboxItem.Execution(runID: Identifier.make("run")))
    }
}
