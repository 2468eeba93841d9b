internal import ToolKit

/// Proves what a daemon with a token refuses. It changes the configuration for the time of the proof and puts it back,
/// whatever happens; no patch is ever applied.
struct SmokeGate: Sendable {
    /// As the operator.
    let door: any DaemonDoor
    /// The same daemon with a token that it cannot know.
    let stranger: any DaemonDoor
    private let fileName = "execlayer-smoke-\(Hex.encode((0..<6).map { _ in UInt8.random(in: .min ... .max) })).txt"

    init(door: any DaemonDoor, stranger: any DaemonDoor) {
        self.door = door
        self.stranger = stranger
    }

    func run(into record: inout SmokeProtocol) async {
        await record.check("a request without a token is 401") {
            var request = DaemonRequest.api(.get, "tools")
            request.sendsToken = false
            try await expect(401, from: door, request)
        }
        await record.check("a wrong token is 401") { try await expect(401, from: stranger, .api(.get, "tools")) }
        var before: Settings?
        await record.check("the configuration can be read") { before = try await settings() }
        guard let before else { return }
        await prove(before, into: &record)
        await record.check("the configuration is as it was") {
            // Not a child: an interrupted test must still put everything back.
            try await Task { try await restore(before) }.value
        }
    }

    private func prove(_ before: Settings, into record: inout SmokeProtocol) async {
        var isReady = false
        await record.check("approvals can be demanded and apply_patch switched on") {
            // In this order: apply_patch is never on without the demand.
            try await change(config: ["approval_mode": "require_approval", "require_approval_for_risky": true])
            try await change(applyPatch: true)
            isReady = true
        }
        guard isReady else { return }
        await record.check("a dry run of a patch needs no approval") {
            let answer = try await door.demand(.api(.post, "run", body: call(Self.creating(fileName), dryRun: true)))
            guard answer["result"]?["dry_run"]?.boolValue == true else {
                throw SmokeEnd.failed("the answer is not that of a dry run")
            }
        }
        await record.check("a patch without an approval is 403") {
            // It fits nothing: even a gate that let it pass would change nothing.
            let request = DaemonRequest.api(.post, "run", body: call(Self.fittingNothing(fileName), dryRun: false))
            let answer = try await expect(403, from: door, request)
            guard answer["code"] == "approval_required" else {
                throw SmokeEnd.failed("the code is \(answer["code"]?.stringValue ?? "missing"), not approval_required")
            }
        }
    }

    @discardableResult
    private func expect(
        _ status: Int, from door: any DaemonDoor, _ request: DaemonRequest
    ) async throws -> JSONValue {
        let answer = try await door.send(request)
        guard answer.status == status else { throw SmokeEnd.failed("the answer is HTTP \(answer.status)") }
        return answer.body
    }

    private func call(_ patch: String, dryRun: Bool) -> JSONValue {
        [
            "tool_name": "apply_patch", "args": ["patch": .string(patch)], "dry_run": .bool(dryRun),
            "reason": "execlayer smoke",
        ]
    }

    private static func creating(_ name: String) -> String {
        "--- /dev/null\n+++ b/\(name)\n@@ -0,0 +1 @@\n+smoke\n"
    }

    private static func fittingNothing(_ name: String) -> String {
        "--- a/\(name)\n+++ b/\(name)\n@@ -1 +1 @@\n-absent\n+smoke\n"
    }
}

extension SmokeGate {
    /// What the proof changes, as it was before.
    private struct Settings: Sendable {
        let config: [String: JSONValue]
        let isPatchEnabled: Bool
    }

    private func settings() async throws -> Settings {
        let config = try await door.demand(.api(.get, "config"))["config"]?.objectValue ?? [:]
        let tools = ToolList(try await door.demand(.api(.get, "tools")))
        guard let isEnabled = try tools.require("apply_patch")["enabled"]?.boolValue else {
            throw SmokeEnd.failed("apply_patch does not say whether it is enabled")
        }
        let kept = config.filter { $0.key == "approval_mode" || $0.key == "require_approval_for_risky" }
        guard kept.count == 2 else { throw SmokeEnd.failed("approval_mode or require_approval_for_risky is missing") }
        return Settings(config: kept, isPatchEnabled: isEnabled)
    }

    private func change(config: [String: JSONValue]) async throws {
        _ = try await door.demand(.api(.patch, "config", body: .object(config)))
    }

    private func change(applyPatch isEnabled: Bool) async throws {
        let query = [(name: "enabled", value: isEnabled ? "true" : "false")]
        _ = try await door.demand(.api(.patch, "tools", "apply_patch", "enabled", query: query))
    }

    /// The tool first, so that it is never on under the looser rule; both even when one fails.
    private func restore(_ before: Settings) async throws {
        var failure: (any Error)?
        do { try await change(applyPatch: before.isPatchEnabled) } catch { failure = error }
        do { try await change(config: before.config) } catch { failure = failure ?? error }
        if let failure { throw failure }
        let now = try await settings()
        guard now.config == before.config, now.isPatchEnabled == before.isPatchEnabled else {
            throw SmokeEnd.failed("it differs; look at execlayer config and execlayer tools apply_patch")
        }
    }
}
