import Foundation
import Surroundings
import Machine
import Testing
import ToolKit

@testable import Tools

/// The same tools on the file layer that the daemon uses.
@Suite(
    "A workspace opened beneath its root",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct RealFilesTests {
    private struct Rules: PathRules {
        func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
            path.name == ".env" ? .deny : .allow
        }
    }

    private func context(_ workspace: FixtureWorkspace, _ access: Access) throws -> ToolContext {
        let root = try WorkspaceRoot(opening: workspace.root.path)
        return ToolContext(
            files: BeneathFiles(root: root, access: access, rules: Rules()), host: NoHost(),
            deadline: .now + .seconds(60))
    }

    private func run(_ tool: some Tool, _ arguments: [String: JSONValue], _ workspace: FixtureWorkspace) async throws
        -> JSONValue
    {
        let decoded = try tool.decoded(arguments)
        return try await tool.call(arguments: decoded, in: context(workspace, tool.access(for: decoded))).result
    }

    private func paths(_ result: JSONValue) -> [String] {
        (result["matches"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
    }

    @Test("honours .gitignore files, policy and links as the fixture does")
    func search() async throws {
        let outside = try FixtureWorkspace(["x": "needle"])
        let workspace = try FixtureWorkspace([
            ".gitignore": "*.log\n.cache/\n", ".cache/x": "needle", "a.log": "needle", ".env": "needle", "b": "needle",
            "sub/.gitignore": "!a.log\n", "sub/a.log": "needle",
        ])
        try workspace.link("link", to: outside.root.path)
        let result = try await run(WorkspaceSearch(), ["query": "needle"], workspace)
        #expect(paths(result) == ["b", "sub/a.log"])
        #expect(
            result["skipped"]?["hidden"] == 1 && result["skipped"]?["ignored"] == 2 && result["skipped"]?["links"] == 1)
    }

    @Test("is scanned below a folder that is named through a link, its .gitignore included")
    func linkedFolder() async throws {
        let line = "api_key = \"q8Zr2Lm9Xt4Vw7Kc\"\n"
        let workspace = try FixtureWorkspace([
            "deep/a/x.py": line, "deep/a/.gitignore": "out\n", "deep/a/out/y.py": line,
        ])
        try workspace.link("short", to: "deep/a")
        let result = try await run(RepoScan(), ["cwd": "short"], workspace)
        #expect(result["secrets"]?.arrayValue?.count == 1 && result["counts"]?["ignored"] == 1)
    }

    @Test("R7: a cwd that is a file or leads outside is refused")
    func badFolder() async throws {
        let outside = try FixtureWorkspace(["x": "1"])
        let workspace = try FixtureWorkspace(["file": "1", "folder/x": "1"])
        try workspace.link("out", to: outside.root.path)
        await #expect(throws: ToolFailure.self) { try await run(RepoScan(), ["cwd": "file"], workspace) }
        await #expect(throws: ToolFailure.self) { try await run(RepoScan(), ["cwd": "out"], workspace) }
        await #expect(throws: ToolFailure.self) { try await run(RepoScan(), ["cwd": "none"], workspace) }
        #expect(try await run(RepoScan(), ["cwd": "folder"], workspace)["counts"]?["files"] == 1, "positive control")
    }

    @Test("a FIFO neither blocks the search nor is opened", .timeLimit(.minutes(1)))
    func fifo() async throws {
        let workspace = try FixtureWorkspace(["a": "needle"])
        #expect(mkfifo(workspace.root.appendingPathComponent("pipe").path, 0o600) == 0)
        let result = try await run(WorkspaceSearch(), ["query": "needle"], workspace)
        #expect(paths(result) == ["a"] && result["skipped"]?["links"] == 1)
    }

    @Test("is indexed with sizes")
    func index() async throws {
        let workspace = try FixtureWorkspace(["a": "12345", ".env": "x"])
        let result = try await run(WorkspaceIndex(), [:], workspace)
        #expect(result["count"] == 1 && result["entries"]?.arrayValue?.first?["size"] == 5)
    }

    @Test("is searched quickly when it holds many files")
    func speed() async throws {
        let count = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1" ? 50_000 : 2_000
        let workspace = try FixtureWorkspace([
            ".gitignore": "*.log\n/build/\nnode_modules/\n.cache\n*.py[co]\n/dist/*.map\n"
        ])
        let line = "let value = compute(width: 12, height: 30) // an ordinary line of source text\n"
        let body = String(repeating: line, count: 20)
        for number in 0..<count {
            let text = number == count / 2 ? body + "the Golden needle\n" + body : body
            try workspace.write(Array(text.utf8), to: "d\(number % 300)/e\(number % 7)/f\(number).txt")
        }
        for query in ["golden needle", "compute height", "compute", "absent everywhere", "zq"] {
            let start = ContinuousClock.now
            let result = try await run(WorkspaceSearch(), ["query": .string(query)], workspace)
            print(
                "search of \(count) files beneath the root for '\(query)':", ContinuousClock.now - start,
                result["count"] ?? .null)
            #expect(result["files"] == .integer(count + 1))
        }
        let start = ContinuousClock.now
        let scan = try await run(RepoScan(), [:], workspace)
        print("search of \(count) files for secrets:", ContinuousClock.now - start, scan["counts"]?["scanned"] ?? .null)
    }
}
