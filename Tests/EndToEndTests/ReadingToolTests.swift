import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon with a real repository: what is true of every tool of a kind, whichever tools there are.
@Suite(
    "An agent that tries every tool", .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(5)))
struct ReadingToolTests {
    /// A call that succeeds for each tool that only reads, on any machine.
    private static let reading: [(name: String, arguments: JSONValue)] = [
        ("filesystem_read", ["path": "src/main.py"]), ("workspace_index", [:]),
        ("workspace_search", ["query": "needle"]),
        ("repo_scan", [:]), ("git_status", [:]), ("git_diff", [:]), ("git_log", [:]), ("system_info", [:]),
        ("process_list", [:]), ("net_connections", [:]),
        ("shell_exec", ["command": ["grep", "-rn", "needle", "."]]),
    ]

    private func playground() async throws -> Playground {
        let playground = try Playground()
        try playground.write("needle = 1\n", to: "workspace/src/main.py")
        try playground.write("left-pad==1.0\n", to: "workspace/requirements.txt")
        _ = try await Repository(in: playground)
        try playground.write("needle = 2\n", to: "workspace/src/main.py")
        return playground
    }

    /// Every file and folder with its size, mode and times of change; reading does not change these.
    private func snapshot(_ folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) + ["."] {
            var facts = stat()
            try #require(lstat(folder + "/" + name, &facts) == 0)
            let times =
                "\(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec) \(facts.st_ctim.tv_sec).\(facts.st_ctim.tv_nsec)"
            found[name] = "\(facts.st_mode) \(facts.st_ino) \(facts.st_size) \(times)"
        }
        return found
    }

    @Test("R7: no tool that reads writes anything into the workspace")
    func nothingWritten() async throws {
        let playground = try await playground()
        let daemon = try await Daemon(in: playground)
        let before = try snapshot(playground.workspace)
        for (name, arguments) in Self.reading {
            let reply = try await daemon.run(name, arguments)
            #expect(reply.json["status"] == "ok", "\(name): \(reply.json["error"] ?? .null)")
            let after = try snapshot(playground.workspace)
            #expect(after == before, "\(name)")
        }
        // The control: one byte by a tool that writes is seen.
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.configure(["require_approval_for_risky": false]).status == 200)
        #expect(try await daemon.run("filesystem_write", ["path": "a", "content": ""]).json["status"] == "ok")
        let after = try snapshot(playground.workspace)
        #expect(after != before)
        await daemon.stop()
    }

    @Test("R16: no tool has an argument for an environment, an input, a user or a shell")
    func noEnvironment() async throws {
        let playground = try await playground()
        let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "100000"])
        let listed = try await daemon.send(.GET, "/api/v1/execution/tools").json["tools"]?.arrayValue ?? []
        let names = listed.compactMap { $0["name"]?.stringValue }
        #expect(names.count > 15)
        for name in names { try await daemon.enable(name) }
        for name in names {
            for argument in ["env", "environment", "stdin", "input", "shell", "user", "executable", "preexec_fn"] {
                let reply = try await daemon.run(name, [argument: "x"])
                #expect(reply.json["success"] == false)
                let message = reply.json["error"]?.stringValue ?? ""
                #expect(message.contains(argument), "\(name) \(argument): \(message)")
            }
        }
        // The control: the same tools run without it.
        #expect(try await daemon.run("git_status").json["status"] == "ok")
        await daemon.stop()
    }
}
