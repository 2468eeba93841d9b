import Foundation
import Testing
import ToolKit

@testable import Tools

@Suite("An index of the workspace") struct WorkspaceIndexTests {
    private func index(_ workspace: FixtureWorkspace, _ arguments: [String: JSONValue] = [:]) async throws -> JSONValue
    {
        try await WorkspaceIndex().run(arguments, in: workspace.context())
    }

    private func paths(_ result: JSONValue) -> [String] {
        (result["entries"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
    }

    @Test("lists files with size and time, in a stable order")
    func entries() async throws {
        let workspace = try FixtureWorkspace(["b.txt": "12345", "a/c.txt": "x"])
        let result = try await index(workspace)
        #expect(paths(result) == ["a/c.txt", "b.txt"])
        #expect(result["count"] == 2)
        let entry = result["entries"]?.arrayValue?.last
        #expect(entry?["size"] == 5)
        #expect(abs((entry?["last_modified"]?.doubleValue ?? 0) - Date().timeIntervalSince1970) < 600)
    }

    @Test("names no place of the host")
    func noHostPath() async throws {
        let workspace = try FixtureWorkspace(["a": "x"])
        let result = try await index(workspace)
        #expect(result["workspace_path"] == ".")
        #expect(!String(decoding: JSONWriter.write(result), as: UTF8.self).contains(workspace.root.lastPathComponent))
    }

    @Test("leaves out larger files and counts them")
    func tooLarge() async throws {
        let workspace = try FixtureWorkspace(["small": "12345", "large": "123456"])
        let result = try await index(workspace, ["max_file_size": 5])
        #expect(paths(result) == ["small"])
        #expect(result["skipped"]?["too_large"] == 1)
    }

    @Test("lists at most what was asked for and counts all")
    func bounded() async throws {
        let workspace = try FixtureWorkspace(Dictionary(uniqueKeysWithValues: (0..<20).map { ("f\($0)", "x") }))
        let result = try await index(workspace, ["max_entries": 3])
        #expect(paths(result).count == 3)
        #expect(result["files"] == 20 && result["truncated"] == true)
    }

    @Test("sums up languages, folders and entry points")
    func digest() async throws {
        let workspace = try FixtureWorkspace([
            "README.md": "", "Package.swift": "", "Sources/App/main.swift": "", "Sources/App/A.swift": "",
            "tools/x.py": "", "deep/a/b/c/d/main.py": "",
        ])
        let digest = try await index(workspace)["digest"]?.stringValue ?? ""
        for line in [
            "6 files in 8 folders: Swift 3, Python 2, Markdown 1.", "- `Sources/App/`: 2 files, Swift 2",
            "- `README.md`: what the project says about itself", "- `Package.swift`: Swift package",
            "- `Sources/App/main.swift`: a program starts here",
        ] {
            #expect(digest.contains(line), "\(digest)")
        }
        #expect(!digest.contains("d/main.py"))
    }

    @Test("a name with a backquote or a line break cannot break out of the digest")
    func hostileName() async throws {
        let workspace = try FixtureWorkspace(["a`\n# b/x.swift": ""])
        let digest = try await index(workspace)["digest"]?.stringValue ?? ""
        #expect(digest.contains("`a??# b/`"))
    }

    @Test("R7: writes nothing")
    func writesNothing() async throws {
        let workspace = try FixtureWorkspace(["a/b": "x"])
        _ = try await index(workspace)
        let names = try FileManager.default.subpathsOfDirectory(atPath: workspace.root.path)
        #expect(names.sorted() == ["a", "a/b"])
    }

    @Test("does not tell what policy hides or .gitignore names, and counts them")
    func leftOut() async throws {
        let workspace = try FixtureWorkspace([".env": "x", ".gitignore": "out\n", "out/x": "x", "a": "x"]) {
            $0 == ".env"
        }
        let result = try await index(workspace)
        #expect(paths(result) == [".gitignore", "a"])
        #expect(result["skipped"]?["hidden"] == 1 && result["skipped"]?["ignored"] == 1)
    }

    @Test("an empty workspace is an answer, not an error")
    func empty() async throws {
        let result = try await index(try FixtureWorkspace())
        #expect(result["count"] == 0)
    }

    @Test("has a plan and touches only the reading of the workspace")
    func plan() async throws {
        let tool = WorkspaceIndex()
        let workspace = try FixtureWorkspace()
        #expect(try tool.access(for: tool.decoded([:])) == .search(.root))
        #expect(try await tool.plan(for: tool.decoded([:]), in: workspace.context())["max_entries"] == 2_000)
    }
}
