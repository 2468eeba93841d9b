import Foundation
import Testing
import ToolKit

/// The real python3 and pip, under the default rules.
@Suite(
    "An agent that uses python and pip", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct PythonCommandTests {
    private static let hasPip = FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/pip")

    /// A workspace whose own modules leave a mark when they are loaded.
    private func playground() throws -> Playground {
        let playground = try Playground()
        for name in ["json", "pip", "encodings", "site", "sitecustomize"] {
            try playground.write("print('LOADED-\(name)')\n", to: "workspace/\(name).py")
        }
        try playground.write(#"{"a": 1}"#, to: "workspace/a.json")
        return playground
    }

    private func run(_ words: [String], _ daemon: Daemon) async throws -> Daemon.Reply {
        try await daemon.run("shell_exec", ["command": .array(words.map(JSONValue.string))])
    }

    @Test("R17: python -m json.tool reads a document and loads no module of the project")
    func jsonTool() async throws {
        let playground = try playground()
        // The control: python itself would.
        let plain = try await Program.run(
            "/usr/bin/python3", ["-m", "json.tool", "a.json"], folder: playground.workspace)
        #expect(plain.output.contains("LOADED-json"))
        let daemon = try await Daemon(in: playground)
        let reply = try await run(["python3", "-m", "json.tool", "a.json"], daemon)
        #expect(reply.json["result"]?["stdout"] == "{\n    \"a\": 1\n}\n", "\(reply.json)")
        await daemon.stop()
    }

    @Test(
        "R18: pip lists and shows what is installed, in a folder with a pip of its own",
        .enabled(if: hasPip, "needs pip"))
    func pipReads() async throws {
        let playground = try playground()
        let daemon = try await Daemon(in: playground)
        for words in [["python3", "-m", "pip", "list"], ["python3", "-m", "pip", "show", "pip"]] {
            let reply = try await run(words, daemon)
            let output = reply.json["result"]?["stdout"]?.stringValue ?? ""
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            #expect(output.contains("pip") && !output.contains("LOADED"))
        }
        await daemon.stop()
    }

    @Test(
        "R17 R18: programs told to run something else are denied, with what would let them pass",
        arguments: [
            ["pip", "install", "x"], ["pip3", "install", "."], ["python3", "-m", "pip", "install", "."],
            ["python3", "-m", "pip", "download", "x"], ["pip", "list", "--path", "/etc"],
            ["pip", "list", "-i", "http://127.0.0.1/"], ["python3", "-c", "print(1)"], ["python3", "a.py"],
            ["python3", "-m", "timeit", "1"], ["python3", "-m", "http.server"], ["python3", "-m", "runpy", "a"],
            ["python3", "-mjson.tool", "a.json"], ["python3"], ["python3", "-i", "-m", "unittest"],
        ])
    func denied(words: [String]) async throws {
        let playground = try playground()
        let daemon = try await Daemon(in: playground)
        let reply = try await run(words, daemon)
        #expect(reply.code == "policy_blocked")
        #expect(reply.json["remedy"]?.stringValue?.isEmpty == false)
        await daemon.stop()
    }

    @Test("R17: another module runs by a rule of the operator's, and only that one")
    func ownRule() async throws {
        let playground = try playground()
        try playground.write("print('mine')\n", to: "workspace/mine.py")
        try playground.write(
            """
            version: 1
            commands:
              - name: mine
                run: [python3, "-m", mine]
                verdict: allow
                reason: "the project's own checker"
                examples: {match: ["python3 -m mine"], not_match: ["python3 -m other"]}

            """, to: "home/config/policy.yaml")
        for name in ["json", "encodings", "site", "sitecustomize", "pip"] {
            try FileManager.default.removeItem(atPath: playground.workspace + "/\(name).py")
        }
        let daemon = try await Daemon(in: playground)
        let reply = try await run(["python3", "-m", "mine"], daemon)
        #expect(reply.json["result"]?["stdout"] == "mine\n", "\(reply.json)")
        #expect(try await run(["python3", "-m", "timeit"], daemon).code == "policy_blocked")
        await daemon.stop()
    }
}
