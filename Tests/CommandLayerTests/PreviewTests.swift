import Foundation
import Glibc
import Sandbox
import Testing
import ToolKit

@testable import Machine

extension CommandsInLayers {
    @Suite("A preview of a command")
    struct PreviewTests {
        private static let files = [
            "plain": "plain\n", "deep/er/file": "file\n", "deep/other": "other\n", "moved": "moved\n",
            "run.sh": "true\n",
        ]

        private static let script = """
            set -e
            echo more >> plain; rm -r deep; mkdir deep; echo new > deep/new; mv moved away; chmod 755 run.sh
            ln -s plain link; ln away hard; mkdir -p empty/inner; chmod 700 empty
            """

        private static let words = [
            "added away", "deleted deep/er/file", "added deep/new", "deleted deep/other", "added hard", "symlink link",
            "deleted moved", "modified plain", "mode run.sh", "folder removed deep/er", "folder made empty",
            "folder made empty/inner",
        ]

        private func tells(_ bench: Bench) async throws {
            try await Bench.with(bench) { bench in
                let before = try bench.snapshot()
                let done = try await bench.preview(Self.script + "; cat plain; echo no >&2; exit 3")
                #expect(done.result.returnCode == 3)
                #expect(done.result.stdout.text == "plain\nmore\n")
                #expect(done.result.stderr.text == "no\n")
                #expect(done.effect.words == Self.words)
                #expect(done.effect.renames.map { "\($0.value.shown) \($0.key.shown)" } == ["moved away"])
                #expect(try bench.snapshot() == before)
                for file in done.effect.files {
                    if let after = file.after { #expect(bench.contents.holds(after.sha256)) }
                }
                #expect(try await bench.leftLayers() == [])
            }
        }

        @Test("tells every change, and changes nothing")
        func tells() async throws { try await tells(Bench(files: Self.files)) }

        @Test("the same in a workspace of another user's", .enabled(if: geteuid() == 0))
        func otherOwner() async throws { try await tells(Bench(owner: .user, files: Self.files)) }

        @Test("the same in a folder whose name means something to the kernel's mount options")
        func oddName() async throws { try await tells(Bench(named: #"a, b:c\d,upperdir=x é"#, files: Self.files)) }

        @Test("the same where no layer can be made, in a copy")
        func copied() async throws {
            let bench = try Bench(copies: true, files: Self.files)
            let done = try await bench.preview("echo x > plain")
            #expect(done.account.method == .copy)
            try await tells(bench)
        }

        @Test("the same in a copy of another user's workspace", .enabled(if: geteuid() == 0))
        func copiedOfOther() async throws { try await tells(Bench(owner: .user, copies: true, files: Self.files)) }

        @Test("of what comes to nothing is empty")
        func nothing() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                let done = try await bench.preview(
                    "cp plain x && cat x > plain && rm x; chmod 600 run.sh; chmod 644 run.sh; touch deep; mv moved y; mv y moved"
                )
                #expect(done.effect.lines == [])
                #expect(done.account.method == .overlay)
            }
        }

        @Test(
            "of folders that are deleted and made again tells what is missing in them, however deep",
            arguments: [false, true])
        func madeAgain(inCopy: Bool) async throws {
            let files = ["a/b/c/old": "x\n", "a/b/old": "x\n", "a/old": "x\n", "a/b/same": "x\n"]
            try await Bench.with(Bench(copies: inCopy, files: files)) { bench in
                let done = try await bench.preview("rm -r a; mkdir -p a/b/c; echo y > a/b/c/new; echo x > a/b/same")
                #expect(
                    done.effect.words == ["added a/b/c/new", "deleted a/b/c/old", "deleted a/b/old", "deleted a/old"])
            }
        }

        @Test("uses the same waiting supervisor as other commands")
        func shared() async throws {
            try await Bench.with(Bench(files: Self.files)) { bench in
                _ = try await bench.run("cat plain", CallEffects(.run), writing: [])
                _ = try await bench.preview("echo x > plain")
                _ = try await bench.commit("echo x > deep/x", writing: ["deep"])
                #expect(bench.ground.pool.supervisors == 1)
            }
        }

        @Test(
            "R5: of a repository that is made, changed or deleted leaves it out and says so", arguments: [false, true])
        func repositories(inCopy: Bool) async throws {
            let files = [
                ".git/config": "good\n", "sub/.git/config": "good\n", "mirror/HEAD": "x", "mirror/refs/x": "",
                "mirror/objects/x": "",
            ]
            try await Bench.with(Bench(copies: inCopy, files: files)) { bench in
                let done = try await bench.preview(
                    """
                    cat .git/config sub/.git/config
                    for f in .git/config sub/.git/config; do echo evil >> $f; done 2> /dev/null; rm -rf .git sub 2> /dev/null
                    mkdir -p new/.git other/.GIT bare/refs bare/objects; echo x > new/.git/config; echo x > bare/HEAD
                    echo x > mirror/new; ln -s /etc deep.git; ln -s /etc new/git~1; echo x > free
                    """)
                #expect(done.result.stdout.text == "good\ngood\n")
                #expect(
                    done.effect.words == [
                        "symlink deep.git", "added free", "folder made bare", "folder made bare/objects",
                        "folder made bare/refs", "folder made new", "folder made other",
                    ])
                let told = done.account.omissions.joined(separator: "\n")
                for name in ["new/.git", "other/.GIT", "bare", "new/git~1"] + (inCopy ? [] : ["mirror"]) {
                    #expect(told.contains("\(name) is left out"), "\(name)")
                }
            }
        }

        @Test(
            "R26: of a script that meddles with hidden files neither shows nor changes them", arguments: [false, true])
        func hidden(inCopy: Bool) async throws {
            let files = [".env": "secret\n", "deep/.env": "secret\n", "deep/file": "x\n"]
            try await Bench.with(Bench(copies: inCopy, files: files)) { bench in
                let done = try await bench.preview(
                    """
                    cat .env; cp deep/.env copy; echo evil > .env; rm -f .env; mv .env away; rm -rf deep; ls -A deep
                    ln deep/.env hard; mv deep elsewhere
                    true
                    """)
                #expect(done.result.stdout.text.split(separator: "\n") == [".env"], "\(done.result.stdout.text)")
                let words = done.effect.words
                #expect(words.contains("deleted deep/file"))
                #expect(!words.contains { $0.hasSuffix(" .env") || $0.hasSuffix(" deep/.env") }, "\(words)")

                for file in done.effect.files { #expect(file.after?.size ?? 0 == 0, "\(file.path.shown)") }
            }
        }

        @Test("leaves FIFOs, sockets and devices out and says so", arguments: [false, true])
        func specials(inCopy: Bool) async throws {
            // Not below /tmp, where a call's own folders and the workspace look alike to the walls.
            try await Bench.with(Bench(copies: inCopy, below: "/var/tmp", files: ["file": "x\n"])) { bench in
                let done = try await bench.preview(
                    "mkfifo pipe; rm file; mkfifo file; echo x > kept; mknod null c 0 0; mknod zero c 1 5; true")
                #expect(done.effect.words == ["deleted file", "added kept"])
                if !inCopy { #expect(done.account.omissions.contains { $0.hasPrefix("pipe is left out") }) }
            }
        }

        @Test("of names that are no UTF-8, hold newlines or look like options is exact")
        func oddNames() async throws {
            try await Bench.with(Bench(files: ["file": "x\n"])) { bench in
                let done = try await bench.preview(
                    #"printf 1 > $'new\nline'; printf 2 > $'\xff\xfe'; printf 3 > -rf; mkdir $'d\x80'; printf 4 > $'d\x80/x'"#
                )
                let paths = Set(done.effect.files.map(\.path.bytes))
                #expect(
                    paths == [
                        Array("new\nline".utf8), [0xFF, 0xFE], Array("-rf".utf8), [0x64, 0x80, 0x2F, 0x78],
                    ])
            }
        }

        @Test("of a script that shuts its files tells them with their permissions")
        func shut() async throws {
            try await Bench.with(Bench(files: ["file": "x\n"])) { bench in
                let done = try await bench.preview(
                    "mkdir d; echo x > d/f; chmod 000 d/f d file; umask 000; echo y > open; chmod 4755 open; chmod 2777 . ; true"
                )
                let modes = Dictionary(uniqueKeysWithValues: done.effect.files.map { ($0.path.shown, $0.after?.mode) })
                #expect(modes == ["d/f": 0, "file": 0, "open": 0o666])
                #expect(done.effect.folders.map(\.after) == [0])
                #expect(try await bench.leftLayers() == [])
            }
        }

        @Test("meets a file that somebody else writes at the same time: there is none, and both files are named")
        func conflict() async throws {
            try await Bench.with(Bench(files: ["file": "old\n", "gone": "old\n", "other": "x\n"])) { bench in
                let told = try await Self.failure {
                    try await bench.preview(
                        "cp file /tmp/x; echo mine > file; rm gone; echo ready; sleep 0.8; echo end",
                        wallTime: .seconds(20))
                } meanwhile: {
                    // What happens beneath a layer is not seen in it, so the program cannot be told to go on.
                    try await Task.sleep(for: .milliseconds(300))
                    try bench.put("theirs\n", to: "file")
                    try bench.put("theirs\n", to: "gone")
                }
                #expect(told.code == "conflict")
                #expect(told.result?["conflicts"] == ["file", "gone"])
                #expect(told.result?["stdout"] == "ready\nend\n")
                #expect(try bench.read("file") == "theirs\n")
            }
        }

        static func failure(
            of body: @escaping @Sendable () async throws -> Bench.Done, meanwhile: () async throws -> Void = {}
        ) async throws -> ToolFailure {
            async let done = body()
            try await meanwhile()
            do {
                let done = try await done
                Issue.record("it did not fail: \(done.effect.words)")
                return ToolFailure("none", "", remedy: "")
            } catch let failure as ToolFailure {
                return failure
            }
        }
    }
}
