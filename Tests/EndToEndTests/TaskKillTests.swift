import Foundation
import NIOHTTP1
import Synchronization
import Testing
import ToolKit

/// `kill -9` at any moment of tasks that run on in the background, checked against what their steps did to the world.
@Suite(
    "Tasks whose daemon is killed at a random moment", .serialized,
    .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(30)))
struct TaskKillTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"
    /// Tasks that are unfinished at once: enough to be killed in the middle of some.
    private static let backlog = 24

    /// What was told of each task.
    private final class Notes: Sendable {
        let tasks = Mutex<[String: Int]>([:])
        let started = Mutex<Set<String>>([])
        let number = Atomic(0)

        func next() -> Int { number.add(1, ordering: .relaxed).newValue }
    }

    @Test("R71: loses none, begins nothing twice that cannot be repeated, and ends every run once")
    func rounds() async throws {
        let playground = try await Self.playground()
        var seed = Seed(for: "kill -9 of tasks")
        let rounds = Rounds.count(200)
        let notes = Notes()
        for _ in 0..<rounds {
            let daemon = try await start(playground)
            let life = Int.random(in: 50...600, using: &seed)
            await load(daemon, for: .milliseconds(life), notes)
            await daemon.kill()
        }
        let last = try await start(playground)
        let known = notes.tasks.withLock { $0 }
        for id in known.keys where !notes.started.withLock({ $0.contains(id) }) {
            // The daemon may have died between noting that it is started and saying so.
            let task = try await last.send(.GET, Self.api + "tasks/\(id)").json["task"]
            guard task?["started"] != true else { continue }
            #expect(try await last.send(.POST, Self.api + "tasks/\(id)/start").status == 200)
        }
        let asked = try await settle(known, in: last, playground)
        var runs: Set<String> = []
        for (id, number) in known {
            let task = try #require(try await last.send(.GET, Self.api + "tasks/\(id)").json["task"], "\(id) is lost")
            #expect(task["status"] == "completed", "\(task)")
            try await check(task, number, in: last, playground, &runs)
        }
        await last.stop()
        let beginnings = try Beginnings(playground)
        #expect(beginnings.unrepeatable.allSatisfy { $0.value <= 1 + (asked.retried[$0.key] ?? 0) })
        #expect(asked.runs.isSubset(of: beginnings.unknown), "somebody was asked about what the record knows")
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
        print(
            "kill -9: \(rounds) rounds, \(known.count) tasks, \(runs.count) runs, \(beginnings.unrepeatable.count) of them "
                + "unrepeatable, \(asked.runs.count) of unknown end (\(asked.retried.count) repeated by a person), "
                + "\(beginnings.repeated) repeated by themselves; \(verify.output)")
        #expect(known.count > rounds / 2 && beginnings.unrepeatable.count > rounds)
    }

    /// A program that adds a line to a file, which shows when it runs twice.
    private static func playground() async throws -> Playground {
        let playground = try Playground(below: "/var/tmp")
        try playground.write("#!/bin/sh\necho \"$1\" >> build/log\n", to: "note")
        try await playground.copy(program: playground.folder + "/note", to: "tools/bin/note")
        try playground.write("", to: "workspace/build/log")
        try playground.write(
            """
            version: 1
            toolchains:
              - name: tools
                folder: \(playground.folder)/tools
                programs: [bin/note]
            commands:
              - name: note
                run: [note]
                operands: ["<text>"]
                verdict: allow
                writes: [build]
                reason: "a test counts what runs"
                examples: {match: ["note 1"], not_match: ["note 1 2"]}

            """, to: "home/config/policy.yaml")
        return playground
    }

    private func start(_ playground: Playground) async throws -> Daemon {
        let daemon = try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("filesystem_write", "apply_patch")
        return daemon
    }

    /// Of each part two steps that may be repeated and three that may not.
    private static let parts = 3
    private static let stepsPerPart = 5

    private static func steps(_ number: Int) -> JSONValue {
        .array((0..<parts).flatMap { steps("\(number).\($0)") })
    }

    private static func steps(_ part: String) -> [JSONValue] {
        func patch(_ letter: String) -> JSONValue {
            let text = "--- /dev/null\n+++ b/p\(part)\(letter)\n@@ -0,0 +1 @@\n+new\n"
            return ["tool_name": "apply_patch", "args": ["patch": .string(text)]]
        }
        return [
            [
                "tool_name": "filesystem_write",
                "args": ["path": .string("w\(part)"), "content": .string("text \(part)")],
            ],
            patch("a"),
            ["tool_name": "shell_exec", "args": ["command": ["note", .string(part)]]],
            ["tool_name": "filesystem_read", "args": ["path": .string("w\(part)")]],
            patch("b"),
        ]
    }

    /// Makes tasks and starts them until it is time.
    private func load(_ daemon: Daemon, for life: Duration, _ notes: Notes) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        while daemon.program.isRunning { try await make(daemon, notes) }
                    } catch {
                        // The daemon is gone.
                    }
                }
            }
            group.addTask {
                try? await Task.sleep(for: life)
                daemon.program.signal(SIGKILL)
            }
            await group.waitForAll()
        }
    }

    private func make(_ daemon: Daemon, _ notes: Notes) async throws {
        let list = try await daemon.send(.GET, Self.api + "tasks?limit=\(Self.backlog)")
        let isBusy = list.json["tasks"]?.arrayValue?.allSatisfy { task in
            task["status"] == "running" || task["status"] == "pending"
        }
        let isFull = list.json["tasks"]?.arrayValue?.count == Self.backlog
        guard isBusy != true || !isFull else { return await Task.yield() }
        let number = notes.next()
        let made = try await daemon.send(
            .POST, Self.api + "tasks", ["goal": .string("count to \(number)"), "steps": Self.steps(number)])
        guard let id = made.json["task_id"]?.stringValue else {
            Issue.record("\(made.status) \(made.json)")
            throw CancellationError()
        }
        notes.tasks.withLock { $0[id] = number }
        let started = try await daemon.send(.POST, Self.api + "tasks/\(id)/start")
        if started.status == 200 { notes.started.withLock { _ = $0.insert(id) } }
    }

    /// What a person was asked.
    private struct Asked {
        var runs: Set<String> = []
        /// How often each run was begun anew because a person said so.
        var retried: [String: Int] = [:]
    }

    /// Waits until every task has ended; says of runs of unknown end what the world shows.
    private func settle(
        _ known: [String: Int], in daemon: Daemon, _ playground: Playground
    ) async throws -> Asked {
        var asked = Asked()
        var open = Set(known.keys)
        let deadline = ContinuousClock.now + .seconds(600)
        while !open.isEmpty {
            guard ContinuousClock.now < deadline else {
                Issue.record("after ten minutes \(open.count) tasks have not ended: \(open)")
                return asked
            }
            let list = try await daemon.send(.GET, Self.api + "approvals?limit=1000")
            for item in list.json["approvals"]?.arrayValue ?? [] {
                let id = try #require(item["approval_request_id"]?.stringValue)
                let run = try #require(item["run_id"]?.stringValue)
                guard item["request_type"] == "indeterminate" else {
                    Issue.record("nothing here needs an approval: \(item)")
                    return asked
                }
                let number = try #require(known[item["task_id"]?.stringValue ?? ""])
                let hasHappened = try happened(item, number, playground)
                asked.runs.insert(run)
                if !hasHappened { asked.retried[run, default: 0] += 1 }
                let reply = try await daemon.send(
                    .POST, Self.api + "approvals/\(id)", ["resolution": hasHappened ? "happened" : "retry"])
                #expect(reply.status == 200, "\(reply.json)")
            }
            for id in open {
                let task = try await daemon.send(.GET, Self.api + "tasks/\(id)").json["task"]
                switch task?["status"]?.stringValue {
                case "completed": open.remove(id)
                case "running", "waiting_approval": continue
                // Started, and its turn has not come: few are taken further at a time.
                case "pending" where task?["started"] == true: continue
                default:
                    Issue.record("\(id) does not go on: \(task ?? nil)")
                    open.remove(id)
                }
            }
            await Task.yield()
        }
        return asked
    }

    private func happened(_ item: JSONValue, _ number: Int, _ playground: Playground) throws -> Bool {
        let place = try #require(item["step"]?.integerValue) - 1
        let part = "\(number).\(place / Self.stepsPerPart)"
        return switch place % Self.stepsPerPart {
        case 1: playground.exists("workspace/p\(part)a")
        case 2: try lines(playground).contains(part)
        default: playground.exists("workspace/p\(part)b")
        }
    }

    private func lines(_ playground: Playground) throws -> [String] {
        try playground.read("workspace/build/log").split(separator: "\n").map(String.init)
    }

    /// Whether every step did what it should, once, and each of its runs has one end.
    private func check(
        _ task: JSONValue, _ number: Int, in daemon: Daemon, _ playground: Playground, _ runs: inout Set<String>
    ) async throws {
        for part in (0..<Self.parts).map({ "\(number).\($0)" }) {
            #expect(try playground.read("workspace/w\(part)") == "text \(part)")
            #expect(playground.exists("workspace/p\(part)a") && playground.exists("workspace/p\(part)b"))
            #expect(try lines(playground).count { $0 == part } == 1, "the program of \(part) did not run once")
        }
        #expect(task["steps"]?.arrayValue?.count == Self.parts * Self.stepsPerPart)
        for step in task["steps"]?.arrayValue ?? [] {
            #expect(step["status"] == "done", "\(step)")
            let id = try #require(step["run_id"]?.stringValue)
            #expect(runs.insert(id).inserted, "two steps have one run")
            let run = try await daemon.send(.GET, Self.api + "runs/\(id)").json["run"]
            #expect(run?["status"] == "done", "\(run ?? nil)")
        }
    }

    /// What the audit knows of the steps: an intent stands before everything that runs.
    private struct Beginnings {
        /// How often each run that cannot be repeated began.
        var unrepeatable: [String: Int] = [:]
        /// Runs of which an attempt ended as unknown.
        var unknown: Set<String> = []
        var repeated = 0

        init(_ playground: Playground) throws {
            var runOfCall: [String: String] = [:]
            var others: [String: Int] = [:]
            for line in try playground.read("home/logs/tools_audit.jsonl").split(separator: "\n") {
                let entry = try JSONReader.read(Array(line.utf8))
                guard let call = entry["audit_id"]?.stringValue else { continue }
                if entry["kind"] == "intent", entry["door"] == "task", let run = entry["run_id"]?.stringValue {
                    runOfCall[call] = run
                    let isUnrepeatable = ["apply_patch", "shell_exec"].contains(entry["tool_name"]?.stringValue)
                    if isUnrepeatable { unrepeatable[run, default: 0] += 1 } else { others[run, default: 0] += 1 }
                } else if entry["status"] == "unknown", let run = runOfCall[call] {
                    unknown.insert(run)
                }
            }
            repeated = others.values.count { $0 > 1 }
        }
    }
}
