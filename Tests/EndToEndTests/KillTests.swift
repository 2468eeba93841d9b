import NIOHTTP1
import Foundation
import Synchronization
import Testing
import ToolKit

/// R71: after `kill -9` at any moment: restart, configuration and log readable, nothing acknowledged lost, no approval
/// reusable.
@Suite(
    "A daemon that is killed at a random moment", .serialized,
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .timeLimit(.minutes(10)))
struct KillTests {
    private struct Acknowledged: Sendable {
        var outcomes: [String: String] = [:]
        var spentApprovals: [(id: String, path: String)] = []
    }

    private final class Notes: Sendable {
        let seen = Mutex(Acknowledged())
    }

    @Test("R71: loses no acknowledged call, revives no approval and comes back with a log that verifies")
    func rounds() async throws {
        let playground = try Playground()
        try playground.write(String(repeating: "x", count: 4_096), to: "workspace/read.txt")
        var seed = Seed(for: "kill -9")
        let rounds = Rounds.count(200)
        var logOffset = 0
        var spent: (id: String, path: String)?
        var slowest = Duration.zero
        var calls = 0
        for round in 0..<rounds {
            let start = ContinuousClock.now
            let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
            slowest = max(slowest, ContinuousClock.now - start)
            try await daemon.enable("filesystem_write")
            #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
            if let spent {
                let revived = try await write(spent.path, approval: spent.id, to: daemon)
                #expect(revived.status == 403, "round \(round): an approval that was spent works again")
            }
            let life = Int.random(in: 20...350, using: &seed)
            let acknowledged = await load(daemon, for: .milliseconds(life))
            await daemon.kill()
            let outcomes = try outcomes(in: playground, from: &logOffset)
            for (id, status) in acknowledged.outcomes {
                #expect(outcomes[id] == status, "round \(round): the outcome of \(id) is not in the log")
            }
            calls += acknowledged.outcomes.count
            spent = acknowledged.spentApprovals.last ?? spent
        }
        let last = try await Daemon(in: playground)
        await last.stop()
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
        print("kill -9: \(rounds) rounds, \(calls) acknowledged calls, slowest start \(slowest); \(verify.output)")
        #expect(calls > rounds)
    }

    /// Keeps the daemon busy with reads, writes and refusals until it is time, and says what it acknowledged.
    private func load(_ daemon: Daemon, for life: Duration) async -> Acknowledged {
        let notes = Notes()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<6 {
                group.addTask {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        do {
                            try await self.call(daemon, worker: worker, number: number, notes)
                        } catch {
                            return
                        }
                    }
                }
            }
            group.addTask {
                try? await Task.sleep(for: life)
                daemon.program.signal(SIGKILL)
            }
            await group.waitForAll()
        }
        return notes.seen.withLock { $0 }
    }

    private func call(
        _ daemon: Daemon, worker: Int, number: Int, _ notes: Notes
    ) async throws {
        let reply: Daemon.Reply
        switch worker {
        case 0, 1:
            let path = "w\(worker)/\(number % 7).txt"
            let approved = try await daemon.send(
                .POST, "/api/v1/execution/approve?tool_name=filesystem_write",
                ["args": ["path": .string(path), "content": "new"]])
            guard let id = approved.json["approval_id"]?.stringValue else { return }
            reply = try await write(path, approval: id, to: daemon)
            if reply.status == 200 { notes.seen.withLock { $0.spentApprovals.append((id, path)) } }
        case 2: reply = try await daemon.run("filesystem_read", ["path": "missing.txt"])
        case 3: reply = try await daemon.run("no_such_tool")
        default: reply = try await daemon.run("filesystem_read", ["path": "read.txt"])
        }
        guard let id = reply.json["audit_id"]?.stringValue else { return }
        let status =
            switch (reply.json["success"]?.boolValue, reply.json["code"]?.stringValue) {
            case (true, _): "ok"
            case (_, "unknown_tool"): "invalid"
            case (_, "approval_invalid"), (_, "approval_required"): "approval_required"
            default: "error"
            }
        notes.seen.withLock { $0.outcomes[id] = status }
    }

    private func write(_ path: String, approval: String, to daemon: Daemon) async throws -> Daemon.Reply {
        try await daemon.run(
            "filesystem_write", ["path": .string(path), "content": "new"], ["approval_id": .string(approval)])
    }

    /// Status by audit id of every outcome and refusal that was written since `offset`.
    private func outcomes(in playground: Playground, from offset: inout Int) throws -> [String: String] {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: playground.home + "/logs/tools_audit.jsonl"))
        defer { try? file.close() }
        try file.seek(toOffset: UInt64(offset))
        let bytes = try file.readToEnd() ?? Data()
        var outcomes: [String: String] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            // A torn last line is what the crash left.
            guard let entry = try? JSONReader.read(line) else { continue }
            guard let id = entry["audit_id"]?.stringValue, let status = entry["status"]?.stringValue else { continue }
            outcomes[id] = status
        }
        // The torn part is cut off at the next start; the next round reads from before it.
        offset += (bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 - bytes.startIndex + 1 }) ?? 0
        return outcomes
    }
}
