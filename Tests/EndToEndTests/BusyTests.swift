import Foundation
import NIOHTTP1
import Synchronization
import Testing
import ToolKit

@Suite(
    "A daemon with all hands full",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct BusyTests {
    /// Long enough to search that twenty of them are still at it while the list is asked for.
    private func fill(_ playground: Playground) throws {
        let line = "The quick brown fox jumps over the lazy dog, and nobody looks for it here.\n"
        let text = String(repeating: line, count: 250)
        for number in 0..<300 { try playground.write(text, to: "workspace/folder\(number % 20)/file\(number).txt") }
        try playground.write(line + "a needle\n", to: "workspace/last/needle.txt")
    }

    @Test("R44: /tools answers in < 0.5 s while 20 tools run")
    func list() async throws {
        let playground = try Playground()
        try fill(playground)
        let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                // One search after the other, so that there are twenty at every moment.
                group.addTask {
                    var count = 0
                    repeat {
                        let reply = try await daemon.run("workspace_search", ["query": "needle"])
                        let matches = reply.json["result"]?["matches"]?.arrayValue
                        // Positive control: what ran meanwhile ended right.
                        #expect(matches?.compactMap { $0["path"]?.stringValue } == ["last/needle.txt"])
                        count += 1
                    } while !isOver.isSet
                    return count
                }
            }
            while try await daemon.logs("limit=1&tool_name=workspace_search").isEmpty {}
            var times: [Duration] = []
            for _ in 0..<20 {
                let start = ContinuousClock.now
                #expect(try await daemon.send(.GET, "/api/v1/execution/tools").status == 200)
                times.append(ContinuousClock.now - start)
            }
            isOver.set()
            let searches = try await group.reduce(0, +)
            times.sort()
            print("R44: lists in \(times[0]) to \(times[19]), median \(times[10]), beside \(searches) searches")
            #expect(searches >= 20)
            // The median, because the twenty searches and their clients share two processors with the list.
            #expect(times[10] < .milliseconds(500))
        }
        await daemon.stop()
    }

    @Test(
        "R44: /tools answers at once while commands run", .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
    func listBesideCommands() async throws {
        let playground = try Playground()
        _ = try await Repository(in: playground)
        let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        #expect(try await daemon.run("git_status").json["result"]?["returncode"] == 0)
        let isOver = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var count = 0
                    repeat {
                        let reply = try await daemon.run("git_status")
                        // Positive control: what ran meanwhile ended right.
                        #expect(reply.json["result"]?["stdout"] == "## main\n")
                        count += 1
                    } while !isOver.isSet
                    return count
                }
            }
            while try await daemon.logs("limit=20&tool_name=git_status").count < 20 {}
            var times: [Duration] = []
            for _ in 0..<40 {
                let start = ContinuousClock.now
                #expect(try await daemon.send(.GET, "/api/v1/execution/tools").status == 200)
                times.append(ContinuousClock.now - start)
            }
            isOver.set()
            let commands = try await group.reduce(0, +)
            times.sort()
            print("R44: lists in \(times[0]) to \(times[39]), median \(times[20]), beside \(commands) commands")
            // 50 ms is what a build for use reaches, in ./bench; this one was made for debugging.
            #expect(times[20] < .milliseconds(250))
        }
        await daemon.stop()
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        var isSet: Bool { value.withLock { $0 } }
        func set() { value.withLock { $0 = true } }
    }
}
