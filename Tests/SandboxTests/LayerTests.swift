import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A call in a copy-on-write layer")
    struct LayerTests {
        /// A workspace with some files, and a folder for layers beside it.
        private final class Ground {
            let cage: Cage
            let workspace: String
            let layers: String
            private var count = 0

            /// - Parameters:
            ///   - name: Of the workspace's folder.
            ///   - owner: Of the workspace; `nil`: whoever runs the tests.
            init(named name: String = "workspace", owner: UInt32? = nil) throws {
                cage = try Cage()
                workspace = cage.workspace + "/" + name
                layers = cage.workspace + "/layers"
                for folder in [workspace + "/deep/er", workspace + "/.git", workspace + "/home", layers] {
                    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                }
                for (file, text) in [
                    ("plain", "plain\n"), ("deep/er/file", "file\n"), (".git/config", "good\n"), (".env", "secret\n"),
                    ("home/token", "secret\n"), ("safe", "safe\n"),
                ] {
                    try Data(text.utf8).write(to: URL(fileURLWithPath: workspace + "/" + file))
                }
                chmod(layers, 0o700)
                guard let owner else { return }
                let all = FileManager.default.subpaths(atPath: workspace) ?? []
                for path in [workspace] + all.map({ workspace + "/" + $0 }) { lchown(path, owner, owner) }
                chmod(cage.workspace, 0o755)
            }

            var profile: Profile {
                var profile = Profile(
                    workspace: .readOnly(workspace), runAs: Cage.host.runAs(workspace: workspace))
                profile.layers = layers
                profile.masks = [.folder(workspace + "/home"), .file(workspace + "/.env")]
                return profile
            }

            /// A layer over a folder, and where it is on the host.
            func layer(over folder: String) throws -> (overlay: ConfinedCall.Overlay, upper: String) {
                count += 1
                let (upper, work) = ("l\(count)/upper", "l\(count)/work")
                for name in [upper, work] {
                    try FileManager.default.createDirectory(
                        atPath: layers + "/" + name, withIntermediateDirectories: true)
                }
                var facts = stat()
                stat(folder, &facts)
                if geteuid() == 0 {
                    let owner = facts.st_uid == 0 ? RunAs.unprivileged : facts.st_uid
                    chown(layers + "/" + upper, owner, owner)
                }
                chmod(layers + "/" + upper, facts.st_mode & 0o777)
                return (.init(over: folder, upper: upper, work: work), layers + "/" + upper)
            }

            func run(
                _ script: String, over folder: String? = nil, in profile: Profile? = nil,
                protecting paths: [String] = []
            ) async throws -> (end: CallEnd, upper: String) {
                let (overlay, upper) = try layer(over: folder ?? workspace)
                var call = ConfinedCall("/bin/sh", ["-c", script], folder: workspace)
                call.overlays = [overlay]
                call.protectedPaths = (["home", ".env"] + paths).map { workspace + "/" + $0 }
                if folder != nil { call.protectedPaths = [] }
                return (try await cage.pool.run(call, in: profile ?? self.profile), upper)
            }

            func read(_ path: String) throws -> String {
                try String(contentsOfFile: workspace + "/" + path, encoding: .utf8)
            }
        }

        private static let busy = """
            set -e
            echo more >> plain; rm -r deep; mkdir deep; echo new > deep/new; mv safe moved; chmod 600 moved
            ln -s plain link; ln moved hard
            """

        private func looksRight(_ ground: Ground) async throws {
            let (end, upper) = try await ground.run(Self.busy + "; cat plain; ls deep; stat -c %h moved")
            #expect(end.isSuccess, "\(end.stderr.text) \(end.ending)")
            #expect(end.stdout.text == "plain\nmore\nnew\n2\n")
            #expect(try ground.read("plain") == "plain\n")
            #expect(try ground.read("deep/er/file") == "file\n")
            #expect(try ground.read("safe") == "safe\n")
            // The control: the changes are in the layer.
            #expect(try String(contentsOfFile: upper + "/plain", encoding: .utf8) == "plain\nmore\n")
            #expect(FileManager.default.fileExists(atPath: upper + "/moved"))
            await ground.cage.close()
        }

        @Test("sees its changes, and the folder stays as it is")
        func changes() async throws { try await looksRight(Ground()) }

        @Test("the same in a workspace of another user's", .enabled(if: geteuid() == 0))
        func otherOwner() async throws { try await looksRight(Ground(owner: 12_345)) }

        @Test("the same in a folder whose name means something to the kernel's mount options")
        func oddNames() async throws {
            try await looksRight(Ground(named: #"a, b:c\d,upperdir=x  é"#))
        }

        @Test("R33: what is masked stays masked, what is protected stays read-only, in place of what the folder holds")
        func protectedPlaces() async throws {
            let ground = try Ground()
            let script = """
                cat .env; ls -A home; cat .git/config
                for f in .env home/x .git/config .git/new; do echo evil > $f; done 2>/dev/null
                rm -rf .env home .git 2>/dev/null; mv .git away 2>/dev/null; mv home away 2>/dev/null
                cat .git/config; echo free > plain
                """
            let (end, upper) = try await ground.run(script, protecting: [".git"])
            #expect(end.stdout.text == "good\ngood\n", "\(end.stderr.text)")
            for name in [".env", "home", ".git", "away"] {
                #expect(!FileManager.default.fileExists(atPath: upper + "/" + name), "\(name)")
            }
            // The controls: other files can be written, and without a word the secret would be there.
            #expect(FileManager.default.fileExists(atPath: upper + "/plain"))
            let (overlay, _) = try ground.layer(over: ground.workspace)
            var bare = ConfinedCall("/bin/cat", [".env"], folder: ground.workspace)
            bare.overlays = [overlay]
            #expect(try await ground.cage.pool.run(bare, in: ground.profile).stdout.text == "secret\n")
            await ground.cage.close()
        }

        @Test("sees neither its own layer nor that of another call, with an overlay or without one")
        func hiddenLayers() async throws {
            let ground = try Ground()
            let search =
                "find / -name 'upper' -o -name 'l1' 2>/dev/null; ls -A /.execlayer 2>&1; grep -c ' /.execlayer/layers ' /proc/self/mountinfo"
            let (layered, _) = try await ground.run(search)
            let plain = try await ground.cage.pool.run(
                ConfinedCall("/bin/sh", ["-c", search], folder: ground.workspace), in: ground.profile)
            for end in [layered, plain] {
                #expect(!end.stdout.text.contains("upper") && !end.stdout.text.contains("l1"), "\(end.stdout.text)")
            }
            for end in [layered, plain] { #expect(end.stdout.text.hasSuffix("\n0\n"), "\(end.stdout.text)") }
            #expect(ground.cage.pool.supervisors == 1)
            await ground.cage.close()
        }

        @Test("writes to the folders it has a layer over and nowhere else")
        func oneFolder() async throws {
            let ground = try Ground()
            let (end, upper) = try await ground.run(
                "echo x > deep/new; echo x > deep/er/file; echo x > plain; echo x > .git/config; ls deep",
                over: ground.workspace + "/deep")
            #expect(end.stdout.text == "er\nnew\n", "\(end.stderr.text)")
            #expect(FileManager.default.fileExists(atPath: upper + "/er/file"))
            #expect(try ground.read("plain") == "plain\n")
            #expect(!FileManager.default.fileExists(atPath: ground.workspace + "/deep/new"))
            await ground.cage.close()
        }

        @Test("is not started when one of its protected paths is gone, or leads through a link")
        func missingPlace() async throws {
            let ground = try Ground()
            for path in ["nowhere", "link/config"] {
                symlink(".git", ground.workspace + "/link")
                let (end, _) = try await ground.run("true", protecting: [path])
                guard case .notStarted(.walls(step: "protect", _)) = end.ending else {
                    Issue.record("\(end.ending)")
                    continue
                }
            }
            await ground.cage.close()
        }

        @Test("many calls at once, each in a layer of its own, do not see each other")
        func sideBySide() async throws {
            let ground = try Ground()
            let layers = try (0..<16).map { _ in try ground.layer(over: ground.workspace).overlay }
            let (pool, profile, workspace) = (ground.cage.pool, ground.profile, ground.workspace)
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for (number, layer) in layers.enumerated() {
                    group.addTask {
                        var call = ConfinedCall(
                            "/bin/sh", ["-c", "echo \(number) > own; sleep 0.05; ls; cat own"], folder: workspace)
                        call.overlays = [layer]
                        return try await pool.run(call, in: profile).stdout.text
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(texts) == Set((0..<16).map { "deep\nhome\nown\nplain\nsafe\n\($0)\n" }))
            await ground.cage.close()
        }
    }
}
