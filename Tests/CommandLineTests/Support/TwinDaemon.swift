import Synchronization
import ToolKit

@testable import execlayer

/// Enough of a daemon for the smoke test, with faults to order.
final class TwinDaemon: DaemonDoor {
    enum Fault: Sendable {
        case none, needsNoToken, forgetsApprovals, hidesTheRun, failsPatches, cannotBeConfigured, hasNoRepository,
            failsGit,
            hasNoSandbox
    }

    struct State: Sendable {
        var config: [String: JSONValue] = ["approval_mode": "auto", "require_approval_for_risky": true]
        var patchIsEnabled = false
        var newestRun = 0
        var requests: [DaemonRequest] = []
        /// Real patches that a gate without approvals would have let through.
        var appliedPatches: [String] = []
    }

    let address = DaemonAddress.standard
    let hasToken = true
    let fault: Fault
    /// Called with every request, before it is answered.
    let onRequest: @Sendable (DaemonRequest) -> Void
    private let state = Mutex(State())

    init(_ fault: Fault = .none, onRequest: @escaping @Sendable (DaemonRequest) -> Void = { _ in }) {
        self.fault = fault
        self.onRequest = onRequest
    }

    var now: State { state.withLock { $0 } }

    /// The same daemon for somebody whose token it does not know.
    var asStranger: TwinDoor {
        TwinDoor { _ in DaemonAnswer(status: self.fault == .needsNoToken ? 200 : 401, body: ["success": false]) }
    }

    func send(_ request: DaemonRequest) async throws -> DaemonAnswer {
        try Task.checkCancellation()
        onRequest(request)
        return state.withLock { state in
            state.requests.append(request)
            return answer(request, &state)
        }
    }

    func fetch(_ request: DaemonRequest) async throws -> DaemonDownload { .answer(try await send(request)) }

    func watch(after last: Int?, _ receive: (ServerEvent) async throws -> Bool) async throws {}

    private func answer(_ request: DaemonRequest, _ state: inout State) -> DaemonAnswer {
        if !request.sendsToken, request.path != "/health", fault != .needsNoToken {
            return DaemonAnswer(status: 401, body: ["success": false, "detail": "no token"])
        }
        switch (request.method, String(request.path.dropFirst(DaemonRequest.apiRoot.count))) {
        case (.get, _) where request.path == "/health": return ok(["status": "ok"])
        case (.get, "/tools"):
            return ok(Self.tools(patchIsEnabled: state.patchIsEnabled, hasSandbox: fault != .hasNoSandbox))
        case (.get, "/config"): return ok(["success": true, "config": .object(state.config)])
        case (.patch, "/config"):
            guard fault != .cannotBeConfigured else {
                return DaemonAnswer(status: 403, body: ["success": false, "detail": "not entitled"])
            }
            state.config.merge(request.body?.objectValue ?? [:]) { $1 }
            return ok(["success": true, "config": .object(state.config)])
        case (.patch, "/tools/apply_patch/enabled"):
            state.patchIsEnabled = request.query.contains { $0.value == "true" }
            return ok(["success": true, "tool_name": "apply_patch", "enabled": .bool(state.patchIsEnabled)])
        case (.get, "/logs"):
            let id = fault == .hidesTheRun ? "run0" : "run\(state.newestRun)"
            return ok([
                "success": true, "logs": [["audit_id": .string(id), "tool_name": "system_info", "status": "ok"]],
            ])
        case (.post, "/run"): return run(request.body ?? .null, &state)
        default: return DaemonAnswer(status: 404, body: ["success": false, "detail": "no such path"])
        }
    }

    private func run(_ call: JSONValue, _ state: inout State) -> DaemonAnswer {
        let isDryRun = call["dry_run"]?.boolValue == true
        let tool = call["tool_name"]?.stringValue ?? ""
        if tool == "apply_patch", !isDryRun {
            guard fault == .forgetsApprovals || state.config["approval_mode"] != "require_approval" else {
                return DaemonAnswer(
                    status: 403,
                    body: ["success": false, "status": "error", "code": "approval_required", "detail": "no"])
            }
            state.appliedPatches.append(call["args"]?["patch"]?.stringValue ?? "")
        }
        if tool == "apply_patch", fault == .failsPatches {
            return ok(["success": false, "status": "error", "error": "broken", "code": "patch_failed"])
        }
        if !isDryRun { state.newestRun += 1 }
        let result: JSONValue =
            switch tool {
            case _ where isDryRun: ["dry_run": true, "plan": [:]]
            case "system_info": ["memory_total_mb": 1_024]
            case "git_status" where fault == .hasNoRepository:
                [
                    "stdout": "", "stderr": "fatal: not a git repository (or any of the parent directories): .git\n",
                    "returncode": 128,
                ]
            case "git_status" where fault == .failsGit:
                ["stdout": "", "stderr": "fatal: unknown index entry format\n", "returncode": 128]
            case "git_status": ["stdout": "## main\n", "stderr": "", "returncode": 0]
            case "workspace_index": ["entries": [["path": "README.md", "size": 10]]]
            default: ["path": "README.md", "content": "words"]
            }
        return ok([
            "success": true, "status": "ok", "result": result, "dry_run": .bool(isDryRun),
            "audit_id": .string("run\(state.newestRun)"),
        ])
    }

    private func ok(_ body: JSONValue) -> DaemonAnswer { DaemonAnswer(status: 200, body: body) }

    static func tools(patchIsEnabled: Bool, hasSandbox: Bool = true) -> JSONValue {
        [
            "success": true,
            "tools": [
                [
                    "name": "apply_patch", "risk": "high", "enabled": .bool(patchIsEnabled), "available": true,
                    "requires_approval": true, "description": "Applies a patch.",
                ],
                [
                    "name": "filesystem_read", "risk": "low", "enabled": true, "available": true,
                    "requires_approval": false, "description": "Reads one file.",
                    "input_schema": [
                        "type": "object", "required": ["path"],
                        "properties": [
                            "limit": [
                                "type": "integer", "minimum": 1, "maximum": 1_048_576, "default": 1_048_576,
                                "description": "At most so many bytes.",
                            ],
                            "path": ["type": "string", "description": "The file."],
                        ],
                    ],
                ],
                [
                    "name": "git_status", "risk": "low", "enabled": true, "available": .bool(hasSandbox),
                    "unavailable_reason": hasSandbox ? .null : "bubblewrap is missing", "requires_approval": false,
                    "description": "Shows the branch.",
                ],
                ["name": "git_cat", "alias_of": "filesystem_read", "enabled": true],
                [
                    "name": "system_info", "risk": "low", "enabled": true, "available": true,
                    "requires_approval": false, "description": "Says how the machine is.",
                ],
            ],
        ]
    }
}
