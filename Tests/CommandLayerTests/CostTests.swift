import Foundation
import Testing
import ToolKit

@testable import Machine

extension CommandsInLayers {
    /// Issue 6: a preview costs at most 1.5 times the same confined command on a workspace of 10,000 files; committing a
    /// direct command on one of 50,000 adds at most a tenth or 30 ms.
    @Suite("What a layer costs", .enabled(if: Rounds.isSoak, "measures for a minute: ./test --soak"))
    struct CostTests {
        private static func tree(_ count: Int) -> (String) throws -> Void {
            { workspace in
                for folder in 0..<count / 100 {
                    let path = workspace + "/src/d\(folder)"
                    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                    for file in 0..<100 {
                        let text = String(repeating: "line \(folder) \(file)\n", count: 20)
                        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/f\(file)"))
                    }
                }
                try FileManager.default.createDirectory(atPath: workspace + "/build", withIntermediateDirectories: true)
            }
        }

        /// Medians in milliseconds, the two taken in turns.
        private static func medians(
            _ count: Int, _ one: () async throws -> Void, _ other: () async throws -> Void
        ) async throws -> (Double, Double) {
            var times: [[Double]] = [[], []]
            func take(_ index: Int, _ body: () async throws -> Void) async throws {
                let began = ContinuousClock.now
                try await body()
                times[index].append((ContinuousClock.now - began) / .milliseconds(1))
            }
            for _ in 0..<count {
                try await take(0, one)
                try await take(1, other)
            }
            return (times[0].sorted()[count / 2], times[1].sorted()[count / 2])
        }

        private static let commands = [
            ("find", "find . -type f | wc -l"),
            ("grep", "grep -r nothing src | wc -l"),
            ("build", "for i in 1 2 3 4 5; do cat src/d$i/* > out$i; done; sort out* > sorted; rm -r src/d9"),
        ]

        @Test("a preview, on 10,000 files", arguments: commands)
        func preview(name: String, script: String) async throws {
            try await Bench.with(Bench(prepare: Self.tree(10_000))) { bench in
                // Where it may not write, the script writes to its own folder instead.
                let plain =
                    "cp() { command cp \"$@\"; }; "
                    + script.replacingOccurrences(of: "> out", with: "> /tmp/out")
                    .replacingOccurrences(of: "sort out* > sorted; rm -r src/d9", with: "sort /tmp/out* > /tmp/sorted")
                let (direct, preview) = try await Self.medians(20) {
                    _ = try await bench.run(plain, CallEffects(.run), writing: [])
                } _: {
                    _ = try await bench.preview(script)
                }
                print("cost of a preview, \(name), 10,000 files: \(direct) ms direct, \(preview) ms in a layer")
                #expect(preview <= direct * 1.5 + 10)
            }
        }

        @Test("a direct command that writes ten files, on 50,000 files")
        func commit() async throws {
            try await Bench.with(Bench(prepare: Self.tree(50_000))) { bench in
                let (direct, commit) = try await Self.medians(20) {
                    _ = try await bench.run(
                        "for i in {1..10}; do date > /tmp/f$i; done", CallEffects(.run), writing: [])
                } _: {
                    _ = try await bench.commit("for i in {1..10}; do date > build/f$i; done", writing: ["build"])
                }
                print("cost of a commit, 50,000 files: \(direct) ms without, \(commit) ms with a layer")
                #expect(commit <= max(direct * 1.1, direct + 30))
            }
        }
    }
}
