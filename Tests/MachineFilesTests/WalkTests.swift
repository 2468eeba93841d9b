import Foundation
import Glibc
import Surroundings
import Machine
import Testing
import ToolKit

@Suite(
    "A walk", .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct WalkTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.put("b/c.txt", "c")
        try workspace.put("b/a/d.txt", "d")
        try workspace.put("a.txt", "a")
    }

    private func walk(
        _ folder: String = ".", rules: any PathRules = Rules(), masked: [WorkspacePath] = [], entries: Int = 1_000,
        depth: Int = 64, visit: (WalkEntry) throws -> WalkDecision = { _ in .goOn }
    ) throws -> (paths: [String], summary: WalkSummary) {
        let folder = try WorkspacePath(folder)
        var paths: [String] = []
        let limits = WalkLimits(entries: entries, depth: depth, deadline: .now + .seconds(30))
        let summary = try workspace.files(.search(folder), rules: rules, masked: masked).walk(folder, limits: limits) {
            paths.append($0.path.description)
            return try visit($0)
        }
        return (paths, summary)
    }

    @Test("meets everything in order, a folder before what is in it")
    func order() throws {
        let (paths, summary) = try walk()
        #expect(paths == ["a.txt", "b", "b/a", "b/a/d.txt", "b/c.txt"])
        #expect(summary == WalkSummary(visited: 5))
    }

    @Test("never visits a staging file that a crash left, and visits whatever is merely named like one")
    func stagingFiles() throws {
        try workspace.put(".execlayer-0123456789abcdef.tmp", "left over")
        try workspace.put("b/.execlayer-ffffffffffffffff.tmp", "left over")
        try workspace.put(".execlayer-0123456789abcde.tmp")
        try workspace.put(".execlayer-0123456789abcdeg.tmp")
        try workspace.put("b/a/.execlayer-0123456789abcdef.tmp/e.txt")
        let (paths, summary) = try walk()
        #expect(
            paths == [
                ".execlayer-0123456789abcde.tmp", ".execlayer-0123456789abcdeg.tmp", "a.txt", "b", "b/a",
                "b/a/.execlayer-0123456789abcdef.tmp", "b/a/.execlayer-0123456789abcdef.tmp/e.txt", "b/a/d.txt",
                "b/c.txt",
            ])
        #expect(summary == WalkSummary(visited: 9))
    }

    @Test("R8: does not follow links")
    func links() throws {
        try workspace.link("out", to: workspace.outside)
        try workspace.link("loop", to: ".")
        var kinds: [String: FileFacts.Kind] = [:]
        var refused: String?
        let (paths, _) = try walk { entry in
            kinds[entry.path.description] = entry.kind
            if entry.kind == .link { refused = failure { _ = try entry.read(9) } }
            return .goOn
        }
        #expect(paths == ["a.txt", "b", "b/a", "b/a/d.txt", "b/c.txt", "loop", "out"])
        #expect(kinds["out"] == .link && kinds["loop"] == .link && kinds["b"] == .folder && kinds["a.txt"] == .file)
        #expect(refused == "link_refused")
    }

    @Test("R8: stops at its limits and says which")
    func limits() throws {
        #expect(try walk(entries: 2).summary.stoppedBy == "entries")
        let shallow = try walk(depth: 1)
        #expect(shallow.paths == ["a.txt", "b"])
        #expect(shallow.summary.stoppedBy == "depth")
        let folder = WorkspacePath.root
        let late = try workspace.files(.search(folder)).walk(
            folder, limits: WalkLimits(entries: 9, deadline: .now - .seconds(1))
        ) { _ in .goOn }
        #expect(late.stoppedBy == "deadline")
    }

    @Test("hides and counts what policy hides", arguments: [PathVerdict.ask, .deny])
    func hidden(verdict: PathVerdict) throws {
        let (paths, summary) = try walk(rules: Rules(stricter: ["b/a": verdict, "a.txt": verdict]))
        #expect(paths == ["b", "b/c.txt"])
        #expect(summary.hidden == 2)
    }

    @Test("R65: hides the masked folder")
    func masked() throws {
        let (paths, summary) = try walk(masked: [try WorkspacePath("b")])
        #expect(paths == ["a.txt"])
        #expect(summary.hidden == 1)
    }

    @Test("counts a name that is not UTF-8 as unreadable and goes on")
    func invalidName() throws {
        let bytes: [CChar] = workspace.path.utf8CString.dropLast() + [0x2F, -1, -2, 0]
        let descriptor = open(bytes, O_CREAT | O_WRONLY, 0o644)
        try #require(descriptor >= 0)
        close(descriptor)
        let (paths, summary) = try walk()
        #expect(summary.unreadable == 1)
        #expect(paths.count == 5)
    }

    @Test("reads and looks at what it met, by its own descriptor")
    func closures() throws {
        var texts: [String] = []
        var sizes: [Int?] = []
        _ = try walk { entry in
            guard entry.kind == .file else { return .goOn }
            texts.append(String(decoding: try entry.read(100).bytes, as: UTF8.self))
            sizes.append(try entry.facts()?.size)
            return .goOn
        }
        #expect(texts == ["a", "d", "c"])
        #expect(sizes == [1, 1, 1])
    }

    @Test("leaves out a folder and stops when told to")
    func decisions() throws {
        #expect(try walk { $0.path.name == "b" ? .skipFolder : .goOn }.paths == ["a.txt", "b"])
        #expect(try walk { $0.path.name == "b" ? .stop : .goOn }.paths == ["a.txt", "b"])
    }

    @Test("outside what was granted is refused")
    func notGranted() throws {
        let files = workspace.files(.search(try WorkspacePath("b")))
        let limits = WalkLimits(entries: 9, deadline: .now + .seconds(9))
        #expect(failure { _ = try files.walk(.root, limits: limits) { _ in .goOn } } == "policy_blocked")
        #expect(failure { _ = try files.walk(WorkspacePath("b/a"), limits: limits) { _ in .goOn } } == nil)
    }

    @Test("R8: of 50,000 files is quick", .enabled(if: ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1"))
    func many() throws {
        for folder in 0..<100 {
            try FileManager.default.createDirectory(
                atPath: workspace.path + "/many/\(folder)", withIntermediateDirectories: true)
            for file in 0..<500 {
                close(open(workspace.path + "/many/\(folder)/file-\(file).txt", O_CREAT | O_WRONLY, 0o644))
            }
        }
        let start = ContinuousClock.now
        let (_, summary) = try walk("many", entries: 1_000_000)
        let time = ContinuousClock.now - start
        #expect(summary.visited == 50_100)
        #expect(time < .seconds(1))
        print("walk of 50,000 files: \(time)")
    }
}
