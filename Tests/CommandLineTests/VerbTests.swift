import ArgumentParser
import Testing
import ToolKit

@testable import execlayer

@Suite("A verb and how it ends")
struct VerbTests {
    private static let ran: JSONValue = [
        "success": true, "status": "ok", "result": ["content": "words\n"], "audit_id": "a1", "dry_run": false,
    ]

    @Test("a call that worked ends with 0 and shows its result")
    func worked() async throws {
        let door = TwinDoor.always(200, Self.ran)
        let run = try await CommandLineRun("run", "filesystem_read", "path:=\"a\"", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.answer == "words\n")
        #expect(door.requests.last?.body == ["tool_name": "filesystem_read", "args": ["path": "a"]])
    }

    @Test("what the call carries comes from the flags")
    func flags() async throws {
        let door = TwinDoor.always(200, Self.ran)
        _ = try await CommandLineRun(
            "run", "x", "--dry-run", "--approval", "ap1", "--agent", "bot", "--reason", "why", door: door)
        #expect(
            door.requests.last?.body == [
                "tool_name": "x", "args": [:], "dry_run": true, "approval_id": "ap1", "agent_id": "bot",
                "reason": "why",
            ])
    }

    @Test("a failure of the tool ends with 1, words and remedy on the error output")
    func failed() async throws {
        let body: JSONValue = [
            "success": false, "status": "error", "error": "a does not exist", "code": "not_found",
            "remedy": "name another",
        ]
        let run = try await CommandLineRun("run", "filesystem_read", door: TwinDoor.always(200, body))
        #expect(run.status == .failed)
        #expect(run.terminal.answer == "")
        #expect(run.terminal.remark == "execlayer: a does not exist\n  remedy: name another\n")
    }

    @Test(
        "a refusal names the verb that helps, not the HTTP request",
        arguments: [
            ("token_required", "send it in the header", "set EXECUTION_TOKEN or add --token"),
            ("lockdown", "POST /api/v1/execution/lockdown {\"active\": false}", "execlayer lockdown off"),
            ("tool_disabled", "PATCH /api/v1/execution/tools/x/enabled?enabled=true", "execlayer tools enable x"),
            ("policy_blocked", "as the daemon says", "as the daemon says"),
        ])
    func remedy(code: String, remedy: String, words: String) async throws {
        let body: JSONValue = [
            "success": false, "detail": "no", "code": .string(code), "remedy": .string(remedy),
        ]
        let run = try await CommandLineRun("run", "x", door: TwinDoor.always(200, body))
        #expect(run.terminal.remark.contains(words))
    }

    @Test("a missing approval ends with 2")
    func refused() async throws {
        let body: JSONValue = ["success": false, "detail": "needs an approval", "code": "approval_required"]
        let run = try await CommandLineRun("run", "apply_patch", door: TwinDoor.always(403, body))
        #expect(run.status == .refused)
    }

    @Test("a named daemon that is away ends with 3", arguments: [["run", "x"], ["tools"], ["logs"], ["config"]])
    func unreachable(words: [String]) async throws {
        let command = try #require(try ExecLayer.parseAsRoot(words + ["--base", "http://127.0.0.1:1"]) as? any Verb)
        let captured = CapturedTerminal()
        let session = Session(
            terminal: captured.terminal, environment: [:], currentFolder: "/", openHome: { _ in TwinHome() },
            connect: { _ in TwinDoor.absent }, readInput: { _ in [] })
        #expect(await command.finish(in: session) == .unreachable)
        #expect(captured.remark.contains("start one with ./run or execlayer serve"))
    }

    @Test("arguments that make no sense end with 64, before anybody is asked")
    func usage() async throws {
        let door = TwinDoor.always(200, Self.ran)
        #expect(try await CommandLineRun("run", "x", "--args", "{", door: door).status == .usage)
        #expect(door.requests.isEmpty)
    }

    @Test(
        "what the parser refuses ends with 64",
        arguments: [
            ["run"], ["nonsense"], ["logs", "--limit", "0"], ["logs", "--limit", "1001"], ["tools", "--timeout", "0"],
            ["token", "create", "--role", "boss", "--name", "x"], ["token", "create", "--role", "agent"],
            ["token", "create", "--role", "agent", "--name", "x", "--expires", "soon"],
            ["policy", "check", "--read", "a", "--write", "b"], ["policy", "check", "--read", "a", "git", "push"],
        ])
    func parser(words: [String]) {
        do {
            _ = try ExecLayer.parseAsRoot(words)
            Issue.record("accepted")
        } catch {
            #expect(ExecLayer.exitCode(for: error).rawValue == CommandStatus.usage.rawValue)
        }
    }

    @Test("--json prints the whole answer on one line, members sorted, invisible characters as escapes")
    func json() async throws {
        let body: JSONValue = ["success": true, "status": "ok", "result": ["b": "x\u{202E}", "a": 1]]
        let run = try await CommandLineRun("run", "x", "--json", door: TwinDoor.always(200, body))
        #expect(
            run.terminal.answer == "{\"result\":{\"a\":1,\"b\":\"x\\u202e\"},\"status\":\"ok\",\"success\":true}\n")
    }

    @Test("--json prints a refusal too, and ends as without it")
    func jsonRefusal() async throws {
        let body: JSONValue = ["success": false, "detail": "no", "code": "not_entitled"]
        let run = try await CommandLineRun("config", "--json", door: TwinDoor.always(403, body))
        #expect(run.status == .refused)
        #expect(run.terminal.answer == "{\"code\":\"not_entitled\",\"detail\":\"no\",\"success\":false}\n")
    }

    @Test("the tools are a table without the aliases")
    func tools() async throws {
        let run = try await CommandLineRun("tools", door: TwinDaemon())
        #expect(
            run.terminal.answer == """
                TOOL             RISK  STATE  APPROVAL  DESCRIPTION
                apply_patch      high  off    needed    Applies a patch.
                filesystem_read  low   on     -         Reads one file.
                git_status       low   on     -         Shows the branch.
                system_info      low   on     -         Says how the machine is.

                """)
    }

    @Test("a tool is shown with its arguments, under an alias as well", arguments: ["filesystem_read", "git_cat"])
    func tool(name: String) async throws {
        let run = try await CommandLineRun("tools", name, door: TwinDaemon())
        #expect(
            run.terminal.answer.hasSuffix(
                """
                ARGUMENT  TYPE                 DEFAULT   DESCRIPTION
                path      string               required  The file.
                limit     integer 1...1048576  1048576   At most so many bytes.

                """))
    }

    @Test("a tool that nobody knows ends with 2 and the nearest name")
    func unknownTool() async throws {
        let run = try await CommandLineRun("tools", "filesytem_read", door: TwinDaemon())
        #expect(run.status == .refused)
        #expect(run.terminal.remark.contains("did you mean filesystem_read?"))
    }

    @Test("a value of the configuration keeps its type")
    func configSet() async throws {
        let door = TwinDoor { request in
            let config: JSONValue = ["max_steps_per_run": 50, "approval_mode": "auto", "dry_run_default": false]
            return DaemonAnswer(status: 200, body: ["success": true, "config": request.body ?? config])
        }
        _ = try await CommandLineRun("config", "set", "max_steps_per_run", "7", door: door)
        #expect(door.requests.last?.body == ["max_steps_per_run": 7])
        let run = try await CommandLineRun("config", "set", "approval_mode", "require_approval", door: door)
        #expect(door.requests.last?.body == ["approval_mode": "require_approval"])
        #expect(run.terminal.answer == "approval_mode = \"require_approval\"\n")
    }

    @Test("an approval without arguments has no body, one with arguments binds them as typed")
    func approve() async throws {
        let answer: JSONValue = ["success": true, "approval_id": "ap1", "ttl_seconds": 300, "bound": false]
        let door = TwinDoor { request in
            request.method == .get
                ? DaemonAnswer(status: 200, body: TwinDaemon.tools(patchIsEnabled: true))
                : DaemonAnswer(status: 200, body: answer)
        }
        let run = try await CommandLineRun("approve", "filesystem_read", door: door)
        #expect(door.requests.last?.target == "/api/v1/execution/approve?tool_name=filesystem_read")
        #expect(door.requests.last?.body == nil)
        #expect(run.terminal.answer.contains("any call of the tool"))
        _ = try await CommandLineRun("approve", "filesystem_read", "path=7", "limit=7", "--agent", "bot", door: door)
        #expect(door.requests.last?.body == ["args": ["path": "7", "limit": 7], "agent_id": "bot"])
    }

    @Test("entries of the audit are a table, newest first as they come")
    func logs() async throws {
        let entry: JSONValue = [
            "ts": 0, "status": "ok", "tool_name": "system_info", "principal": "local", "agent_id": nil,
            "duration_ms": 1.239, "audit_id": "a1", "args_summary": "{}", "error": nil,
        ]
        let door = TwinDoor.always(200, ["success": true, "logs": [entry], "count": 1, "next": "41"])
        let run = try await CommandLineRun("logs", "--tool", "system_info", "--limit", "1", door: door)
        #expect(door.requests.last?.target == "/api/v1/execution/logs?limit=1&tool_name=system_info")
        #expect(
            run.terminal.answer
                == """
                TIME                  STATUS  TOOL         PRINCIPAL  AGENT    MS  AUDIT ID  WHAT
                1970-01-01 00:00:00Z  ok      system_info  local             1.24  a1        {}

                """)
        #expect(run.terminal.remark == "older entries: --before 41\n")
    }

    @Test("completion scripts exist for the common shells", arguments: [CompletionShell.bash, .zsh, .fish])
    func completion(shell: CompletionShell) {
        #expect(ExecLayer.completionScript(for: shell).contains("lockdown"))
    }
}
