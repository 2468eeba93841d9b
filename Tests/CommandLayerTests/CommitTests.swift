import Foundation
import Glibc
import Synchronization
import Testing
import ToolKit

@testable import Machine

extension CommandsInLayers {
    @Suite("A command that may write some folders")
    struct CommitTests {
        private static let files = ["build/old": "old\n", "build/gone": "x\n", "src/main": "x\n", "cache/x": "x\n"]

        @Test("changes them when it has ended, and nothing else", arguments: [false, true])
        func commits(inCopy: Bool) async throws {
            try await Bench.with(Bench(copies: inCopy, files: Self.files)) { bench in
                let done = try await bench.commit(
                    """
                    echo new > build/new; echo more >> build/old; rm build/gone; mkdir build/d; ln -s x build/d/l
                    echo x > cache/y; echo x > src/no; echo x > no
                    """, writing: ["build", "cache", "build/d"])
                let words = [
                    "symlink build/d/l", "deleted build/gone", "added build/new", "modified build/old", "added cache/y",
                ]
                #expect(done.effect.files.map { "\($0.change.rawValue) \($0.path.shown)" } == words)
                #expect(done.account.method == (inCopy ? .copy : .overlay))
                #expect(try bench.read("build/old") == "old\nmore\n")
                #expect(try bench.read("build/new") == "new\n")
                #expect(!bench.exists("build/gone") && !bench.exists("no") && !bench.exists("src/no"))
                #expect(done.result.stderr.text.contains("Read-only file system"))
                #expect(try await bench.leftLayers() == [])
            }
        }

        @Test("cleans up what is too much to be kept, and says that it cannot be undone", arguments: [3, 4])
        func tooMuchToKeep(room: Int) async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                bench.applying.room.withLock { $0 = room }
                let done = try await bench.commit("rm build/old", writing: ["build"])
                #expect(!bench.exists("build/old"))
                #expect((done.account.undoProblem == nil) == (room == 4))
            }
        }

        @Test("changes nothing while it runs")
        func atTheEnd() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                async let done = bench.commit(
                    "echo new > build/new; while [ ! -e src/go ]; do sleep 0.01; done", writing: ["build"])
                try await Task.sleep(for: .milliseconds(300))
                #expect(!bench.exists("build/new"))
                try bench.put("", to: "src/go")
                _ = try await done
                #expect(bench.exists("build/new"))
            }
        }

        @Test("changes them as well when it fails or runs out of time, and not when it is cancelled")
        func otherEnds() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let failed = try await bench.commit("echo x > build/failed; exit 7", writing: ["build"])
                #expect(failed.result.returnCode == 7 && bench.exists("build/failed"))
                let effects = CallEffects(.run)
                let late = try await PreviewTests.failure(of: {
                    try await bench.run(
                        "echo x > build/late; sleep 60", effects, writing: ["build"], .milliseconds(300))
                })
                #expect(late.code == "timeout" && bench.exists("build/late"))
                #expect(late.remedy.hasSuffix("so watchers and servers cannot do their work here"))
                #expect(effects.current.effect.words == ["added build/late"])
                let task = Task {
                    try await bench.commit("echo x > build/cancelled; echo; sleep 60", writing: ["build"])
                }
                try await Task.sleep(for: .milliseconds(300))
                task.cancel()
                await #expect(throws: CallInterrupted.self) { try await task.value }
                #expect(!bench.exists("build/cancelled"))
            }
        }

        /// What is done in the moment in which `build/old` is read from the layer, after `build/first` was.
        private final class Moment: Sendable {
            let action = Mutex<(@Sendable () -> Void)?>(nil)

            var rules: Bench.Rules {
                Bench.Rules(judging: { [self] path in
                    guard path.description == "build/old" else { return }
                    let action = action.withLock { $0 }
                    action?()
                })
            }

            func set(_ bench: Bench, _ body: @escaping @Sendable () -> Void) {
                let contents = bench.contents
                let first = FileHash.of(Array("first\n".utf8))
                action.withLock { $0 = { if contents.holds(first) { body() } } }
            }
        }

        @Test("does not take an edit for what it found that is made while its layer is read")
        func editWhileRead() async throws {
            let moment = Moment()
            try await Bench.with(Bench(rules: moment.rules, files: Self.files)) { bench in
                let path = bench.workspace + "/build/old"
                moment.set(bench) { try? Data("edited\n".utf8).write(to: URL(fileURLWithPath: path)) }
                let failure = try await PreviewTests.failure(of: {
                    try await bench.commit("echo first > build/first; echo more >> build/old", writing: ["build"])
                })
                #expect(failure.code == "conflict")
                #expect(try bench.read("build/old") == "edited\n" && !bench.exists("build/first"))
            }
        }

        @Test("puts nothing in place when it is stopped while its layer is read")
        func stoppedWhileRead() async throws {
            let moment = Moment()
            try await Bench.with(Bench(rules: moment.rules, files: Self.files)) { bench in
                moment.set(bench) { withUnsafeCurrentTask { $0?.cancel() } }
                let task = Task {
                    try await bench.commit("echo first > build/first; echo more >> build/old", writing: ["build"])
                }
                await #expect(throws: CallInterrupted.self) { try await task.value }
                let old = try bench.read("build/old")
                #expect(!bench.exists("build/first") && old == "old\n")
            }
        }

        @Test(
            "writes no name that is no UTF-8 where policy keeps the folder from being written",
            arguments: [false, true])
        func oddNames(inCopy: Bool) async throws {
            var rules = Bench.Rules()
            rules.unwritable = ["locked"]
            let files = ["locked/a": "a\n", "open/a": "a\n"]
            try await Bench.with(Bench(copies: inCopy, rules: rules, below: "/var/tmp", files: files)) { bench in
                let done = try await bench.commit(
                    #"echo x > locked/$'\xff'; echo x > open/$'\xff'"#, writing: ["."])
                #expect(done.effect.files.map(\.path.hexIfOdd) == [Hex.encode(Array("open/".utf8) + [0xFF])])
            }
        }

        @Test("that meets somebody else's change changes nothing, names the files and keeps its output")
        func conflict() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let told = try await PreviewTests.failure {
                    try await bench.commit(
                        "echo mine > build/old; echo x > build/new; echo said; while [ ! -e src/go ]; do sleep 0.01; done",
                        writing: ["build"])
                } meanwhile: {
                    try await Task.sleep(for: .milliseconds(300))
                    try bench.put("theirs\n", to: "build/old")
                    try bench.put("", to: "src/go")
                }
                #expect(told.code == "conflict")
                #expect(told.result?["conflicts"] == ["build/old"])
                #expect(told.result?["stdout"] == "said\n")
                #expect(try bench.read("build/old") == "theirs\n")
                #expect(!bench.exists("build/new"))
            }
        }

        @Test("R5: leaves repositories, FIFOs and what policy protects as they were, and tells of new ones")
        func guarded() async throws {
            var rules = Bench.Rules()
            rules.unwritable = ["locked"]
            let files = ["build/dep/.git/config": "good\n", "build/locked/x": "good\n"]
            try await Bench.with(Bench(rules: rules, below: "/var/tmp", files: files)) { bench in
                let done = try await bench.commit(
                    """
                    echo evil >> build/dep/.git/config; echo evil >> build/locked/x; rm -rf build/dep build/locked
                    mkdir -p build/a/.git build/b/locked build/bare/refs build/bare/objects
                    echo x > build/a/.git/config; echo x > build/b/locked/y; echo x > build/bare/HEAD
                    mkfifo build/pipe; echo x > build/a/kept
                    """, writing: ["build"])
                #expect(try bench.read("build/dep/.git/config") == "good\n")
                #expect(try bench.read("build/locked/x") == "good\n")
                #expect(
                    !bench.exists("build/a/.git") && !bench.exists("build/bare/HEAD") && !bench.exists("build/pipe"))
                #expect(!bench.exists("build/b/locked"))
                #expect(bench.exists("build/a/kept") && bench.exists("build/bare/refs"))
                #expect(done.result.intrusions.removed == ["build/a/.git", "build/bare"])
                #expect(done.result.intrusions.denied == ["build/b/locked"])
                #expect(done.result.intrusions.specials == ["build/pipe"])
            }
        }

        @Test("that is missing is made for it, and is part of the effect only when something stays in it")
        func missing() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let done = try await bench.commit("echo x > out/a/x", writing: ["out/a", "empty/b"])
                #expect(done.effect.words == ["added out/a/x", "folder made out", "folder made out/a"])
                #expect(bench.exists("out/a/x") && !bench.exists("empty"))
                #expect(done.effect.inverse.words == ["deleted out/a/x", "folder removed out", "folder removed out/a"])
            }
        }

        @Test(
            "leaves nothing in the folder of layers when the daemon is killed and starts again, whatever it shut there")
        func leftovers() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let left = bench.layers + "/l0/u0/deep/1/2"
                try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
                try Data("x".utf8).write(to: URL(fileURLWithPath: left + "/file"))
                symlink("/etc", left + "/link")
                for folder in [left, bench.layers + "/l0/u0/deep", bench.layers + "/l0/u0"] { chmod(folder, 0) }
                _ = LayerGround(folder: bench.layers, contents: bench.contents, applying: bench.applying)
                #expect(try await bench.leftLayers() == [])
            }
        }

        @Test("may be the whole workspace")
        func everything() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let done = try await bench.commit("echo x > top; mkdir .git; rm -r cache", writing: ["."])
                #expect(done.effect.words == ["deleted cache/x", "added top", "folder removed cache"])
                #expect(bench.exists("top") && !bench.exists("cache") && !bench.exists(".git"))
                #expect(done.result.intrusions.removed == [".git"])
            }
        }

        @Test("many at once that write one folder, or a folder in it, take turns, and none is lost")
        func manyAtOnce() async throws {
            try await Bench.with(Bench(files: ["build/count": "0", "build/in/x": ""])) { bench in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            let place = number % 2 == 0 ? "build" : "build/in"
                            _ = try await bench.commit(
                                """
                                n=$(ls build/in | wc -l); sleep 0.05; touch build/in/$n-\(number)
                                [ \(number % 2) = 1 ] || echo $n >> build/count
                                """, writing: [place])
                        }
                    }
                    try await group.waitForAll()
                }
                // Each saw what all before it had left.
                let names = try FileManager.default.contentsOfDirectory(atPath: bench.workspace + "/build/in")
                let counts = names.compactMap { Int($0.prefix { $0 != "-" }) }.sorted()
                #expect(counts == Array(1...8), "\(names)")
                #expect(try bench.read("build/count").split(separator: "\n").count == 4)
            }
        }

        @Test("beside one that writes another folder waits for nobody")
        func apart() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                async let first = bench.commit("while [ ! -e cache/go ]; do sleep 0.01; done", writing: ["build"])
                _ = try await bench.commit("touch cache/go", writing: ["cache"])
                #expect(try await first.result.returnCode == 0)
            }
        }

        @Test("is not started when it is cancelled while it waits for its turn, and the next one is")
        func cancelledInLine() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let first = Task {
                    try await bench.commit("while [ ! -e src/go ]; do sleep 0.01; done", writing: ["build"])
                }
                while try FileManager.default.contentsOfDirectory(atPath: bench.layers).isEmpty { await Task.yield() }
                let second = Task { try await bench.commit("touch build/second", writing: ["build"]) }
                let third = Task { try await bench.commit("touch build/third", writing: ["build"]) }
                second.cancel()
                await #expect(throws: CancellationError.self) { try await second.value }
                try bench.put("", to: "src/go")
                _ = try await (first.value, third.value)
                #expect(bench.exists("build/third") && !bench.exists("build/second"))
            }
        }
    }
}
