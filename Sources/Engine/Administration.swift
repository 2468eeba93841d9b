internal import Audit
package import Gate
internal import Logging
internal import Synchronization
package import ToolKit

/// What people change about the daemon. Every change is in the audit, with before and after, before it takes effect.
package struct Administration: Sendable {
    private let gate: Gate
    private let recorder: Recorder
    private let authenticator: Authenticator
    private let running: RunningCalls
    private let time: any TimeSource
    private let pool: BlockingPool

    package init(
        gate: Gate, recorder: Recorder, authenticator: Authenticator, running: RunningCalls, time: any TimeSource,
        pool: BlockingPool
    ) {
        self.running = running
        self.gate = gate
        self.recorder = recorder
        self.authenticator = authenticator
        self.time = time
        self.pool = pool
    }

    /// Sets scalar fields of the configuration: all or none.
    ///
    /// - Throws: ``Refusal``, ``ConfigurationRefusal``, ``AuditUnavailable``.
    package func patchConfiguration(_ fields: [String: JSONValue], by principal: Principal) async throws
        -> Configuration
    {
        try principal.require(.configure)
        return try await pool.run {
            try gate.configuration.patch(fields) { change in
                try recordNow("change:config", by: principal, before: change.before.json(), after: change.after.json())
            }.after
        }
    }

    /// Switches one tool, by canonical name or alias.
    ///
    /// - Returns: The canonical name; `nil` for a tool that this daemon does not have.
    package func setTool(_ name: String, enabled: Bool, by principal: Principal) async throws -> String? {
        try principal.require(.configure)
        guard let entry = gate.catalog.entry(named: name) else { return nil }
        try await pool.run {
            _ = try gate.configuration.setTool(entry.name, enabled: enabled) { change in
                let before = change.before.effectiveToolEnabled(
                    name: entry.name, default: entry.tool.isEnabledByDefault)
                try recordNow(
                    "change:tool", by: principal, before: ["tool_name": .string(entry.name), "enabled": .bool(before)],
                    after: ["tool_name": .string(entry.name), "enabled": .bool(enabled)])
            }
        }
        return entry.name
    }

    /// - Returns: `nil` when the call would pass without an approval.
    package func approve(_ request: ApprovalRequest, by principal: Principal) async throws -> Approval? {
        // What an effect would touch is looked up on a thread that may block.
        try await pool.run { [self] in try await judged(request, by: principal) }
    }

    private func judged(_ request: ApprovalRequest, by principal: Principal) async throws -> Approval? {
        try await gate.approve(request, by: principal) { approval in
            let bound: JSONValue =
                approval.binding.map { binding in
                    [
                        "digest": .string(binding.digest.hex), "agent_id": JSONValue(binding.agentID),
                        "principal": .string(binding.principal),
                    ]
                } ?? nil
            try await record(
                "change:approval", by: principal, before: nil,
                after: [
                    "approval_id": .string(approval.id), "tool_name": .string(approval.toolName), "binding": bound,
                ])
        }
    }

    /// What a lockdown has ended.
    package struct Stopped: Sendable, Hashable {
        package let calls: Int
        /// Calls that had not ended when the answer left.
        package let stillRunning: Int
        package let milliseconds: Double
    }

    /// Starting one ends what runs first, and is written down then: stopping waits for no disk.
    ///
    /// - Returns: The state now, and what was ended by starting it.
    package func setLockdown(
        active: Bool, reason: String?, by principal: Principal
    ) async throws -> (state: LockdownState, stopped: Stopped?) {
        try principal.require(active ? .startLockdown : .endLockdown)
        // The reason is shown to every caller who is refused.
        let reason = reason.map { recorder.redactor.text($0) }
        let started = ContinuousClock.now
        let calls = Mutex(0)
        let state = try await gate.lockdown.set(
            active: active, reason: reason,
            started: {
                gate.arming.endAll()
                calls.withLock { $0 = running.cancelAll() }
            }
        ) { before, after in
            try await record("change:lockdown", by: principal, before: before.json, after: after.json)
        }
        guard active else { return (state, nil) }
        let stillRunning = await running.waitUntilIdle(atMost: Self.stoppingPatience)
        let elapsed = (ContinuousClock.now - started) / .milliseconds(1)
        return (state, Stopped(calls: calls.withLock { $0 }, stillRunning: stillRunning, milliseconds: elapsed))
    }

    /// How long the answer to a lockdown waits for what it ended.
    private static let stoppingPatience = Duration.seconds(2)

    package func createToken(
        _ request: Authenticator.Request, by principal: Principal
    ) async throws -> (record: TokenRecord, token: String) {
        try principal.require(.manageTokens)
        if let unknown = request.tools?.first(where: { gate.catalog.entry(named: $0) == nil }) {
            _ = try gate.catalog.require(unknown)
        }
        return try await authenticator.create(request) { token in
            try await record("change:token", by: principal, before: nil, after: token.json)
        }
    }

    /// - Returns: The record as it was; `nil` when there is no such token.
    package func revokeToken(id: String, by principal: Principal) async throws -> TokenRecord? {
        try principal.require(.manageTokens)
        return try await authenticator.revoke(id: id) { token in
            try await record("change:token", by: principal, before: token.json, after: ["revoked": true])
        }
    }

    /// Records that somebody edited a file by hand. Nobody can be asked who it was.
    package func recordEdit(_ name: String, before: JSONValue, after: JSONValue) async {
        let record = recorder.change(name, by: "file", before: before, after: after)
        do {
            _ = try await recorder.log.append(record)
        } catch {
            Logger(label: "engine.record").error("a hand edit could not be recorded", metadata: ["change": "\(name)"])
        }
    }

    private func record(
        _ name: String, by principal: Principal, before: JSONValue, after: JSONValue
    ) async throws {
        _ = try await recorder.log.append(recorder.change(name, by: principal.name, before: before, after: after))
    }

    /// For places that hold a file's turn and may block.
    private func recordNow(_ name: String, by principal: Principal, before: JSONValue, after: JSONValue) throws {
        try recorder.log.appendAndWait(recorder.change(name, by: principal.name, before: before, after: after))
    }
}

extension LockdownState {
    package var json: JSONValue {
        ["active": .bool(isActive), "reason": JSONValue(reason), "since_at": since.map(JSONValue.number) ?? .null]
    }
}

extension TokenRecord {
    /// What may be shown of a token; its hash may not.
    package var json: JSONValue {
        [
            "token_id": .string(id), "name": .string(name), "role": .string(role.rawValue),
            "tools": tools.map { .array($0.map(JSONValue.string)) } ?? .null, "created_at": .number(createdAt),
            "expires_at": expiresAt.map(JSONValue.number) ?? .null,
            "revoked_at": revokedAt.map(JSONValue.number) ?? .null,
        ]
    }
}
