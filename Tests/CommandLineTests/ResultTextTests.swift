import Testing
import ToolKit

@testable import execlayer

@Suite("The result of a call, for a person")
struct ResultTextTests {
    private func shown(_ result: JSONValue, isDryRun: Bool = false, isInteractive: Bool = true) -> CapturedTerminal {
        let captured = CapturedTerminal(isInteractive: isInteractive)
        ResultText(terminal: captured.terminal).show(
            ["success": true, "result": result, "dry_run": .bool(isDryRun)])
        return captured
    }

    @Test("a file's content is shown plain")
    func content() {
        #expect(shown(["path": "a", "content": "one\ntwo\n", "size": 8, "truncated": false]).answer == "one\ntwo\n")
    }

    @Test("R62: a file's content cannot act on the terminal")
    func hostileContent() {
        #expect(shown(["content": "\u{1B}]0;title\u{7}"]).answer == "\\u001b]0;title\\u0007\n")
    }

    @Test("a pipe gets the file's bytes as they are")
    func piped() {
        #expect(shown(["content": "a\r\n\u{1B}b"], isInteractive: false).answer == "a\r\n\u{1B}b")
    }

    @Test("a part of a file says so beside the content, not in it")
    func truncated() {
        let shown = shown(["content": "a\n", "size": 9, "truncated": true])
        #expect(shown.answer == "a\n")
        #expect(shown.remark == "note: this is a part of 9 bytes; offset= and limit= show more\n")
    }

    @Test("a list of objects is a table below the plain facts")
    func table() {
        let result: JSONValue = [
            "count": 2,
            "processes": [["pid": 1, "name": "init", "status": "S"], ["pid": 412, "name": "x", "status": "R"]],
        ]
        #expect(
            shown(result).answer == """
                count  2

                processes:
                NAME  PID  STATUS
                init    1  S
                x     412  R

                """)
    }

    @Test("a truth value is spelled as the configuration takes it, and nothing is a dash")
    func scalars() {
        #expect(
            shown(["on": true, "off": false, "none": [], "absent": nil]).answer == "none  -\noff   false\non    true\n")
    }

    @Test("a plan shows its diff as it is")
    func plan() {
        let diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n"
        let shown = shown(["dry_run": true, "plan": ["path": "x", "diff": .string(diff)]], isDryRun: true)
        #expect(shown.answer == "path  x\n\ndiff:\n" + diff)
        #expect(shown.remark == "dry run: nothing was executed\n")
    }

    @Test("matches are shown where they are, with what stands around them")
    func matches() {
        let result: JSONValue = [
            "query": "q", "count": 1, "matches": [["path": "a.txt", "line": 7, "snippet": "x\n\ny"]],
        ]
        #expect(shown(result).answer == "a.txt:7\n    x\n\n    y\n")
    }

    @Test("what a program wrote goes where it wrote it")
    func program() {
        let shown = shown(["stdout": "out\n", "stderr": "err\n", "returncode": 2])
        #expect(shown.answer == "out\n")
        #expect(shown.remark == "err\nthe program ended with 2\n")
    }
}

@Suite("An answer, for a script")
struct ResultReadingTests {
    @Test(
        "of the gate is told from one of the tool",
        arguments: [
            ("tool_disabled", CommandStatus.refused), ("policy_blocked", .refused), ("approval_required", .refused),
            ("rate_limited", .refused), ("invalid_arguments", .refused), ("not_found", .failed),
            ("patch_failed", .failed),
        ])
    func status(code: String, status: CommandStatus) {
        let answer: JSONValue = ["success": false, "status": "error", "code": .string(code)]
        #expect(ResultReading.status(of: answer) == status)
    }

    @Test("of a program that ran and failed is a failure")
    func returncode() {
        #expect(ResultReading.status(of: ["success": true, "status": "ok", "result": ["returncode": 1]]) == .failed)
        #expect(ResultReading.status(of: ["success": true, "status": "ok", "result": ["returncode": 0]]) == .success)
    }

    @Test(
        "has a status for every kind of HTTP status",
        arguments: [
            (200, CommandStatus.success), (401, .refused), (403, .refused), (404, .refused), (422, .refused),
            (423, .refused),
            (500, .failed), (503, .unreachable),
        ])
    func http(status: Int, exit: CommandStatus) {
        let body: JSONValue = status == 200 ? ["success": true] : ["success": false]
        #expect(ResultReading.status(of: DaemonAnswer(status: status, body: body)) == exit)
    }

    @Test("that could not be recorded is a refusal, for nothing ran")
    func unrecorded() {
        let answer = DaemonAnswer(status: 503, body: ["success": false, "code": "audit_unavailable"])
        #expect(ResultReading.status(of: answer) == .refused)
    }
}
