import Foundation
import Testing
import ToolKit

@testable import Tools

@Suite("A search in the workspace") struct WorkspaceSearchTests {
    struct Found: Equatable {
        let path: String
        let line: Int
        let snippet: String
    }

    private func search(
        _ query: String, in workspace: FixtureWorkspace, max: Int = 15, lines: Int = 1
    ) async throws -> (found: [Found], result: JSONValue) {
        let result = try await WorkspaceSearch().run(
            ["query": .string(query), "max_matches": .integer(max), "snippet_lines": .integer(lines)],
            in: workspace.context())
        let found = (result["matches"]?.arrayValue ?? []).map {
            Found(
                path: $0["path"]?.stringValue ?? "", line: $0["line"]?.integerValue ?? 0,
                snippet: $0["snippet"]?.stringValue ?? "")
        }
        #expect(result["count"]?.integerValue == found.count)
        return (found, result)
    }

    @Test("finds lower case in any case")
    func smartCase() async throws {
        let workspace = try FixtureWorkspace(["a": "one Needle", "b": "one NEEDLE", "c": "thread"])
        #expect(try await search("needle", in: workspace).found.map(\.path) == ["a", "b"])
    }

    @Test("finds upper case only as written")
    func exactCase() async throws {
        let workspace = try FixtureWorkspace(["a": "one Needle", "b": "one needle"])
        #expect(try await search("Needle", in: workspace).found.map(\.path) == ["a"])
    }

    @Test("ignores case in other scripts", arguments: ["größe", "файл", "ärger"])
    func otherScripts(_ word: String) async throws {
        let workspace = try FixtureWorkspace(["a": "x \(word.replacing("ß", with: "ß").capitalized) y"])
        #expect(try await search(word, in: workspace).found.count == 1)
    }

    @Test("takes signs literally")
    func literal() async throws {
        let workspace = try FixtureWorkspace(["a": "call f(x)*[y] now", "b": "fx"])
        #expect(try await search("f(x)*[y]", in: workspace).found.map(\.path) == ["a"])
    }

    @Test("shows the line and the lines around it")
    func snippet() async throws {
        let workspace = try FixtureWorkspace(["a": "1\n2\n3 here\n4\n5\n6\n"])
        #expect(
            try await search("here", in: workspace, lines: 3).found
                == [Found(path: "a", line: 3, snippet: "2\n3 here\n4")])
    }

    @Test("shows as many lines as there are, at the start and at the end")
    func snippetAtTheEnds() async throws {
        let workspace = try FixtureWorkspace(["a": "here\n2\n3\n4", "b": "1\n2\n3\nhere"])
        #expect(try await search("here", in: workspace, lines: 3).found.map(\.snippet) == ["here\n2\n3", "2\n3\nhere"])
    }

    @Test("shows lines without their carriage return")
    func carriageReturns() async throws {
        let workspace = try FixtureWorkspace(["a": "1\r\nhere\r\n3\r\n"])
        #expect(try await search("here", in: workspace, lines: 3).found.map(\.snippet) == ["1\nhere\n3"])
    }

    @Test("cuts a huge line around the place")
    func hugeLine() async throws {
        let filler = String(repeating: "ä", count: 200_000)
        let workspace = try FixtureWorkspace(["a": filler + "here" + filler])
        let snippet = try #require(try await search("here", in: workspace).found.first?.snippet)
        #expect(snippet.contains("here") && snippet.utf8.count <= 410 && !snippet.contains("\u{FFFD}"))
    }

    @Test("shows what is no UTF-8 as a replacement")
    func invalidUTF8() async throws {
        let workspace = try FixtureWorkspace()
        try workspace.write([0xFF, 0xFE] + Array("here".utf8) + [0xC3], to: "a")
        #expect(try await search("here", in: workspace).found.map(\.snippet) == ["\u{FFFD}\u{FFFD}here\u{FFFD}"])
    }

    @Test("puts a name above a phrase, a phrase above words, near words above far ones")
    func ranking() async throws {
        let workspace = try FixtureWorkspace([
            "a-far": "open \(String(repeating: "x ", count: 100)) file", "b-near": "file, then open",
            "c-phrase": "to open file twice", "d open file.txt": "nothing", "e-none": "open only",
        ])
        #expect(
            try await search("open file", in: workspace).found.map(\.path)
                == ["d open file.txt", "c-phrase", "b-near", "a-far"])
    }

    @Test("puts the very name first and the whole word above a part of one")
    func finerRanking() async throws {
        let workspace = try FixtureWorkspace([
            "a": "prune", "b": "to run it", "run.swift": "x", "prune.md": "x", "c": "nothing",
        ])
        #expect(try await search("run", in: workspace).found.map(\.path) == ["run.swift", "prune.md", "b", "a"])
    }

    @Test("lets a word stand in the name and the other in the text")
    func wordsAcrossNameAndText() async throws {
        let workspace = try FixtureWorkspace(["parser.txt": "has tests", "other.txt": "has tests"])
        #expect(try await search("tests parser", in: workspace).found.map(\.path) == ["parser.txt"])
    }

    @Test("finds a folder in the query only as a part of the path")
    func pathQuery() async throws {
        let workspace = try FixtureWorkspace(["src/a/x": "1", "src/b/x": "2"])
        #expect(try await search("src/b", in: workspace).found.map(\.path) == ["src/b/x"])
    }

    @Test("shows line 1 for a file found by its name")
    func nameMatch() async throws {
        let workspace = try FixtureWorkspace(["needle.txt": "first\nsecond"])
        #expect(
            try await search("needle", in: workspace).found == [Found(path: "needle.txt", line: 1, snippet: "first")])
    }

    @Test("leaves binary files out and counts them, and still finds them by name")
    func binary() async throws {
        let workspace = try FixtureWorkspace(["text": "needle"])
        try workspace.write(Array("needle\0".utf8), to: "blob")
        try workspace.write([0, 1], to: "needle.png")
        let (found, result) = try await search("needle", in: workspace)
        #expect(
            found == [Found(path: "needle.png", line: 1, snippet: ""), Found(path: "text", line: 1, snippet: "needle")])
        #expect(result["skipped"]?["binary"] == 2)
    }

    @Test("leaves out what is larger than 1 MiB and counts it, and reads what is just as large")
    func large() async throws {
        let workspace = try FixtureWorkspace([
            "fits": "needle" + String(repeating: "x", count: 1_048_570),
            "larger": "needle" + String(repeating: "x", count: 1_048_571),
        ])
        let (found, result) = try await search("needle", in: workspace)
        #expect(found.map(\.path) == ["fits"])
        #expect(result["skipped"]?["too_large"] == 1)
    }

    @Test("never enters .git, the daemon's folder or what .gitignore names, however it sorts")
    func leftOut() async throws {
        let workspace = try FixtureWorkspace([
            ".gitignore": ".build/\nout\n", ".build/x": "needle", "out/x": "needle", ".git/config": "needle",
            "sub/.git": "needle", ".execution-layer/x": "needle", "kept": "needle",
        ])
        let (found, result) = try await search("needle", in: workspace)
        #expect(found.map(\.path) == ["kept"])
        #expect(result["skipped"]?["ignored"] == 2)
    }

    @Test("never shows what policy hides, and counts it")
    func hidden() async throws {
        let files = [".env": "KEY=needle", "a/.env": "needle", "open": "needle"]
        let hiding = try FixtureWorkspace(files) { $0.hasSuffix(".env") }
        let (found, result) = try await search("needle", in: hiding)
        #expect(found.map(\.path) == ["open"])
        #expect(result["skipped"]?["hidden"] == 2)
        #expect(try await search("needle", in: try FixtureWorkspace(files)).found.count == 3, "positive control")
    }

    @Test("R8: follows no link, and counts it")
    func links() async throws {
        let outside = try FixtureWorkspace(["secret": "needle"])
        let workspace = try FixtureWorkspace(["a": "needle"])
        try workspace.link("folder", to: outside.root.path)
        try workspace.link("file", to: outside.root.path + "/secret")
        try workspace.link("loop", to: ".")
        let (found, result) = try await search("needle", in: workspace)
        #expect(found.map(\.path) == ["a"])
        #expect(result["skipped"]?["links"] == 3)
    }

    @Test("answers at most what was asked for and says that there is more")
    func bounded() async throws {
        let workspace = try FixtureWorkspace()
        for number in 0..<300 {
            try workspace.write(Array(String(repeating: "needle\n", count: 40).utf8), to: "f\(number)")
        }
        let (found, result) = try await search("needle", in: workspace, max: 7)
        #expect(found.count == 7)
        #expect(result["truncated"] == true)
        #expect(try await search("needle", in: workspace, max: 200).found.count == 200)
    }

    @Test("a better match that comes late takes the place of a worse one")
    func lateBetter() async throws {
        let workspace = try FixtureWorkspace(["a": "needle", "b": "needle", "z-needle": "x"])
        #expect(try await search("needle", in: workspace, max: 2).found.map(\.path) == ["z-needle", "a"])
    }

    @Test("answers the same twice")
    func stable() async throws {
        let workspace = try FixtureWorkspace(["b": "needle", "a": "needle", "c/d": "needle", "c.x": "needle"])
        let first = try await search("needle", in: workspace).result
        #expect(try await search("needle", in: workspace).result == first)
    }

    @Test("says how complete it is when nothing was left out")
    func complete() async throws {
        let workspace = try FixtureWorkspace(["a": "needle"])
        let result = try await search("needle", in: workspace).result
        #expect(result["truncated"] == false && result["stopped_by"] == nil)
    }

    @Test("refuses a query of spaces", arguments: [" ", "\t\n  "])
    func emptyQuery(_ query: String) throws {
        let arguments = try WorkspaceSearch().decoded(["query": .string(query)])
        #expect(throws: ToolFailure.self) { try WorkspaceSearch().access(for: arguments) }
    }

    @Test("refuses an empty query and numbers out of range as bad arguments")
    func badArguments() {
        for bad: [String: JSONValue] in [
            ["query": ""], [:], ["query": "x", "max_matches": 0], ["query": "x", "max_matches": 201],
            ["query": "x", "snippet_lines": 51], ["query": "x", "path": "y"],
        ] {
            #expect(throws: ArgumentProblems.self) { try WorkspaceSearch().decoded(bad) }
        }
    }

    @Test("accepts q for query")
    func alias() throws { #expect(try WorkspaceSearch().decoded(["q": "x"]).query == "x") }

    @Test("R8: a walk that a limit ended is told, with what was found until then")
    func stopped() async throws {
        let workspace = try FixtureWorkspace(["a": "needle", "b": "needle", "c": "needle"], patience: 2)
        let (found, result) = try await search("needle", in: workspace)
        #expect(found.map(\.path) == ["a", "b"])
        #expect(result["truncated"] == true && result["stopped_by"] == "deadline")
    }

    @Test("an unreadable file is counted and ends nothing")
    func unreadable() async throws {
        let workspace = try FixtureWorkspace(["a": "needle", "b": "needle"])
        workspace.deny("a")
        let (found, result) = try await search("needle", in: workspace)
        #expect(found.map(\.path) == ["b"])
        #expect(result["skipped"]?["unreadable"] == 1)
    }

    @Test("ends when its time is over")
    func deadline() async throws {
        let workspace = try FixtureWorkspace(["a": "needle"])
        await #expect(throws: CallInterrupted.timedOut) {
            try await WorkspaceSearch().run(["query": "x"], in: workspace.context(timeLimit: .seconds(-1)))
        }
    }

    @Test("ends when the call is cancelled")
    func cancelled() async throws {
        let workspace = try FixtureWorkspace(["a": "needle"])
        let context = workspace.context()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await WorkspaceSearch().run(["query": "x"], in: context)
        }
        await #expect(throws: CallInterrupted.cancelled) { try await task.value }
    }

    @Test("has a plan that touches nothing")
    func plan() async throws {
        let workspace = try FixtureWorkspace()
        let tool = WorkspaceSearch()
        let plan = try await tool.plan(for: tool.decoded(["query": "Two words"]), in: workspace.context())
        #expect(plan["ignores_case"] == false && plan["words"] == 2 && plan["summary"]?.stringValue != nil)
    }

    @Test("would touch only the reading of the workspace")
    func access() throws {
        let tool = WorkspaceSearch()
        #expect(try tool.access(for: tool.decoded(["query": "x"])) == .search(.root))
    }
}

@Suite("A search in many files") struct ManyFilesTests {
    @Test("is quick")
    func speed() async throws {
        let count = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1" ? 50_000 : 2_000
        let workspace = try FixtureWorkspace([".gitignore": "*.log\n/build/\nnode_modules/\n.cache\n"])
        let line = "let value = compute(width: 12, height: 30) // an ordinary line of source text\n"
        let body = String(repeating: line, count: 20)
        for number in 0..<count {
            let text = number == count / 2 ? body + "the Golden needle\n" + body : body
            try workspace.write(Array(text.utf8), to: "d\(number % 300)/e\(number % 7)/f\(number).txt")
        }
        for query in ["golden needle", "compute height", "absent everywhere"] {
            let clock = ContinuousClock()
            let start = clock.now
            let result = try await WorkspaceSearch().run(["query": .string(query)], in: workspace.context())
            print("search of \(count) files for '\(query)':", clock.now - start, "count", result["count"] ?? .null)
            #expect(result["files"] == .integer(count + 1))
        }
    }
}
