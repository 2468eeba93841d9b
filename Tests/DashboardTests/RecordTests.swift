import Foundation
import NIOHTTP1
import Testing
import ToolKit

extension Dashboard {
    @Suite("The record of runs")
    struct Record {
        private static func calls(_ count: Int, to daemon: Daemon) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for number in stride(from: worker, to: count, by: 8) {
                            _ = try await daemon.run(
                                "filesystem_read", ["path": "a.txt"],
                                [
                                    "agent_id": .string("agent-\(number % 3)"),
                                    "reason": .string("errand-\(number)-of-many"),
                                ])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test("is narrowed by outcome, tool, agent and words, and the address keeps the filter")
        func filters() async throws {
            try await Desk.with { desk in
                try await Self.calls(6, to: desk.daemon)
                _ = try await desk.daemon.run("filesystem_read", ["path": "missing.txt"])
                _ = try await desk.daemon.run("system_info")
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("system_info")
                try await desk.tab.choose("Failed", in: "Outcome")
                try await desk.tab.hides("system_info")
                try await desk.tab.shows("missing.txt")
                try await desk.tab.reload()
                try await desk.tab.shows("missing.txt")
                #expect(try await desk.tab.script("return all('option').length") == 1)
                try await desk.tab.choose("Outcome: all", in: "Outcome")
                try await desk.tab.type("agent-2", into: "Agent label")
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "all('option').length === 2")
                try await desk.tab.type("", into: "Agent label")
                try await desk.tab.type("errand-4-of-many", into: "Search in entries", .searchbox)
                try await desk.tab.keys(.enter)
                try await desk.tab.waits(for: "all('option').length === 1")
                try await desk.tab.type("nowhere", into: "Search in entries", .searchbox)
                try await desk.tab.keys(.enter)
                try await desk.tab.shows("Nothing fits")
            }
        }

        @Test("scrolls to its very end with no more elements than fit on the screen")
        func scrolls() async throws {
            try await Desk.with { desk in
                try await Self.calls(700, to: desk.daemon)
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("filesystem_read")
                let most = try await desk.tab.waits(
                    for: """
                        (() => {
                          const list = find('listbox', 'Runs');
                          window.most = Math.max(window.most ?? 0, all('option').length);
                          list.scrollTop = list.scrollHeight;
                          const last = all('option').at(-1);
                          return last.ariaSetSize >= 700 && last.ariaPosInSet === last.ariaSetSize && window.most;
                        })()
                        """)
                #expect((most.integerValue ?? 1_000) < 40)
            }
        }

        @Test("a new run appears on top while somebody looks")
        func live() async throws {
            try await Desk.with { desk in
                try await Self.calls(3, to: desk.daemon)
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("agent-2")
                _ = try await desk.daemon.run("system_info", [:], ["agent_id": "late"])
                try await desk.tab.waits(for: "all('option')[0].innerText.includes('late')")
            }
        }

        @Test("a run is in an open page within 300 ms of its end")
        func atOnce() async throws {
            try await Desk.with { desk in
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("Calls appear here as they happen.")
                // The page notes when it first shows each label; both clocks are this machine's.
                try await desk.tab.script(
                    """
                    window.seen = {};
                    new MutationObserver(() => {
                      for (const [label] of document.querySelector(".listbox").textContent.matchAll(/timed-[0-9]+/g))
                        window.seen[label] ??= Date.now() / 1000;
                    }).observe(document.querySelector(".listbox"), { subtree: true, childList: true });
                    """)
                var delays: [Double] = []
                for number in 0..<9 {
                    let label = "timed-\(number)"
                    _ = try await desk.daemon.run("filesystem_read", ["path": "a.txt"], ["agent_id": .string(label)])
                    let ended = Date().timeIntervalSince1970
                    let seen = try await desk.tab.waits(for: "window.seen[given[0]]", [.string(label)])
                    delays.append((seen.doubleValue ?? .infinity) - ended)
                }
                let median = delays.sorted()[delays.count / 2]
                print("a run is shown \(Int(median * 1_000)) ms after its answer (median of \(delays.count))")
                #expect(median < 0.3)
            }
        }

        @Test(
            "what a running command prints is shown while it runs, and its end by itself",
            .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
        func output() async throws {
            try await Desk.with(in: try await Playground.withScripts()) { desk in
                let script = """
                    import os, time
                    print('\\x1b[31mfirst\\x1b[0m \\u202e<b>words</b>', flush=True)
                    while not os.path.exists('go'): time.sleep(0.005)
                    """
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.shows("Calls appear here as they happen.")
                async let answer = desk.daemon.run("shell_exec", ["command": ["pyrun", .string(script)]])
                try await desk.tab.shows("Running")
                try await desk.tab.press(.option, "shell_exec")
                try await desk.tab.shows("Output so far")
                try await desk.tab.shows("first \\u202e<b>words</b>")
                #expect(
                    try await desk.tab.script("return document.querySelector('.viewer .ansi-1').textContent") == "first"
                )
                try desk.playground.write("", to: "workspace/go")
                #expect(try await answer.json["success"] == true)
                try await desk.tab.waits(for: "document.querySelector('.detail').innerText.includes('Took')")
            }
        }

        @Test("one entry tells all, and the browser checks its receipt")
        func detail() async throws {
            try await Desk.with { desk in
                _ = try await desk.daemon.run(
                    "filesystem_read", ["path": "a.txt"], ["agent_id": "helper", "reason": "to know"])
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "filesystem_read")
                for text in ["to know", "operator as helper", "a.txt", "Receipt"] { try await desk.tab.shows(text) }
                try await desk.tab.shows("The stored lines have the hashes that they name.")
                try await desk.tab.shows("What is shown here is what the lines say.")
                // A checkpoint covers everything once one is asked for.
                _ = try await desk.daemon.send(.GET, "/api/v1/execution/audit/checkpoint")
                try await desk.tab.reload()
                try await desk.tab.shows("The line is in the log that the checkpoint covers")
                try await desk.tab.shows("The checkpoint is signed with the key")
                #expect(try await desk.tab.script("return document.querySelectorAll('.checks .wrong').length") == 0)
            }
        }

        @Test("R61: an entry whose line was edited on the disk is found out by the browser")
        func tampered() async throws {
            try await Desk.with { desk in
                _ = try await desk.daemon.run("filesystem_read", ["path": "a.txt"], ["reason": "honest work"])
                _ = try await desk.daemon.send(.GET, "/api/v1/execution/audit/checkpoint")
                let log = "home/logs/tools_audit.jsonl"
                let edited = try desk.playground.read(log).replacing("honest work", with: "forged work")
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: desk.playground.folder + "/" + log))
                try file.write(contentsOf: Data(edited.utf8))
                try file.close()
                try await desk.tab.press(.link, "Runs")
                try await desk.tab.press(.option, "filesystem_read")
                try await desk.tab.shows("the line of this entry cannot be read")
                try await desk.tab.shows("There is no receipt: the stored line is not there as it was written.")
            }
        }

        /// What somebody who answers in the daemon's place could change.
        static let forgeries: [(what: String, change: String)] = [
            ("nothing", ""),
            ("the entry that is shown", "answer.entry.reason = 'another'"),
            ("a stored line", "answer.lines[1] = answer.lines[1].replace('helper', 'helped')"),
            ("a line and its hash", "answer.lines[1] = answer.lines[1].replace(/.{64}\"}$/, '0'.repeat(64) + '\"}')"),
            ("the line's number", "answer.receipt.seq += 1"),
            ("the proof", "answer.receipt.inclusion_proof = answer.receipt.inclusion_proof.slice(1)"),
            ("the root", "answer.receipt.checkpoint.root = '0'.repeat(64)"),
            ("the size", "answer.receipt.checkpoint.size += 1"),
            (
                "the signature",
                "answer.receipt.checkpoint.signature = answer.receipt.checkpoint.signature.replace(/^./, (digit) => digit === '0' ? '1' : '0')"
            ),
            ("the time of signing", "answer.receipt.checkpoint.signed_at += 60"),
            ("the key", "answer.receipt.checkpoint.public_key = '0'.repeat(64)"),
            ("well-formedness", "answer.receipt.hash = 'nonsense'"),
            ("everything away", "answer.receipt = null"),
        ]

        @Test("R61: the browser finds out whatever was changed in an answer, and nothing in an honest one")
        func forged() async throws {
            try await Desk.with { desk in
                try await Self.calls(5, to: desk.daemon)
                let called = try await desk.daemon.run("filesystem_read", ["path": "a.txt"], ["agent_id": "helper"])
                _ = try await desk.daemon.send(.GET, "/api/v1/execution/audit/checkpoint")
                let id = called.json["audit_id"]?.stringValue ?? ""
                let answer = try await desk.daemon.send(.GET, "/api/v1/execution/audit/\(id)").json
                for (what, change) in Self.forgeries {
                    let verdicts = try await desk.tab.driver.post(
                        "execute/async",
                        [
                            "script": .string(
                                """
                                const [answer, done] = arguments;
                                const folder = document.querySelector("script[type=module]").src.replace(/[^/]*$/, "");
                                \(change);
                                import(folder + "verify.js").then(({ verify }) => verify(answer))
                                  .then((found) => done(found.map((one) => one.ok)), (error) => done(String(error)));
                                """), "args": [answer],
                        ])
                    let found = verdicts.arrayValue ?? []
                    #expect(!found.isEmpty && found.contains(false) == (what != "nothing"), "\(what): \(verdicts)")
                    if what == "nothing" { #expect(found == [true, true, true, true]) }
                }
            }
        }

        @Test("needs no mouse: arrows walk, Enter opens")
        func keyboard() async throws {
            try await Desk.with { desk in
                try await Self.calls(40, to: desk.daemon)
                try await desk.tab.open("/#/runs")
                try await desk.tab.shows("filesystem_read")
                try await desk.tab.tabs(to: "Runs, newest first")
                try await desk.tab.keys(.down, .down)
                try await desk.tab.keys(.end)
                try await desk.tab.waits(
                    for:
                        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).ariaPosInSet > 30"
                )
                try await desk.tab.keys(.home, .enter)
                try await desk.tab.shows("Receipt")
            }
        }

        @Test("a change shows before and after")
        func change() async throws {
            try await Desk.with { desk in
                _ = try await desk.daemon.configure(["max_steps_per_run": 33])
                try await desk.tab.open("/#/runs?kind=change")
                try await desk.tab.press(.option, "change:config")
                try await desk.tab.waits(
                    for: "find('region', 'Changed values').innerText.match(/Max steps per run\\s+50\\s+33/)")
            }
        }
    }
}
