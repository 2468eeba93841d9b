import Testing

/// A client of the older service as people wrote them: `urllib`, the fixed paths, `success` and `detail`.
private let olderClient = #"""
    import json, os, sys, urllib.error, urllib.request

    base, token = sys.argv[1], sys.argv[2]

    def call(method, path, body=None, token=token):
        request = urllib.request.Request(base + path, method=method)
        if token: request.add_header("X-Execution-Token", token)
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, data, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def check(name, condition, seen):
        print(("ok " if condition else "FAILED ") + name, "" if condition else seen)
        if not condition: sys.exit(1)

    status, answer = call("GET", "/api/v1/execution/tools")
    names = [tool["name"] for tool in answer["tools"]]
    check("list tools", status == 200 and answer["success"] and "filesystem_read" in names, answer)

    status, answer = call("POST", "/api/v1/execution/run", {
        "tool_name": "workspace_index", "args": {}, "dry_run": True, "department": "qa", "agent_id": "older", "reason": "smoke"})
    check("dry run", status == 200 and answer["status"] == "ok" and answer["result"]["dry_run"] is True, answer)

    status, answer = call("POST", "/api/v1/execution/run", {
        "tool_name": "filesystem_read", "args": {"file": "hello.txt"}, "agent_id": "older", "department": None})
    check("run", answer["success"] and answer["result"]["content"] == "hello\n", answer)
    audit_id = answer["audit_id"]

    status, answer = call("GET", "/api/v1/execution/logs?limit=1")
    newest = answer["logs"][0]
    check("newest log entry", newest["audit_id"] == audit_id and newest["status"] == "ok" and newest["agent_id"] == "older", answer)

    status, answer = call("GET", "/api/v1/execution/tools", token=None)
    check("401 without a token", status == 401 and answer["success"] is False and answer["detail"], answer)

    call("PATCH", "/api/v1/execution/config", {"approval_mode": "require_approval"})
    call("PATCH", "/api/v1/execution/tools/apply_patch/enabled?enabled=true")
    patch = "--- a/hello.txt\n+++ b/hello.txt\n@@ -1 +1 @@\n-hello\n+good day\n"
    status, answer = call("POST", "/api/v1/execution/run", {"tool_name": "apply_patch", "args": {"patch": patch}})
    check("approval is required", status == 403 and answer["detail"], answer)
    status, answer = call("POST", "/api/v1/execution/approve?tool_name=apply_patch")
    check("approve", status == 200 and answer["approval_id"] and answer["ttl_seconds"] == 300, answer)
    approval = answer["approval_id"]
    status, answer = call("POST", "/api/v1/tools/execute", {
        "tool_name": "apply_patch", "args": {"patch": patch}, "approval_id": approval})
    check("approved patch", status == 200 and answer["success"] and answer["result"]["ok"] is True, answer)
    status, answer = call("POST", "/api/v1/execution/run", {
        "tool_name": "apply_patch", "args": {"patch": patch}, "approval_id": approval})
    check("approval is spent", status == 403, answer)

    status, answer = call("POST", "/api/v1/execution/run", {"tool_name": "no_such_tool", "args": {}})
    check("unknown tool", status == 200 and not answer["success"] and answer["error"].startswith("unknown tool: no_such_tool"), answer)
    call("PATCH", "/api/v1/execution/tools/filesystem_read/enabled?enabled=false")
    status, answer = call("POST", "/api/v1/execution/run", {"tool_name": "filesystem_read", "args": {"path": "hello.txt"}})
    check("tool disabled", status == 200 and not answer["success"] and "tool disabled" in answer["error"], answer)
    """#

@Suite(
    "A client of the older service",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct OlderClientTests {
    @Test("works unchanged with plain urllib")
    func urllib() async throws {
        let playground = try Playground()
        try playground.write("hello\n", to: "workspace/hello.txt")
        let daemon = try await Daemon(in: playground, token: "an-operator-token")
        let client = try await Program.run(
            "/usr/bin/env", ["python3", "-c", olderClient, daemon.base, "an-operator-token"])
        #expect(client.status == 0, "\(client.output)\(client.errors)")
        #expect(try playground.read("workspace/hello.txt") == "good day\n")
        await daemon.stop()
    }
}
