import Foundation
import Glibc
import Testing
import ToolKit

@testable import Machine

extension CommandsInLayers {
    /// Issue 6: 500 random scripts over a tree of 2,000 files; the effect list equals what a byte-for-byte comparison of
    /// two copies finds.
    @Suite("The effect of a random script", .timeLimit(.minutes(60)))
    struct RandomScriptTests {
        private func rounds(_ count: Int, copies: Bool) async throws {
            var seed = Seed(for: copies ? "random scripts in copies" : "random scripts in layers")
            let tree = RandomScript.tree(using: &seed)
            let bench = try Bench(copies: copies) { workspace in
                try Self.bash(tree.script, in: workspace, as: nil)
            }
            try await Bench.with(bench) { bench in
                let before = try bench.snapshot()
                #expect(before.files.count == 2_000)
                var changes = 0
                for round in 0..<count {
                    var scripts = RandomScript(folders: tree.folders, files: tree.files)
                    let script = scripts.script(lines: Int.random(in: 1...40, using: &seed), using: &seed)
                    let done = try await bench.preview(script)
                    let expected = try before.effect(to: self.after(script, of: bench))
                    changes += expected.files.count
                    guard done.effect != expected else { continue }
                    let (found, wanted) = (Set(done.effect.lines), Set(expected.lines))
                    Issue.record(
                        """
                        round \(round): missing \(wanted.subtracting(found).sorted().prefix(8)), too much \(found.subtracting(wanted).sorted().prefix(8))
                        \(done.account.omissions)
                        \(script)
                        """)
                    break
                }
                // The control: they did change something, and nothing of it is in the workspace.
                #expect(changes > count)
                #expect(try bench.snapshot() == before)
                #expect(try await bench.leftLayers() == [])
                print("\(count) random scripts, \(copies ? "in copies" : "in layers"): \(changes) changed files")
            }
        }

        @Test("is what a comparison of two copies finds")
        func layers() async throws { try await rounds(Rounds.count(500), copies: false) }

        @Test("is the same where the workspace is copied")
        func copies() async throws { try await rounds(Rounds.count(100), copies: true) }

        /// The tree after the script has run on a copy of it, without any sandbox, as the user who runs behind the walls.
        private func after(_ script: String, of bench: Bench) throws -> Snapshot {
            let copy = bench.base + "/copy"
            defer { try? FileManager.default.removeItem(atPath: copy) }
            try Self.bash("cp -a -- '\(bench.workspace)' '\(copy)'", in: bench.base, as: nil)
            if geteuid() == 0 {
                try Self.bash("chown -hR 65533:65533 '\(copy)'; chmod 755 '\(bench.base)'", in: bench.base, as: nil)
            }
            try Self.bash(script, in: copy, as: geteuid() == 0 ? 65_533 : nil)
            return try Snapshot(of: copy)
        }

        private static func bash(_ script: String, in folder: String, as user: UInt32?) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: user == nil ? "/usr/bin/bash" : "/usr/bin/setpriv")
            // A file: as an argument it could be too long.
            let file = NSTemporaryDirectory() + "/script-" + UUID().uuidString
            try Data(script.utf8).write(to: URL(fileURLWithPath: file))
            defer { unlink(file) }
            chmod(file, 0o644)
            let identity = user.map { ["--reuid", "\($0)", "--regid", "\($0)", "--clear-groups", "bash"] } ?? []
            process.arguments = identity + [file]
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            process.environment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/"]
            try process.run()
            process.waitUntilExit()
        }
    }
}
