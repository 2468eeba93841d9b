internal import Foundation
internal import Machine
internal import Surroundings
internal import Testing
internal import ToolKit

@Suite(
    "The tool that docs/adding-a-tool.md adds",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct WordCountTests {
    @Test("is the code that stands in the document")
    func documented() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let document = tests.appending(path: "../../docs/adding-a-tool.md").standardized
        let code = try String(contentsOf: tests.appending(path: "WordCount.swift"), encoding: .utf8)
        let blocks = try String(contentsOf: document, encoding: .utf8).components(separatedBy: "```")
        #expect(blocks.contains("swift\n" + code))
    }

    @Test("counts lines, words and bytes")
    func counts() async throws {
        let workspace = try Workspace(["notes/a.txt": "one two\n  three\tfour\nfive"])
        let output = try await workspace.call(["path": "notes/a.txt"])
        #expect(output.result == ["path": "notes/a.txt", "lines": 2, "words": 5, "bytes": 25])
    }

    @Test("counts a file that is longer than one read")
    func countsLongFiles() async throws {
        let workspace = try Workspace(["long.txt": String(repeating: "word\n", count: 30_000)])
        let output = try await workspace.call(["path": "long.txt"])
        #expect(output.result["words"] == 30_000)
    }

    @Test("takes the older name of its argument")
    func takesAlias() async throws {
        let workspace = try Workspace(["a.txt": "one"])
        #expect(try await workspace.call(["file": "a.txt"]).result["words"] == 1)
    }

    @Test("names the argument that is missing")
    func namesMissing() async throws {
        let workspace = try Workspace([:])
        let problems = await #expect(throws: ArgumentProblems.self) { try await workspace.call([:]) }
        #expect(problems?.problems.map(\.field) == ["path"])
    }

    @Test("touches the file that it names and nothing else")
    func access() throws {
        let path = try WorkspacePath("src/a.txt")
        #expect(try WordCount().access(for: WordCount.Arguments(path: path)) == .read(path))
    }

    @Test("says before it runs what it would read")
    func plans() async throws {
        let workspace = try Workspace(["a.txt": "one two"])
        let plan = try await WordCount().plan(
            for: workspace.decode(["path": "a.txt"]), in: workspace.context(reading: "a.txt"))
        #expect(plan["size"] == 7)
    }

    @Test("cannot follow a link out of the workspace")
    func staysInside() async throws {
        let workspace = try Workspace(["inside.txt": "one"])
        try workspace.link("link.txt", to: "/etc/hostname")
        let failure = await #expect(throws: ToolFailure.self) { try await workspace.call(["path": "link.txt"]) }
        #expect(failure?.code == "path_outside_workspace")
    }
}

/// A workspace on disk, removed at the end of its test.
private final class Workspace {
    private let folder: URL
    private let root: WorkspaceRoot

    init(_ files: [String: String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "word-count-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: false, encoding: .utf8)
        }
        root = try WorkspaceRoot(opening: folder.path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func link(_ name: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: name).path, withDestinationPath: destination)
    }

    /// What the gate does before a call runs.
    func decode(_ arguments: [String: JSONValue]) throws -> WordCount.Arguments {
        let canonical = try WordCount.Arguments.schema.canonical(arguments, roots: root.spellings)
        return try ArgumentDecoder.decode(WordCount.Arguments.self, from: canonical)
    }

    func call(_ arguments: [String: JSONValue]) async throws -> ToolOutput {
        let arguments = try decode(arguments)
        return try await WordCount().call(arguments: arguments, in: context(WordCount().access(for: arguments)))
    }

    func context(reading path: String) throws -> ToolContext { context(.read(try WorkspacePath(path))) }

    private func context(_ access: Access) -> ToolContext {
        ToolContext(
            files: BeneathFiles(root: root, access: access, rules: EverythingAllowed()),
            host: LocalHostFacts(access: access, workspaceRoot: root.path), deadline: .now + .seconds(60))
    }
}

private struct EverythingAllowed: PathRules {
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
}
