import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite("A client that sends a call again because it heard no answer", .timeLimit(.minutes(5)))
struct RepeatedCallTests {
    private func write(_ daemon: Daemon, _ number: Int, key: String) async throws -> Daemon.Reply {
        try await daemon.run(
            "filesystem_write", ["path": .string("\(number).txt"), "content": .string("\(number)\n")],
            ["idempotency_key": .string(key)])
    }

    private func open(_ playground: Playground) async throws -> Daemon {
        let daemon = try await Daemon(
            in: playground, token: "the-operators-own-token",
            environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.configure(["require_approval_for_risky": false]).status == 200)
        return daemon
    }

    @Test("fifty at once are one call")
    func concurrent() async throws {
        let playground = try Playground()
        let daemon = try await open(playground)
        let replies = try await withThrowingTaskGroup(of: Daemon.Reply.self) { group in
            for _ in 0..<50 { group.addTask { try await write(daemon, 1, key: "one") } }
            return try await group.reduce(into: [Daemon.Reply]()) { $0.append($1) }
        }
        #expect(Set(replies.map { $0.json["audit_id"] ?? .null }).count == 1)
        #expect(!replies.contains { $0.json["success"] != true })
        let intents = try String(contentsOfFile: playground.home + "/logs/tools_audit.jsonl", encoding: .utf8)
            .split(separator: "\n").count { $0.contains("\"kind\":\"intent\"") }
        #expect(intents == 1)
        await daemon.stop()
    }

    @Test("the same key with another call is 409")
    func conflict() async throws {
        let playground = try Playground()
        let daemon = try await open(playground)
        #expect(try await write(daemon, 1, key: "one").status == 200)
        let other = try await write(daemon, 2, key: "one")
        #expect(other.status == 409)
        #expect(other.code == "idempotency_conflict")
        #expect(!playground.exists("workspace/2.txt"))
        await daemon.stop()
    }

    @Test("after a crash gets the first answer, and nothing that was answered runs twice")
    func crash() async throws {
        let playground = try Playground()
        var random = Seed(for: "keys and kill -9")
        var answered: [Int: JSONValue] = [:]
        for _ in 0..<Rounds.count(60) {
            let daemon = try await open(playground)
            // What was answered in an earlier life is answered so again.
            for (number, id) in answered.shuffled(using: &random).prefix(10) {
                let reply = try await write(daemon, number, key: "key-\(number)")
                #expect(reply.json["audit_id"] == id)
                #expect(reply.json["replayed"] == true)
            }
            let first = answered.count
            let enough = Int.random(in: 3...60, using: &random)
            let (answers, told) = AsyncStream<Void>.makeStream()
            answered.merge(
                await withTaskGroup(of: [Int: JSONValue].self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            var heard: [Int: JSONValue] = [:]
                            var number = first + worker
                            while let reply = try? await write(daemon, number, key: "key-\(number)") {
                                if reply.json["success"] == true { heard[number] = reply.json["audit_id"] }
                                told.yield()
                                number += 8
                            }
                            return heard
                        }
                    }
                    var count = 0
                    for await _ in answers {
                        count += 1
                        if count == enough { break }
                    }
                    await daemon.kill()
                    return await group.reduce(into: [Int: JSONValue]()) { $0.merge($1) { first, _ in first } }
                }
            ) { first, _ in first }
        }
        print("keys and kill -9: \(answered.count) calls answered")
        #expect(answered.count > Rounds.count(60))
        // Of each key at most one call had an outcome that was told; the log is sound.
        let verified = try await execlayer("audit", "verify", in: playground)
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
    }
}
