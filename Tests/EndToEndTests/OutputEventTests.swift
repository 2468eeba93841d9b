import Foundation
import NIOHTTP1
import Testing
import ToolKit

@Suite(
    "The output of running programs, live", .serialized, .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct OutputEventTests {
    private static let token = "an-operator-token"

    private func makeToken(_ daemon: Daemon, _ name: String, role: String = "agent") async throws -> String {
        let reply = try await daemon.send(
            .POST, "/api/v1/execution/tokens", ["role": .string(role), "name": .string(name)])
        return try #require(reply.json["token"]?.stringValue)
    }

    @Test("is told while the program runs, to its caller and to people, and to no other agent")
    func told() async throws {
        let playground = try await Playground.withScripts()
        let daemon = try await Daemon(in: playground, token: Self.token)
        let (bot, other) = (try await makeToken(daemon, "bot"), try await makeToken(daemon, "other"))
        let viewer = try await makeToken(daemon, "viewer", role: "viewer")
        var readers: [EventStreamReader] = []
        for token in [bot, other, viewer] { readers.append(try await EventStreamReader(daemon, token: token)) }
        // The program goes on only once its first words were seen.
        let script = """
            import os, sys, time
            print('first \\u202e<b>', flush=True)
            while not os.path.exists('go'): time.sleep(0.005)
            print('second', file=sys.stderr, flush=True)
            """
        async let answer = daemon.run("shell_exec", ["command": ["pyrun", .string(script)]], token: .some(bot))
        let first = try #require(try await readers[0].next())
        #expect(first.name == "output" && first.id == nil && first.data["stream"] == "stdout")
        #expect(first.data["text"] == "first \u{202E}<b>\n" && first.data["offset"] == 0)
        try playground.write("", to: "workspace/go")
        let reply = try await answer
        #expect(reply.json["success"] == true && reply.json["audit_id"] == first.data["audit_id"])
        let rest = try await readers[0].through { $0.name == "run" }
        #expect(rest.first?.data["text"] == "second\n" && rest.first?.data["stream"] == "stderr")
        let shown = try await readers[2].through { $0.name == "run" }.filter { $0.name == "output" }
        #expect(shown.compactMap { $0.data["text"]?.stringValue } == ["first \u{202E}<b>\n", "second\n"])
        _ = try await daemon.run("filesystem_read", ["path": "own"], token: .some(other))
        #expect(try await readers[1].next()?.name == "run")
        await daemon.stop()
    }

    @Test("of a program that writes without end holds nobody up, and shows its gaps")
    func loud() async throws {
        let playground = try await Playground.withScripts()
        let daemon = try await Daemon(in: playground, token: Self.token)
        let deaf = try (0..<3).map { _ in try DeafPeer(daemon, token: Self.token) }
        let reader = try await EventStreamReader(daemon)
        let script = "import sys; [sys.stdout.write('x' * 1000 + '\\n') for _ in range(50000)]; print('the end')"
        let reply = try await daemon.run("shell_exec", ["command": ["pyrun", .string(script)], "timeout_sec": 60])
        #expect(reply.json["success"] == true && reply.json["result"]?["stdout_size"] == 50_050_008)
        let told = try await reader.through { $0.name == "run" && $0.data["tool_name"] == "shell_exec" }
        var next = 0
        var gaps = 0
        for event in told where event.name == "output" {
            let offset = try #require(event.data["offset"]?.integerValue)
            #expect(offset >= next)
            if offset > next { gaps += 1 }
            next = offset + (event.data["length"]?.integerValue ?? 0)
        }
        #expect(next > 0 && (gaps > 0 || next < 50_050_008))
        _ = deaf.count
        await daemon.stop()
    }
}
