import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "The audit of a home that somebody tampered with", .serialized,
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .timeLimit(.minutes(10)))
struct WitnessTests {
    private func verify(_ playground: Playground) async throws -> Program.Ending {
        try await execlayer("audit", "verify", "--home", playground.home, in: playground)
    }

    @Test("R61: is not in order again because head file and index are gone and the daemon was started once")
    func laundered() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        for _ in 0..<20 { _ = try await daemon.run("system_info") }
        await daemon.stop()
        #expect(try await verify(playground).status == 0)

        let log = "home/logs/tools_audit.jsonl"
        let lines = try playground.read(log).split(separator: "\n")
        try playground.write(lines.dropLast(10).map { $0 + "\n" }.joined(), to: log)
        try FileManager.default.removeItem(atPath: playground.home + "/logs/tools_audit.head")
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: playground.home + "/data/audit-index.sqlite" + suffix)
        }
        #expect(try await verify(playground).status == 1)

        let again = try await Daemon(in: playground)
        #expect(try await again.run("system_info").json["success"] == true)
        let ending = await again.stop()
        #expect(ending.errors.contains("are missing"))
        let found = try await verify(playground)
        #expect(found.status == 1 && found.output.contains("lines_missing"), "\(found.output)")

        let noted = try await execlayer("audit", "acknowledge", "--home", playground.home, in: playground)
        #expect(noted.status == 0, "\(noted.output)\(noted.errors)")
        let after = try await verify(playground)
        #expect(after.status == 0 && after.output.contains("are missing"), "\(after.output)")
        #expect(try playground.read(log).contains("missing lines were acknowledged"))
    }

    @Test("R61: verifying moves nothing aside, whatever state the index is in; the next start does (positive control)")
    func damagedIndex() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        _ = try await daemon.run("system_info")
        await daemon.stop()
        let index = playground.home + "/data/audit-index.sqlite"
        let rubbish = Data(repeating: 0x78, count: 16_384)
        try rubbish.write(to: URL(fileURLWithPath: index))
        // Or the database would be made whole again from its write-ahead log.
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: index + suffix) }
        let result = try await verify(playground)
        #expect(result.status == 0 && result.output.contains("audit-index.sqlite is damaged"), "\(result.output)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: index)) == rubbish)
        #expect(!FileManager.default.fileExists(atPath: index + ".broken"))
        await (try await Daemon(in: playground)).stop()
        #expect(FileManager.default.fileExists(atPath: index + ".broken"))
    }

    @Test("is shown entry by entry beside whoever holds the home")
    func showBeside() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        let id = try #require(try await daemon.run("system_info").json["audit_id"]?.stringValue)
        let shown = try await execlayer(
            "audit", "show", id, "--offline", "--json", "--home", playground.home, in: playground)
        #expect(shown.status == 0, "\(shown.errors)")
        let answer = try JSONReader.read(shown.output)
        #expect(answer["entry"]?["audit_id"]?.stringValue == id && answer["receipt"]?["hash"] != nil)
        let missing = try await execlayer(
            "audit", "show", "aud_none", "--offline", "--home", playground.home, in: playground)
        #expect(missing.status == 2)
        await daemon.stop()
    }
}

@Suite(
    "An agent that floods the daemon with refused calls", .serialized,
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .timeLimit(.minutes(10)))
struct RefusalFloodTests {
    @Test("R59: leaves a bounded number of lines, and one that says how many more there were")
    func flood() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(
            in: playground, token: "an-operator-token", environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "30"])
        let made = try await daemon.send(.POST, "/api/v1/execution/tokens", ["role": "agent", "name": "flooding"])
        let agent = try #require(made.json["token"]?.stringValue)
        var limited = 0
        let begun = ContinuousClock.now
        for _ in 0..<100 {
            let reply = try await daemon.run("nonsense", token: agent)
            if reply.code == "rate_limited" { limited += 1 }
            _ = try await daemon.send(.GET, "/api/v1/execution/tokens", token: agent)
        }
        let seconds = Int((ContinuousClock.now - begun).components.seconds) + 1
        let entries = try await daemon.logs("limit=1000&principal=flooding")
        // Of 200: 30 calls at once and one every two seconds, and 60 requests a minute, have lines of their own.
        let calls = min(100, 30 + (seconds + 1) / 2)
        let most = calls + min(100, 60 * (1 + seconds / 60)) + 10
        #expect((80...most).contains(entries.count), "\(entries.count) in \(seconds) s")
        #expect(limited >= 100 - calls)
        #expect(try await daemon.run("system_info").json["success"] == true)
        await daemon.stop()
        let stored = try playground.read("home/logs/tools_audit.jsonl")
        #expect(stored.contains("more refused calls like this in one minute"))
        #expect(stored.contains("more requests like this in one minute"))
    }
}
