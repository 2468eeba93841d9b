import Foundation
import Testing
import ToolKit

/// Real interpreters in folders that stand for a home, found by `init`, started by the real daemon.
@Suite(
    "An agent that runs a project's tests", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct ProjectTests {
    private func withProject(
        _ playground: Playground, searchPath: String? = nil, _ body: (Daemon) async throws -> Void
    ) async throws {
        let environment = searchPath.map { ["PATH": $0] } ?? [:]
        let set = try await execlayer("init", "--write", in: playground, environment: environment)
        try #require(set.status == 0, "\(set.errors)")
        let daemon = try await Daemon(in: playground)
        try await body(daemon)
        await daemon.stop()
    }

    // MARK: Python

    private static let python = "/usr/bin/python3"

    /// A virtual environment with a package named pytest, made from a Python in a version manager's folder. The package is
    /// a stand-in that runs unittest: what is tested is how it is found and what it may do.
    private func pythonProject() async throws -> Playground {
        let playground = try Playground(below: "/var/tmp")
        let version = try await Program.run(
            Self.python, ["-c", "import sys; print('%d.%d' % sys.version_info[:2], end='')"]
        ).output
        let home = ".pyenv/versions/\(version).0/bin"
        try await playground.copy(program: Self.python, to: "\(home)/python\(version)")
        try playground.write("", to: ".pyenv/versions/\(version).0/lib/python\(version)/LICENSE.txt")
        let packages = "workspace/.venv/lib/python\(version)/site-packages"
        try playground.write("home = \(playground.folder)/\(home)\n", to: "workspace/.venv/pyvenv.cfg")
        try playground.link("workspace/.venv/bin/python", to: "\(playground.folder)/\(home)/python\(version)")
        try playground.write("", to: packages + "/pytest/__init__.py")
        try playground.write(
            "import unittest\nunittest.main(module=None, argv=['pytest', 'discover'])\n",
            to: packages + "/pytest/__main__.py")
        try playground.write("a certificate\n", to: packages + "/certificates.pem")
        try playground.write("[project]\nname = 'app'\n", to: "workspace/pyproject.toml")
        return playground
    }

    /// A test file with one test of these lines.
    private func test(_ lines: String...) -> String {
        "import os, pathlib, subprocess, sys, tempfile, unittest\n\nclass Tests(unittest.TestCase):\n    def test_it(self):\n"
            + lines.map { "        \($0)\n" }.joined()
    }

    @Test("uses the virtual environment and the Python of the version manager behind it")
    func virtualEnvironment() async throws {
        let playground = try await pythonProject()
        try playground.write(
            test(
                "self.assertEqual(sys.prefix, '\(playground.workspace)/.venv')",
                "self.assertTrue(os.path.realpath(sys.executable).startswith('\(playground.folder)/.pyenv/'))",
                "out = subprocess.check_output([sys.executable, '-c', 'print(1)'])",
                "self.assertEqual(out, b'1\\n')",
                "with tempfile.TemporaryFile() as file: file.write(b'x')"), to: "workspace/test_it.py")
        try await withProject(playground) { daemon in
            let reply = try await daemon.run("run_tests", ["runner": "python -m pytest"])
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            #expect(reply.json["result"]?["stderr"]?.stringValue?.contains("Ran 1 test") == true)
        }
    }

    @Test("gets a test that fails as data, with the runner's own code and output")
    func failing() async throws {
        let playground = try await pythonProject()
        try playground.write(test("self.assertEqual(1, 2)"), to: "workspace/test_it.py")
        try await withProject(playground) { daemon in
            let reply = try await daemon.run("run_tests", ["runner": "python -m pytest"])
            #expect(reply.json["status"] == "ok")
            #expect(reply.json["result"]?["returncode"] == 1)
            #expect(reply.json["result"]?["stderr"]?.stringValue?.contains("1 != 2") == true)
        }
    }

    @Test("R11: tests write their caches, and neither the sources nor the virtual environment")
    func writing() async throws {
        let playground = try await pythonProject()
        try playground.write(
            test(
                "pathlib.Path('.pytest_cache/kept').write_text('x')",
                "for place in ['test_it.py', '.venv/bin/python', '.venv/new', 'new']:",
                "    with self.assertRaises(OSError): pathlib.Path(place).write_text('x')"),
            to: "workspace/test_it.py")
        try await withProject(playground) { daemon in
            let reply = try await daemon.run("run_tests", ["runner": "python -m pytest"])
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            #expect(try playground.read("workspace/.pytest_cache/kept") == "x")
            #expect(!playground.exists("workspace/__pycache__"))
            #expect(!playground.exists("workspace/.hypothesis"))
        }
    }

    @Test("tests see the packages' certificates, and no secret of the project")
    func certificates() async throws {
        let playground = try await pythonProject()
        try playground.write("PASSWORD=rosebud\n", to: "workspace/.env")
        try playground.write(
            test(
                "found = list(pathlib.Path('.venv').rglob('certificates.pem'))",
                "self.assertEqual(found[0].read_text(), 'a certificate\\n')",
                "with self.assertRaises(OSError): pathlib.Path('.env').read_text()"),
            to: "workspace/test_it.py")
        try await withProject(playground) { daemon in
            let reply = try await daemon.run("run_tests", ["runner": "python -m pytest"])
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
        }
    }

    // MARK: Node

    private static var hasNode: Bool {
        ["/usr/bin/node", "/usr/bin/npm"].allSatisfy(FileManager.default.isExecutableFile)
    }

    @Test("runs npm with the Node of a home folder", .enabled(if: hasNode, "needs node and npm in /usr/bin"))
    func node() async throws {
        let playground = try Playground(below: "/var/tmp")
        let home = ".nvm/versions/node/v99.1.0/bin"
        try await playground.copy(program: "/usr/bin/node", to: "\(home)/node")
        try playground.link("\(home)/npm", to: "/usr/bin/npm")
        try playground.write(#"{"name":"app","scripts":{"test":"node --test"}}"#, to: "workspace/package.json")
        try playground.write(
            """
            const test = require('node:test'), assert = require('node:assert')
            const {execFileSync} = require('node:child_process')
            test('is the home\\'s', () => assert.equal(process.execPath, '\(playground.folder)/\(home)/node'))
            test('starts others', () => assert.equal(execFileSync('node', ['-p', '1']).toString(), '1\\n'))

            """, to: "workspace/app.test.js")
        try await withProject(playground) { daemon in
            let reply = try await daemon.run("run_tests", ["runner": "npm test"])
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            #expect(reply.json["result"]?["stdout"]?.stringValue?.contains("pass 2") == true)
            let left = try FileManager.default.contentsOfDirectory(atPath: playground.workspace).sorted()
            #expect(left == ["app.test.js", "package.json"])
        }
    }

    // MARK: Swift

    /// As the shell that runs these tests finds it.
    private static var swift: String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/swift" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    @Test("builds a Swift package and runs its tests", .enabled(if: swift != nil, "needs swift in PATH"))
    func swiftPackage() async throws {
        let playground = try Playground(below: "/var/tmp")
        let package = "workspace/app"
        try playground.write(
            """
            // swift-tools-version: 6.0
            import PackageDescription
            let package = Package(name: "App", targets: [.testTarget(name: "AppTests")])

            """, to: package + "/Package.swift")
        try playground.write(
            "import Testing\n@Test func adds() { #expect(1 + 2 == 3) }\n", to: package + "/Tests/AppTests/Adds.swift")
        let folder = (try #require(Self.swift) as NSString).deletingLastPathComponent
        try await withProject(playground, searchPath: folder + ":/usr/bin:/bin") { daemon in
            let tests: JSONValue = ["runner": "swift test", "cwd": "app"]
            let reply = try await daemon.run("run_tests", tests)
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            #expect(reply.json["result"]?["stdout"]?.stringValue?.contains("1 test in 0 suites passed") == true)
            #expect(playground.exists(package + "/.build"))
        }
    }
}

/// Walls that wait from call to call must show the workspace as it is now.
@Suite(
    "A workspace that changes between two commands", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct ChangingWorkspaceTests {
    private func withDaemon(_ body: (Playground, Daemon) async throws -> Void) async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground)
        try await body(playground, daemon)
        await daemon.stop()
    }

    private func output(_ command: JSONValue, _ daemon: Daemon) async throws -> String {
        try await daemon.run("shell_exec", ["command": command]).json["result"]?["stdout"]?.stringValue ?? ""
    }

    @Test("R5: a secret file that an editor replaces is hidden like the one before")
    func replacedSecret() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("PASSWORD=one\n", to: "workspace/.env")
            try playground.write("PASSWORD of a note\n", to: "workspace/notes.txt")
            let search: JSONValue = ["grep", "-r", "PASSWORD", "."]
            #expect(try await output(search, daemon) == "./notes.txt:PASSWORD of a note\n")
            for _ in 0..<3 {
                try playground.write("PASSWORD=two\n", to: "outside.env")
                try FileManager.default.removeItem(atPath: playground.workspace + "/.env")
                try FileManager.default.moveItem(
                    atPath: playground.folder + "/outside.env", toPath: playground.workspace + "/.env")
                #expect(try await output(search, daemon) == "./notes.txt:PASSWORD of a note\n")
            }
        }
    }

    @Test("a build folder that somebody deletes is there again for the next build")
    func deletedBuildFolder() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("test:\n\t@echo made > build/it && cat build/it\n", to: "workspace/Makefile")
            for _ in 0..<3 {
                #expect(try await output(["make", "test"], daemon) == "made\n")
                try FileManager.default.removeItem(atPath: playground.workspace + "/build")
            }
        }
    }

    @Test("folders that a command might have written to and did not are not left behind")
    func unusedFolders() async throws {
        try await withDaemon { playground, daemon in
            try playground.write("test:\n\t@echo made > build/it\n", to: "workspace/Makefile")
            try FileManager.default.createDirectory(
                atPath: playground.workspace + "/dist", withIntermediateDirectories: true)
            async let first = daemon.run("shell_exec", ["command": ["make", "test"]])
            async let second = daemon.run("shell_exec", ["command": ["make", "test"]])
            for reply in [try await first, try await second] { #expect(reply.json["result"]?["returncode"] == 0) }
            let left = try FileManager.default.contentsOfDirectory(atPath: playground.workspace).sorted()
            #expect(left == ["Makefile", "build", "dist"])
        }
    }

    @Test("a toolchain that is gone takes nothing but its own programs along")
    func missingToolchain() async throws {
        let playground = try Playground()
        try playground.write(
            """
            version: 1
            toolchains:
              - name: gone
                folder: /opt/execlayer-no-such-folder/x
                programs: [bin/node]

            """, to: "home/config/policy.yaml")
        try playground.write("one\n", to: "workspace/a.txt")
        let daemon = try await Daemon(in: playground)
        #expect(try await output(["cat", "a.txt"], daemon) == "one\n")
        let reply = try await daemon.run("shell_exec", ["command": ["node", "--version"]])
        #expect(reply.code == "policy_blocked" || reply.code == "unavailable", "\(reply.json)")
        await daemon.stop()
    }
}
