import Foundation
import NIOHTTP1
import Synchronization
import Testing
import ToolKit

/// R57, R71: `kill -9` at any moment of request, decision and run.
@Suite(
    "An inbox whose daemon is killed at a random moment", .serialized,
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .timeLimit(.minutes(10)))
struct InboxKillTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    private struct Item: Sendable {
        let path: String
        /// What somebody was told that was decided.
        var isApproved: Bool?
        /// Whether somebody was told that it ran.
        var hasRun = false
    }

    private final class Notes: Sendable {
        let items = Mutex<[String: Item]>([:])
        let number = Mutex(0)

        func next() -> Int {
            number.withLock { number in
                number += 1
                return number
            }
        }
    }

    @Test("R57, R71: loses nothing that was asked or decided, runs nothing twice, and finishes what was approved")
    func rounds() async throws {
        let playground = try Playground()
        var seed = Seed(for: "kill -9 of the inbox")
        let rounds = Rounds.count(200)
        let notes = Notes()
        for _ in 0..<rounds {
            let daemon = try await start(playground)
            let life = Int.random(in: 20...400, using: &seed)
            await load(daemon, for: .milliseconds(life), notes)
            await daemon.kill()
        }
        let last = try await start(playground)
        let known = notes.items.withLock { $0 }
        var (approved, unknown) = (0, 0)
        for (id, item) in known {
            let kept = try await settled(id, in: last)
            let isThere = playground.exists("workspace/" + item.path)
            switch (kept["status"]?.stringValue, kept["run_status"]?.stringValue) {
            case ("pending", _): #expect(item.isApproved == nil && !isThere, "\(id) was decided and waits again")
            case ("denied", _): #expect(item.isApproved != true && !isThere, "\(id) was denied and ran")
            case ("approved", "done"):
                #expect(item.isApproved != false && isThere, "\(id) is said to have run")
                approved += 1
            case ("approved", "indeterminate"):
                #expect(!item.hasRun, "\(id) ran, and nobody knows")
                unknown += 1
            default: Issue.record("\(id) is lost: \(kept)")
            }
        }
        await last.stop()
        let beginnings = try beginnings(in: playground)
        // A write may be repeated when nobody knows how it ended, a patch never.
        let once = beginnings.filter { $0.key.tool == "apply_patch" }
        #expect(!once.isEmpty && once.values.allSatisfy { $0 == 1 }, "something began twice")
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
        print(
            "kill -9: \(rounds) rounds, \(known.count) items, \(approved) ran, \(unknown) of unknown outcome, "
                + "\(beginnings.count) beginnings; \(verify.output)")
        #expect(known.count > rounds && approved > 0)
    }

    private func start(_ playground: Playground) async throws -> Daemon {
        let daemon = try await Daemon(
            in: playground, token: Self.token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("filesystem_write", "apply_patch")
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        return daemon
    }

    /// Asks and decides until it is time.
    private func load(_ daemon: Daemon, for life: Duration, _ notes: Notes) async {
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    do {
                        while daemon.program.isRunning { try await act(daemon, asks: worker < 3, notes) }
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

    private func act(_ daemon: Daemon, asks: Bool, _ notes: Notes) async throws {
        if asks { return try await ask(daemon, notes) }
        let open = notes.items.withLock { items in
            items.filter { $0.value.isApproved == nil }.keys.randomElement()
        }
        guard let id = open else { return await Task.yield() }
        let isApproved = notes.next() % 4 != 0
        let reply = try await daemon.send(.POST, Self.api + "approvals/\(id)", ["approved": .bool(isApproved)])
        guard reply.status == 200 else {
            #expect(reply.status == 409, "\(reply.json)")
            return
        }
        notes.items.withLock { items in
            #expect(items[id]?.isApproved == nil, "\(id) was decided twice")
            items[id]?.isApproved = isApproved
            items[id]?.hasRun = reply.json["execution_result"]?["success"] == true
        }
    }

    /// Odd ones as a request for a patch that adds a file, which fails where the file is; even ones as a call that waits.
    private func ask(_ daemon: Daemon, _ notes: Notes) async throws {
        let number = notes.next()
        let path = "file\(number)"
        let reply: Daemon.Reply
        if number % 2 == 1 {
            let patch = "--- /dev/null\n+++ b/\(path)\n@@ -0,0 +1 @@\n+new\n"
            reply = try await daemon.send(
                .POST, Self.api + "request", ["tool_name": "apply_patch", "args": ["patch": .string(patch)]])
        } else {
            reply = try await daemon.run(
                "filesystem_write", ["path": .string(path), "content": "new"], ["wait_for_approval": true])
        }
        guard let id = (reply.json["approval_request_id"] ?? reply.json["request_id"])?.stringValue else {
            Issue.record("\(reply.status) \(reply.json)")
            throw CancellationError()
        }
        notes.items.withLock { $0[id] = Item(path: path) }
    }

    /// The item once nothing more happens to it by itself.
    private func settled(_ id: String, in daemon: Daemon) async throws -> JSONValue {
        while true {
            let reply = try await daemon.send(.GET, Self.api + "approvals/\(id)")
            guard let item = reply.json["approval"] else { return reply.json }
            let isUnderWay = ["queued", "running"].contains(item["run_status"]?.stringValue)
            guard item["status"] == "approved", isUnderWay else { return item }
            await Task.yield()
        }
    }

    /// How often the call of each item began, as the audit has it: an intent stands before everything that runs.
    private func beginnings(in playground: Playground) throws -> [Beginning: Int] {
        var beginnings: [Beginning: Int] = [:]
        for line in try playground.read("home/logs/tools_audit.jsonl").split(separator: "\n") {
            let entry = try JSONReader.read(Array(line.utf8))
            guard entry["kind"] == "intent", let id = entry["approval_request_id"]?.stringValue,
                let tool = entry["tool_name"]?.stringValue
            else { continue }
            beginnings[Beginning(item: id, tool: tool), default: 0] += 1
        }
        return beginnings
    }

    private struct Beginning: Hashable {
        let item: String
        let tool: String
    }
}
