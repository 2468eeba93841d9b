import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// `kill -9` while an approved program runs, of which nobody can then say how it ended.
@Suite(
    "An approved call whose daemon dies in the middle", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct LostRunTests {
    private static let token = "an-operator-token"
    private static let api = "/api/v1/execution/"

    /// Adds a line, then waits until it is killed.
    private func playground() throws -> Playground {
        let playground = try Playground()
        try playground.write("test:\n\t@mkdir -p build; echo ran >> build/log; sleep 600\n", to: "workspace/Makefile")
        return playground
    }

    private func start(_ playground: Playground) async throws -> Daemon {
        let daemon = try await Daemon(in: playground, token: Self.token)
        #expect(try await daemon.configure(["approval_mode": "require_approval"]).status == 200)
        return daemon
    }

    /// - Returns: The next daemon, and the item in which it asks.
    private func asked(_ playground: Playground) async throws -> (Daemon, JSONValue) {
        let first = try await start(playground)
        let call: JSONValue = ["command": ["make", "test"], "timeout_sec": 600]
        let waiting = try await first.run("shell_exec", call, ["wait_for_approval": true])
        let id = try #require(waiting.json["approval_request_id"]?.stringValue)
        async let decided = first.send(.POST, Self.api + "approvals/\(id)", ["approved": true])
        while !playground.isBeingWritten("log") { try await Task.sleep(for: .milliseconds(20)) }
        await first.kill()
        _ = try? await decided
        // What a program writes is put into the workspace when it ends, and this one never did.
        #expect(!playground.exists("workspace/build/log"))
        let next = try await start(playground)
        while true {
            let list = try await next.send(.GET, Self.api + "approvals")
            if let item = list.json["approvals"]?.arrayValue?.first { return (next, item) }
            await Task.yield()
        }
    }

    @Test("is asked about, and ends as the person says without running again", arguments: ["happened", "abandon"])
    func said(_ word: String) async throws {
        let playground = try playground()
        let (daemon, item) = try await asked(playground)
        #expect(item["request_type"] == "indeterminate" && item["expires_at"] == .null)
        let id = try #require(item["approval_request_id"]?.stringValue)
        let run = try #require(item["run_id"]?.stringValue)
        let wrong = try await daemon.send(.POST, Self.api + "approvals/\(id)", ["approved": true])
        #expect(wrong.status == 422 && wrong.json["remedy"]?.stringValue?.contains("resolution") == true)
        let reply = try await daemon.send(
            .POST, Self.api + "approvals/\(id)", ["resolution": .string(word), "note": "I looked"])
        #expect(reply.status == 200 && reply.json["approved"] == .bool(word == "happened"))
        let after = try await daemon.send(.GET, Self.api + "runs/\(run)").json["run"]
        #expect(after?["status"] == (word == "happened" ? "done" : "cancelled"))
        let again = try await daemon.send(.POST, Self.api + "approvals/\(id)", ["resolution": "retry"])
        #expect(again.status == 409)
        #expect(!playground.isBeingWritten("log") && !playground.exists("workspace/build/log"))
        await daemon.stop()
    }

    @Test("runs again when the person says so")
    func retry() async throws {
        let playground = try playground()
        let (daemon, item) = try await asked(playground)
        let id = try #require(item["approval_request_id"]?.stringValue)
        async let reply = daemon.send(.POST, Self.api + "approvals/\(id)", ["resolution": "retry"])
        while !playground.isBeingWritten("log") { try await Task.sleep(for: .milliseconds(20)) }
        // A program that would run for long keeps no daemon from stopping, and what was stopped on purpose is known.
        await daemon.stop()
        _ = try? await reply
        let last = try await start(playground)
        let run = try #require(item["run_id"]?.stringValue)
        let ended = try await last.send(.GET, Self.api + "runs/\(run)").json["run"]
        #expect(ended?["status"] == "failed" && ended?["result"]?["code"] == "cancelled")
        await last.stop()
    }
}
