import Foundation
import Glibc
import Surroundings
import Machine
import Synchronization
import Testing
import ToolKit

@Suite(
    "Staging files that a killed daemon left",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct StagingCleanerTests {
    let workspace: Workspace
    private let name = ".execlayer-0123456789abcdef.tmp"

    init() throws {
        workspace = try Workspace()
        try workspace.put("a/b/c.txt")
    }

    private func clean(entries: Int = 10_000, masked: [WorkspacePath] = []) -> StagingCleaner.Report {
        StagingCleaner(root: workspace.root, masked: masked).clean(entries: entries, until: .now + .milliseconds(300))
    }

    @Test("are removed wherever they lie, and nothing else is")
    func removes() throws {
        try workspace.put(name)
        try workspace.put("a/b/.execlayer-ffffffffffffffff.tmp")
        let others = [
            ".execlayer-0123456789abcde.tmp", ".execlayer-0123456789abcdeg.tmp", ".execlayer-0123456789ABCDEF.tmp",
            "x.execlayer-0123456789abcdef.tmp", ".execlayer-0123456789abcdef.tmp.txt", ".execlayer-.tmp",
        ]
        for other in others { try workspace.put("a/" + other) }
        #expect(clean() == .init(removed: 2))
        #expect(try workspace.names() == ["a"])
        #expect(try workspace.names(in: "a/b") == ["c.txt"])
        #expect(try workspace.names(in: "a") == (others + ["b"]).sorted())
        #expect(clean() == .init())
    }

    @Test("R1: are neither links nor folders, and are not looked for behind links")
    func onlyFiles() throws {
        try FileManager.default.createDirectory(atPath: workspace.path + "/" + name, withIntermediateDirectories: true)
        try workspace.put(name + "/" + name)
        try workspace.link("a/" + name, to: "b/c.txt")
        try Data().write(to: URL(fileURLWithPath: workspace.outside + "/" + name))
        try workspace.link("out", to: workspace.outside)
        mkfifo(workspace.path + "/a/b/" + name, 0o600)
        #expect(clean() == .init())
        #expect(FileManager.default.fileExists(atPath: workspace.outside + "/" + name))
        #expect(workspace.text(name + "/" + name) != nil)
        try workspace.put("a/.execlayer-aaaaaaaaaaaaaaaa.tmp")
        #expect(clean().removed == 1)
    }

    @Test("are left where they may be the only copy, and named")
    func kept() throws {
        try workspace.put("a/.execlayer-0123456789abcdef.kept")
        #expect(clean().kept.map(\.description) == ["a/.execlayer-0123456789abcdef.kept"])
        #expect(workspace.text("a/.execlayer-0123456789abcdef.kept") != nil)
    }

    @Test("R65: are left alone in the daemon's own folder and in git's")
    func elsewhere() throws {
        try workspace.put("home/" + name)
        try workspace.put(".git/" + name)
        #expect(clean(masked: [try WorkspacePath("home")]) == .init())
        #expect(workspace.text("home/" + name) != nil && workspace.text(".git/" + name) != nil)
        #expect(clean().removed == 1)
    }

    @Test("are told apart from those of a commit under way, also of another daemon", arguments: [true, false])
    func living(isOtherDaemon: Bool) throws {
        let path = try WorkspacePath("a/b/c.txt")
        let root = isOtherDaemon ? try WorkspaceRoot(opening: workspace.path) : workspace.root
        try workspace.put(name)
        let report = Mutex(StagingCleaner.Report())
        let files = BeneathFiles(root: root, access: .write(path), rules: Rules()) { step in
            if step == .staged(0) { report.withLock { $0 = clean() } }
        }
        try files.commit([FileChange(path: path, deed: .write(Array("new".utf8)), base: .anything)])
        #expect(report.withLock { $0 } == .init(isComplete: false))
        #expect(workspace.text("a/b/c.txt") == "new")
        #expect(clean() == .init(removed: 1))
    }

    @Test("are looked for in so many names at most")
    func bounded() throws {
        for number in 0..<50 { try workspace.put("n/\(number)") }
        #expect(!clean(entries: 20).isComplete)
        #expect(clean(entries: 60).isComplete)
    }

    @Test("cost no commit more than a moment while a stranger holds the lock")
    func stranger() throws {
        let folder = open(workspace.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(folder) }
        #expect(flock(folder, LOCK_EX | LOCK_NB) == 0)
        let start = ContinuousClock.now
        try workspace.write("a/b/c.txt", "new")
        #expect(workspace.text("a/b/c.txt") == "new" && ContinuousClock.now - start < .seconds(5))
        try workspace.put(name)
        #expect(!clean().isComplete)
    }

    @Test("lie there after a kill at any step, and are gone after the next start", arguments: FaultTests.steps)
    func afterKill(step: CommitStep) throws {
        let fixture = try FaultTests()
        let copy = try Workspace()
        let report = try cut(fixture.workspace, fixture.changes, at: step, into: copy)
        #expect(report.isComplete && report.kept == [])
        #expect(!Self.tree(copy).keys.contains { $0.contains(".execlayer-") })
        #expect(["old", "new"].contains(copy.text("replaced.txt")))
    }

    @Test("are left after two files were to swap their names, so that a kill loses neither", arguments: 0..<2)
    func swapCutShort(placed: Int) throws {
        try workspace.put("left", "left")
        try workspace.put("right", "right")
        let paths = [try WorkspacePath("left"), try WorkspacePath("right")]
        let changes = zip(paths, paths.reversed()).map { path, other in
            FileChange(
                path: path, deed: .write(Array(other.description.utf8)), mode: .like(other, executable: nil),
                base: .anything)
        }
        let copy = try Workspace()
        let report = try cut(workspace, changes, at: .placed(placed), into: copy)
        #expect(report.kept.count == 2 && report.removed == 0)
        #expect(Set(Self.tree(copy).values).isSuperset(of: ["left", "right"]))
    }

    /// What a kill at `step` leaves is what lies there at that step; then the next daemon starts.
    private func cut(
        _ workspace: Workspace, _ changes: [FileChange], at step: CommitStep, into copy: Workspace
    ) throws -> StagingCleaner.Report {
        let files = workspace.files(Access(places: changes.map { .init($0.path, .write) })) { reached in
            guard reached == step else { return }
            try FileManager.default.removeItem(atPath: copy.path)
            try FileManager.default.copyItem(atPath: workspace.path, toPath: copy.path)
        }
        try files.commit(changes)
        return StagingCleaner(root: try WorkspaceRoot(opening: copy.path)).clean(until: .now + .seconds(5))
    }

    private static func tree(_ workspace: Workspace) -> [String: String] {
        let names = FileManager.default.enumerator(atPath: workspace.path)?.compactMap { $0 as? String } ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, workspace.text($0) ?? "") })
    }
}
