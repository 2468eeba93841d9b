import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Desk {
    /// An agent asks a person for a call, as `/request` has it.
    @discardableResult
    func request(
        _ tool: String, _ arguments: JSONValue, reason: String = "", agent: String? = nil, token: String?? = .none
    ) async throws -> String {
        var body: [String: JSONValue] = ["tool_name": .string(tool), "args": arguments, "reason": .string(reason)]
        body["agent_id"] = agent.map(JSONValue.string)
        let reply = try await daemon.send(.POST, "/api/v1/execution/request", .object(body), token: token)
        return try #require(reply.json["request_id"]?.stringValue, "\(reply.json)")
    }

    /// A call of `/run` that waits for a person.
    func waitingRun(
        _ tool: String, _ arguments: JSONValue, _ more: [String: JSONValue] = [:], token: String?? = .none
    ) async throws -> (run: String, item: String) {
        let more = more.merging(["wait_for_approval": true]) { $1 }
        let reply = try await daemon.run(tool, arguments, more, token: token)
        #expect(reply.status == 202, "\(reply.json)")
        return (
            try #require(reply.json["run_id"]?.stringValue),
            try #require(reply.json["approval_request_id"]?.stringValue)
        )
    }

    /// Whatever is of medium or high risk waits for a person, and there is something of that.
    func asksPeople() async throws {
        try await daemon.enable("filesystem_write", "apply_patch")
        let reply = try await daemon.configure(["approval_mode": "require_approval"])
        #expect(reply.status == 200)
    }

    func item(_ id: String) async throws -> JSONValue {
        try await daemon.send(.GET, "/api/v1/execution/approvals/\(id)").json["approval"] ?? .null
    }
}

extension Dashboard {
    @Suite("What waits for a person")
    struct Approvals {
        static let write: JSONValue = ["path": "a.txt", "content": "good day\n"]

        @Test("a call that waits appears by itself with its diff, and approving it runs it")
        func approve() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("Nothing waits for you")
                let (run, _) = try await desk.waitingRun(
                    "filesystem_write", Self.write, ["agent_id": "writer", "reason": "to greet"])
                try await desk.tab.shows("to greet")
                try await desk.tab.waits(for: "document.title.startsWith('(1) ')")
                try await desk.tab.shows("+good day")
                try await desk.tab.shows("-hello")
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.button, "Approve and run")
                try await desk.tab.shows("It ran")
                try await desk.tab.shows("Nothing waits for you")
                #expect(try desk.playground.read("workspace/a.txt") == "good day\n")
                let ended = try await desk.daemon.send(.GET, "/api/v1/execution/runs/\(run)")
                #expect(ended.json["run"]?["status"] == "done")
                try await desk.tab.waits(for: "document.title.startsWith('Approvals')")
            }
        }

        @Test("a denial keeps its note, changes nothing and is told to who asked")
        func deny() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let (run, _) = try await desk.waitingRun("filesystem_write", Self.write)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.type("not on a Monday", into: "Note")
                try await desk.tab.press(.button, "Deny")
                try await desk.tab.shows("Denied. It did not run, and the caller is told.")
                let ended = try await desk.daemon.send(.GET, "/api/v1/execution/runs/\(run)").json["run"]
                #expect(ended?["status"] == "refused")
                #expect(ended?["result"]?["error"]?.stringValue?.contains("not on a Monday") == true)
                #expect(try desk.playground.read("workspace/a.txt") == "hello\n")
                try await desk.tab.press(.link, "Decided")
                try await desk.tab.shows("denied")
                try await desk.tab.shows("Not on a Monday.")
                try await desk.tab.press(.link, "filesystem_write")
                try await desk.tab.shows("It was denied by operator")
            }
        }

        @Test("decided in one tab, it is gone in the other, where its buttons go too")
        func twoTabs() async throws {
            try await Desk.with { desk in
                let id = try await desk.request("filesystem_read", ["path": "a.txt"], reason: "to look")
                try await desk.tab.press(.link, "Approvals")
                _ = try await desk.tab.find(.button, "Approve and run")
                let other = try await desk.secondTab()
                try await other.open("/#/approvals/\(id)")
                try await other.press(.button, "Approve and run")
                try await other.shows("It ran")
                try await other.close()
                try await desk.tab.toFront()
                try await desk.tab.shows("This request no longer waits")
                try await desk.tab.shows("Nothing waits for you")
                #expect(!(try await desk.tab.has(.button, "Approve and run")))
            }
        }

        @Test("R57: a decision that comes second is told who was first")
        func second() async throws {
            try await Desk.with { desk in
                let id = try await desk.request("filesystem_read", ["path": "a.txt"])
                try await desk.tab.press(.link, "Approvals")
                _ = try await desk.tab.find(.button, "Approve and run")
                // Neither page hears of the other: the press comes before the event.
                try await desk.tab.script(
                    """
                    const button = find("button", "Approve and run");
                    const request = new XMLHttpRequest();
                    request.open("POST", "/api/v1/execution/approvals/" + arguments[0], false);
                    request.setRequestHeader("X-Execution-Token", sessionStorage.execution_token);
                    request.setRequestHeader("Content-Type", "application/json");
                    request.send(JSON.stringify({ approved: false }));
                    button.focus();
                    button.click();
                    """, .string(id))
                try await desk.tab.shows("Operator denied this before.")
                #expect(try await desk.item(id)["status"] == "denied")
            }
        }

        @Test("needs no mouse: arrows choose, A and D go to the buttons, and only Enter on them decides")
        func keyboard() async throws {
            try await Desk.with(prepare: { try $0.write("x\n", to: "workspace/b.txt") }) { desk in
                let first = try await desk.request("filesystem_read", ["path": "a.txt"], reason: "first")
                let second = try await desk.request("filesystem_read", ["path": "b.txt"], reason: "second")
                try await desk.tab.tabs(to: "Approvals waiting: 2")
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("second")
                try await desk.tab.tabs(to: "Requests that wait, newest first")
                try await desk.tab.keys(.down)
                try await desk.tab.waits(for: "document.querySelector('.detail').innerText.includes('first')")
                try await desk.tab.keys(.a)
                try await desk.tab.waits(for: "document.activeElement.dataset.action === 'approve'")
                #expect(try await desk.item(first)["status"] == "pending")
                try await desk.tab.keys(.d)
                try await desk.tab.waits(for: "document.activeElement.dataset.action === 'deny'")
                try await desk.tab.keys(.a, .enter)
                try await desk.tab.shows("It ran")
                #expect(try await desk.item(first)["status"] == "approved")
                try await desk.tab.waits(for: "document.activeElement.role === 'listbox'")
                try await desk.tab.keys(.up)
                try await desk.tab.waits(for: "document.querySelector('.detail').innerText.includes('second')")
                try await desk.tab.keys(.d, .enter)
                try await desk.tab.shows("Denied.")
                #expect(try await desk.item(second)["status"] == "denied")
            }
        }

        @Test(
            "a grant can be edited and says which calls it would have let pass; then it lets them, and can be revoked")
        func grant() async throws {
            try await Desk.with(prepare: { try $0.write("x\n", to: "workspace/notes/b.txt") }) { desk in
                try await desk.asksPeople()
                let agent = try await desk.makeToken("agent", "helper").token
                func write(_ path: String, waits: Bool) async throws {
                    let reply = try await desk.daemon.run(
                        "filesystem_write", ["path": .string(path), "content": "new\n"], token: agent)
                    #expect(reply.status == (waits ? 403 : 200), "\(path): \(reply.json)")
                }
                try await write("notes/b.txt", waits: true)
                try await write("a.txt", waits: true)
                _ = try await desk.waitingRun(
                    "filesystem_write", ["path": "notes/b.txt", "content": "asked\n"], token: agent)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.shows("this rule would have let 1 call pass")
                try await desk.tab.choose("begins with", in: "path: how it must fit")
                try await desk.tab.type("notes", into: "path: its beginning")
                try await desk.tab.choose("is any text", in: "content: how it must fit")
                try await desk.tab.shows("this rule would have let 2 calls pass")
                try await desk.tab.type("2", into: "Uses, at most")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.shows("It ran")
                #expect(try desk.playground.read("workspace/notes/b.txt") == "asked\n")
                try await write("notes/b.txt", waits: false)
                try await write("a.txt", waits: true)
                try await desk.tab.press(.link, "Grants")
                try await desk.tab.shows("1 use left")
                try await desk.tab.shows("begins with notes")
                try await desk.tab.press(.button, "Revoke")
                try await desk.tab.press(.button, "Revoke")
                try await desk.tab.shows("No grant stands")
                try await write("notes/b.txt", waits: true)
            }
        }

        @Test("a grant that would cover everything, or for ever, is refused where it is edited, and nothing is decided")
        func tooWide() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let (_, id) = try await desk.waitingRun("filesystem_write", Self.write)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.choose("no end, only the number of uses", in: "Ends after")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.shows("A grant needs a number of uses or an end.")
                try await desk.tab.type("5", into: "Uses, at most")
                try await desk.tab.choose("is any text", in: "path: how it must fit")
                try await desk.tab.choose("is any text", in: "content: how it must fit")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.shows("This rule would cover every call of filesystem_write.")
                #expect(try await desk.item(id)["status"] == "pending")
            }
        }

        @Test("a command is granted word by word")
        func command() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let (_, id) = try await desk.waitingRun("shell_exec", ["command": "git status --short"])
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.choose("begins with", in: "word 3: how it must fit")
                try await desk.tab.type("--s", into: "word 3: its beginning")
                try await desk.tab.shows("this rule would have let 1 call pass")
                try await desk.tab.press(.button, "Approve and grant")
                try await desk.tab.waits(for: "document.querySelector('[data-decided]')")
                let grants = try await desk.daemon.send(.GET, "/api/v1/execution/grants").json["grants"]?.arrayValue
                #expect(
                    grants?.first?["args"]?["command"]?["words"] == [
                        ["exact": "git"], ["exact": "status"], ["prefix": "--s"],
                    ])
                #expect(try await desk.item(id)["status"] == "approved")
            }
        }

        @Test("equal requests are decided at once")
        func batch() async throws {
            try await Desk.with { desk in
                var ids: [String] = []
                for _ in 0..<3 { ids.append(try await desk.request("filesystem_read", ["path": "a.txt"])) }
                let odd = try await desk.request("filesystem_read", ["path": "missing.txt"])
                try await desk.tab.open("/#/approvals/\(ids[0])")
                try await desk.tab.press(.checkbox, "Decide all 3 equal requests at once")
                try await desk.tab.press(.button, "Deny")
                try await desk.tab.shows("3 requests: Denied.")
                for id in ids { #expect(try await desk.item(id)["status"] == "denied") }
                #expect(try await desk.item(odd)["status"] == "pending")
            }
        }

        @Test("a proposed policy is shown as a diff, and in force by the decision")
        func policy() async throws {
            let policy = "version: 1\n"
            try await Desk.with(prepare: { try $0.write(policy, to: "home/config/policy.yaml") }) { desk in
                let agent = try await desk.makeToken("agent", "helper").token
                let yaml =
                    policy + "paths:\n  - name: secrets\n    match: [\"secret/**\"]\n    read: deny\n    write: deny\n"
                    + "    reason: secrets stay\n    examples:\n      match: [\"secret/key\"]\n"
                let reply = try await desk.daemon.send(
                    .POST, "/api/v1/execution/policy/proposals",
                    ["yaml": .string(yaml), "reason": "secrets stay"], token: agent)
                #expect(reply.status == 200, "\(reply.json)")
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("change of policy")
                try await desk.tab.waits(
                    for:
                        "[...document.querySelectorAll('.diff-added')].some((one) => one.innerText.includes('secret/**'))"
                )
                try await desk.tab.press(.button, "Approve and put in force")
                try await desk.tab.shows("The policy is in force.")
                #expect(try desk.playground.read("home/config/policy.yaml") == yaml)
            }
        }

        @Test("who only reads sees everything and no button; who asked does not decide where that is forbidden")
        func roles() async throws {
            try await Desk.with(isSignedIn: false) { desk in
                let viewer = try await desk.makeToken("viewer", "reader").token
                try await desk.request("filesystem_read", ["path": "a.txt"], reason: "to look")
                try await desk.signIn(with: viewer)
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("Your token does not decide.")
                #expect(!(try await desk.tab.has(.button, "Approve and run")))
                _ = try await desk.daemon.configure(["approval_self": false])
                try await desk.tab.press(.button, "Sign out")
                try await desk.signIn()
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("nobody decides about calls of their own")
                #expect(!(try await desk.tab.has(.button, "Approve and run")))
            }
        }

        @Test("what was typed stays when the connection is lost, and the decision can be made when it is back")
        func lost() async throws {
            try await Desk.with { desk in
                let id = try await desk.request("filesystem_read", ["path": "a.txt"], reason: "to look")
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.type("a long thought", into: "Note")
                await desk.daemon.kill()
                try await desk.tab.shows("Disconnected, trying again")
                try await desk.tab.press(.button, "Deny")
                try await desk.tab.shows("The daemon does not answer.")
                let port = desk.daemon.base.split(separator: ":").last.map(String.init) ?? ""
                let again = try await Daemon(in: desk.playground, token: Desk.token, arguments: ["--port", port])
                try await desk.tab.hides("Disconnected, trying again")
                let note = try await desk.tab.script("return find('textbox', 'Note').value")
                #expect(note == "a long thought")
                try await desk.tab.press(.button, "Deny")
                try await desk.tab.shows("Denied.")
                let item = try await again.send(.GET, "/api/v1/execution/approvals/\(id)").json["approval"]
                #expect(item?["status"] == "denied" && item?["note"] == "a long thought")
                await again.stop()
            }
        }

        @Test("arguments keep their names, and an empty one is shown as empty")
        func exact() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                _ = try await desk.waitingRun("filesystem_write", ["path": "a.txt", "content": ""])
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.waits(
                    for:
                        "/content\\s+empty[^]*create_parents\\s+yes[^]*path\\s+a\\.txt/.test(document.querySelector('.detail').innerText)"
                )
            }
        }

        @Test("R52: markup, bidi and escape sequences in what is asked for are shown and do nothing")
        func hostile() async throws {
            try await Desk.with { desk in
                try await desk.asksPeople()
                let text = Hostile.markup + "\u{1B}]0;x\u{7}" + Hostile.bidi
                _ = try await desk.waitingRun(
                    "filesystem_write", ["path": .string("x\u{202E}txt.exe"), "content": .string(text + "\n")],
                    ["reason": .string(text), "agent_id": .string(Hostile.markup.prefix(100).description)])
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("x\\u202etxt.exe")
                try await desk.tab.shows("<b id=bold>bold</b>")
                try await desk.tab.press(.button, "Approve with a standing grant…")
                try await desk.tab.shows("Calls that pass from now on")
                let seen = try await desk.tab.script(
                    """
                    return [window.pwned ?? null, document.getElementById("bold"),
                      /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u0007\\u001b]/.test(document.documentElement.outerHTML)];
                    """)
                #expect(seen == [nil, nil, false])
                try await desk.tab.press(.button, "Deny")
                try await desk.tab.shows("Denied.")
                try await desk.tab.press(.link, "Decided")
                try await desk.tab.shows("<b id=bold>bold</b>")
            }
        }

        @Test("ten thousand that wait are scrolled to the last, with no more elements than fit")
        func many() async throws {
            try await Desk.with { desk in
                let count = 10_000
                try await desk.request("filesystem_read", ["path": "a.txt"], reason: "many alike")
                try await desk.playground.multiplyWhatWaits(to: count)
                var times: [Duration] = []
                for _ in 0..<21 {
                    let clock = ContinuousClock()
                    let begun = clock.now
                    let reply = try await desk.daemon.send(.GET, "/api/v1/execution/approvals?limit=50")
                    times.append(clock.now - begun)
                    #expect(reply.json["pending"] == .integer(count))
                }
                // Whatever else the machine does makes some of them slow; a list whose cost grew would be slow each time.
                let sorted = times.sorted()
                print("the list of \(count) answers in \(sorted[times.count / 4]), median \(sorted[times.count / 2])")
                #expect(sorted[times.count / 4] < .milliseconds(50))
                try await desk.tab.reload()
                try await desk.tab.press(.link, "Approvals")
                try await desk.tab.shows("10,000 requests wait.")
                try await desk.tab.waits(for: "document.title.startsWith('(10000) ')")
                let most = try await desk.tab.driver.post(
                    "execute/async",
                    [
                        "script": """
                        const done = arguments[arguments.length - 1];
                        const list = document.querySelector(".listbox");
                        let most = 0;
                        const step = () => {
                          list.scrollTop = list.scrollHeight;
                          most = Math.max(most, list.querySelectorAll("[role=option]").length);
                          const last = [...list.querySelectorAll("[role=option]")].at(-1);
                          if (last?.ariaPosInSet === "10000") done(most);
                          else setTimeout(step, 16);
                        };
                        step();
                        """, "args": [],
                    ])
                #expect((1..<60).contains(most.integerValue ?? 0))
                try await desk.request("filesystem_read", ["path": "a.txt"], reason: "one more")
                try await desk.tab.waits(for: "document.title.startsWith('(10001) ')")
                try await desk.tab.script("document.querySelector('.listbox').scrollTop = 0")
                try await desk.tab.shows("one more")
                // The oldest, opened by a link, keeps its buttons while newer ones come.
                let page = try await desk.daemon.send(.GET, "/api/v1/execution/approvals?limit=1&before=2")
                let oldest = try #require(
                    page.json["approvals"]?.arrayValue?.first?["approval_request_id"]?.stringValue)
                try await desk.tab.open("/#/approvals/\(oldest)")
                try await desk.tab.reload()
                _ = try await desk.tab.find(.button, "Approve and run")
                try await desk.request("filesystem_read", ["path": "a.txt"], reason: "the newest")
                try await desk.tab.waits(for: "document.title.startsWith('(10002) ')")
                try await desk.tab.shows("the newest")
                #expect(try await desk.tab.has(.button, "Approve and run"))
            }
        }
    }
}
