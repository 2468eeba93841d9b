import Engine
import Foundation
import Gate
import HTTPDoor
import Testing
import ToolKit

@testable import execlayer

/// The daemon's own composition without its doors: engine, real bubblewrap.
@Suite(
    "Somebody who watches a running command", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(2)))
struct LiveOutputTests {
    private func withLayer(_ body: (Playground, Layer) async throws -> Void) async throws {
        let playground = try await Playground.withScripts()
        let home = try Home(opening: playground.home)
        let lock = try HomeLock(of: home)
        let layer = try await Layer(
            LayerOptions(home: playground.home, workspace: playground.workspace), home: home, lock: lock)
        try await body(playground, layer)
        await layer.close()
    }

    private func call(_ script: String) -> ToolCall {
        ToolCall(toolName: "shell_exec", arguments: ["command": ["pyrun", .string(script)]])
    }

    @Test("sees what it wrote before it ends")
    func before() async throws {
        try await withLayer { playground, layer in
            let watch = layer.engine.output.watch()
            // The program waits for a file that is there only after its first words were seen.
            let script = """
                import os, time
                print('first', flush=True)
                while not os.path.exists('go'): time.sleep(0.005)
                print('second', flush=True)
                """
            async let answer = layer.engine.answer(call(script), from: Authenticator.owner, through: "test")
            let events = watch.events
            var iterator = events.makeAsyncIterator()
            let first = await iterator.next()
            #expect(first?.text == "first\n")
            #expect(first?.stream == .stdout)
            #expect(first?.offset == 0)
            try playground.write("", to: "workspace/go")
            let second = await iterator.next()
            #expect(second?.text == "second\n")
            #expect(second?.offset == 6)
            let ended = await answer
            #expect(ended.isSuccess)
            #expect(ended.auditID == first?.auditID)
            #expect(ended.result["stdout"] == "first\nsecond\n")
        }
    }

    @Test("and never reads does not hold it up")
    func slow() async throws {
        try await withLayer { _, layer in
            let watch = layer.engine.output.watch(capacity: 100_000)
            let script = "import sys; [sys.stdout.write('x' * 1000) for _ in range(20000)]"
            let answer = await layer.engine.answer(call(script), from: Authenticator.owner, through: "test")
            #expect(answer.isSuccess)
            #expect(answer.result["stdout_size"] == 20_000_000)
            watch.cancel()
            var seen = 0
            for await event in watch.events { seen += event.length }
            #expect(seen > 0 && seen <= 100_000)
        }
    }

    @Test("sees the calls of one caller only when that is asked for")
    func own() async throws {
        try await withLayer { _, layer in
            let (mine, foreign) = (
                layer.engine.output.watch(principal: "local"), layer.engine.output.watch(principal: "ann")
            )
            _ = await layer.engine.answer(call("print('words')"), from: Authenticator.owner, through: "test")
            for watch in [mine, foreign] { watch.cancel() }
            var seen: [[String]] = []
            for watch in [mine, foreign] {
                var texts: [String] = []
                for await event in watch.events { texts.append(event.text) }
                seen.append(texts)
            }
            #expect(seen == [["words\n"], []])
        }
    }
}
