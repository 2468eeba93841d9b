import Foundation
import Glibc
import Testing
import ToolKit

@testable import Machine

extension CommandsInLayers {
    @Suite("A script that does too much")
    struct BadInputTests {
        private static func limits(_ change: (inout LayerLimits) -> Void) -> LayerLimits {
            var limits = LayerLimits()
            change(&limits)
            return limits
        }

        /// The failure of a preview, and that nothing is left of it.
        private func refused(
            _ script: String, _ bench: Bench, says word: String, hasOutput: Bool = true
        ) async throws {
            try await Bench.with(bench) { bench in
                let before = try bench.snapshot()
                let began = ContinuousClock.now
                let told = try await PreviewTests.failure { try await bench.preview("echo said; " + script) }
                #expect(told.code == "limit_exceeded" && told.message.contains(word), "\(told.message)")
                if hasOutput { #expect(told.result?["stdout"] == "said\n") }
                #expect(.now - began < .seconds(30))
                #expect(try bench.snapshot() == before)
                #expect(try await bench.leftLayers() == [])
                // The control: the next one is as good as ever.
                let next = try await bench.preview("echo x > next")
                #expect(next.effect.words == ["added next"])
            }
        }

        @Test("with a million files is ended by a limit that names itself")
        func manyFiles() async throws {
            let bench = try Bench(limits: Self.limits { $0.entries = 2_000 })
            try await refused(
                "i=0; while :; do i=$((i+1)); : > f$i; done", bench, says: "2000 files and folders")
        }

        @Test("with more files than may be, in an instant, is found out when its layer is read")
        func quickFiles() async throws {
            let bench = try Bench(limits: Self.limits { $0.entries = 50 })
            try await refused("for i in {1..60}; do : > f$i; done", bench, says: "50 files and folders")
        }

        @Test("that deletes more than may be is told so")
        func manyDeletions() async throws {
            let files = Dictionary(uniqueKeysWithValues: (0..<60).map { ("d/f\($0)", "x") })
            let bench = try Bench(limits: Self.limits { $0.entries = 50 }, files: files)
            try await refused("rm -rf d", bench, says: "50 files and folders")
        }

        @Test("that writes more bytes than may be is ended by a limit that names itself")
        func manyBytes() async throws {
            let bench = try Bench(limits: Self.limits { $0.bytes = 64 << 20 })
            try await refused(
                "i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > f$i; done", bench, says: "64 MiB")
        }

        @Test("with a huge file of nothing but a hole: its size counts")
        func sparse() async throws {
            let bench = try Bench(limits: Self.limits { $0.bytes = 64 << 20 })
            try await refused("truncate -s 65M hole", bench, says: "64 MiB")
        }

        @Test("that fills the disk is ended while there is some left")
        func fullDisk() async throws {
            // As much as there is now may be used but 64 MiB, by the account of these limits.
            let bench = try Bench()
            let folder = open(bench.layers, O_RDONLY | O_DIRECTORY)
            var facts = statvfs()
            fstatvfs(folder, &facts)
            close(folder)
            await bench.close()
            let free = Int(facts.f_bavail) * Int(facts.f_frsize)
            let small = try Bench(limits: Self.limits { $0.spareDisk = free - (256 << 20) })
            try await Bench.with(small) { bench in
                let told = try await PreviewTests.failure {
                    try await bench.preview("i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > f$i; done")
                }
                #expect(told.code == "limit_exceeded" && told.message.contains("disk"), "\(told.message)")
                #expect(try await bench.leftLayers() == [])
            }
            let none = try Bench(limits: Self.limits { $0.spareDisk = free * 2 })
            try await Bench.with(none) { bench in
                let told = try await PreviewTests.failure { try await bench.preview("true") }
                #expect(told.message.contains("disk"))
            }
        }

        @Test("with folders in folders without end comes to an end")
        func deep() async throws {
            try await Bench.with(Bench()) { bench in
                let done = try await bench.preview(
                    "for i in {1..400}; do mkdir d && cd d; done; echo x > file; cd /; true")
                #expect(done.account.omissions.contains { $0.contains("too deep") })
                #expect(try await bench.leftLayers() == [])
            }
        }

        @Test("where the workspace is more than can be copied is told so")
        func largeCopy() async throws {
            let files = Dictionary(uniqueKeysWithValues: (0..<60).map { ("d/f\($0)", "x") })
            let bench = try Bench(limits: Self.limits { $0.copiedEntries = 50 }, copies: true, files: files)
            try await Bench.with(bench) { bench in
                let told = try await PreviewTests.failure { try await bench.preview("true") }
                #expect(told.code == "layer_unavailable" && told.message.contains("50 files"), "\(told.message)")
            }
        }

        @Test("whose workspace vanishes meanwhile is told so, and what it wrote is nowhere")
        func vanished() async throws {
            try await Bench.with(Bench(files: ["build/x": "x\n"])) { bench in
                let task = Task {
                    try await bench.commit("echo x > build/new; sleep 0.6", writing: ["build"])
                }
                try await Task.sleep(for: .milliseconds(250))
                rename(bench.workspace, bench.workspace + ".away")
                await #expect(throws: (any Error).self) { try await task.value }
                #expect(!FileManager.default.fileExists(atPath: bench.workspace))
                #expect(!FileManager.default.fileExists(atPath: bench.workspace + ".away/build/new"))
            }
        }

        @Test("in a workspace that nobody may write to can be previewed", .enabled(if: geteuid() != 0))
        func readOnly() async throws {
            try await Bench.with(Bench(files: ["d/x": "x\n"]) { chmod($0 + "/d", 0o555) }) { bench in
                let done = try await bench.preview("echo y > d/x; echo z > d/new; echo w > top")
                #expect(done.effect.words == ["modified d/x", "added top"])
                chmod(bench.workspace + "/d", 0o755)
            }
        }
    }
}
