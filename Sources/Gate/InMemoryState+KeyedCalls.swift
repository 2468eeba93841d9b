internal import Synchronization
package import ToolKit

extension InMemoryState: KeyedCallStore {
    struct KeyName: Hashable {
        let principal: String
        let key: String
    }

    package func claim(_ call: KeyedCall) async throws -> KeyedCall? {
        try keyedCalls.withLock { calls throws(KeyedCallLimit) in
            if let held = calls[call.name] { return held }
            let own = calls.values.filter { $0.principal == call.principal }
            let bytes = own.reduce(0) { $0 + ($1.answer.map { JSONWriter.write($0).count } ?? 0) }
            guard own.count < KeyedCallLimit.keys, bytes <= KeyedCallLimit.bytes else { throw KeyedCallLimit() }
            calls[call.name] = call
            return nil
        }
    }

    package func restart(_ call: KeyedCall, as auditID: String) async throws -> Bool {
        keyedCalls.withLock { calls in
            guard calls.isUnanswered(call) else { return false }
            calls[call.name]?.auditID = auditID
            return true
        }
    }

    package func keep(_ answer: JSONValue, for call: KeyedCall) async throws {
        keyedCalls.withLock { calls in
            if calls.isUnanswered(call) { calls[call.name]?.answer = answer }
        }
    }

    package func release(_ call: KeyedCall) async throws {
        keyedCalls.withLock { calls in
            if calls.isUnanswered(call) { calls[call.name] = nil }
        }
    }

    package func removeKeys(createdBefore wall: Double) async throws {
        let old = keyedCalls.withLock { $0.filter { $0.value.answer != nil && $0.value.createdAt < wall } }
        for (name, call) in old {
            // An item that is settled stays so.
            if let id = call.itemID, let item = try await item(id), !item.isSettled || item.endedAt >= wall { continue }
            keyedCalls.withLock { $0[name] = nil }
        }
    }
}

extension InboxItem {
    /// When nobody could decide about it any more.
    fileprivate var endedAt: Double { decision?.at ?? expiresAt }
}

extension KeyedCall {
    fileprivate var name: InMemoryState.KeyName { InMemoryState.KeyName(principal: principal, key: key) }
}

extension [InMemoryState.KeyName: KeyedCall] {
    /// Whether this attempt still holds its key and has no answer.
    fileprivate func isUnanswered(_ call: KeyedCall) -> Bool {
        guard let held = self[call.name] else { return false }
        return held.auditID == call.auditID && held.answer == nil
    }
}
