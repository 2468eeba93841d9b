import Foundation
import Glibc
import Surroundings
import Machine
import Testing
import ToolKit

/// Files that become folders, folders that become files, files that swap their names.
@Suite(
    "A commit that gives names to something else",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct TradedNamesTests {
    let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.put("file", "old file", mode: 0o640)
        try workspace.put("folder/x.txt", "x")
        try workspace.put("folder/deep/y.txt", "y")
        chmod(workspace.path + "/folder", 0o750)
        try workspace.put("left", "left", mode: 0o600)
        try workspace.put("right", "right", mode: 0o755)
        try workspace.put("plain", "plain")
    }

    private func identity(_ name: String) throws -> FileIdentity {
        let path = try WorkspacePath(name)
        return try #require(try workspace.files(.read(path)).facts(of: path)).identity
    }

    private func write(_ name: String, _ text: String, like: String? = nil, over: Bool = false) throws -> FileChange {
        FileChange(
            path: try WorkspacePath(name), deed: .write(Array(text.utf8)),
            mode: try like.map { .like(try WorkspacePath($0), executable: nil) } ?? .keep,
            base: over ? .exactly(try identity(name)) : .absent, createsParents: true)
    }

    private func delete(_ name: String) throws -> FileChange {
        FileChange(path: try WorkspacePath(name), deed: .delete, base: .exactly(try identity(name)))
    }

    private func changes() throws -> [FileChange] {
        [
            try write("file/a.txt", "a"), try write("file/deep/b.txt", "b", like: "file"), try delete("file"),
            try delete("folder/x.txt"), try delete("folder/deep/y.txt"), try write("folder", "now a file"),
            try write("left", "right", like: "right", over: true), try write("right", "left", like: "left", over: true),
            try write("plain", "changed", over: true),
        ]
    }

    private func files(_ changes: [FileChange], faults: @escaping CommitFaults = { _ in }) -> BeneathFiles {
        workspace.files(Access(places: changes.flatMap { [.init($0.path, .write)] }), faults: faults)
    }

    @Test("makes a folder of a file, a file of a folder, and swaps two files")
    func trades() throws {
        let changes = try changes()
        try files(changes).commit(changes)
        #expect(try workspace.names() == ["file", "folder", "left", "plain", "right"])
        #expect(try workspace.names(in: "file") == ["a.txt", "deep"])
        #expect(workspace.text("file/deep/b.txt") == "b")
        #expect(workspace.status("file/deep/b.txt").st_mode & 0o777 == 0o640)
        #expect(workspace.text("folder") == "now a file")
        #expect(workspace.text("left") == "right" && workspace.text("right") == "left")
        #expect(workspace.status("left").st_mode & 0o777 == 0o755 && workspace.status("right").st_mode & 0o777 == 0o600)
    }

    struct Fault: Error {}

    static let steps: [CommitStep] =
        [2, 5, 6, 7, 8].flatMap { [.foldersMade($0), .staged($0), .placed($0)] } + [.synced]

    @Test("R4: leaves everything as it was when a step fails", arguments: steps)
    func putsBack(step: CommitStep) throws {
        let names = ["file", "folder", "folder/x.txt", "folder/deep/y.txt", "left", "right", "plain"]
        let before = names.map { workspace.status($0).st_ino }
        let changes = try changes()
        #expect(throws: Fault.self) { try files(changes) { if $0 == step { throw Fault() } }.commit(changes) }
        #expect(names.map { workspace.status($0).st_ino } == before)
        #expect(workspace.status("folder").st_mode & 0o777 == 0o750)
        #expect(try workspace.names() == ["file", "folder", "left", "plain", "right"])
        #expect(try workspace.names(in: "folder") == ["deep", "x.txt"])
    }

    @Test("takes a folder that holds more for no file's place", arguments: ["more.txt", "deep/more.txt", ".git/x"])
    func notEmpty(extra: String) throws {
        try workspace.put("folder/" + extra)
        let changes = [try delete("folder/x.txt"), try delete("folder/deep/y.txt"), try write("folder", "f")]
        #expect(failure { try files(changes).check(changes) } == "folder_not_empty")
        #expect(failure { try files(changes).commit(changes) } == "folder_not_empty")
        #expect(workspace.text("folder/x.txt") == "x" && workspace.text("folder/" + extra) == "content\n")
        try FileManager.default.removeItem(atPath: workspace.path + "/folder/" + extra)
        guard extra != ".git/x" else { return }
        #expect(failure { try files(changes).commit(changes) } == nil)
    }

    @Test("keeps what somebody puts into the folder after the check")
    func lateFile() throws {
        let changes = [try delete("folder/x.txt"), try delete("folder/deep/y.txt"), try write("folder", "f")]
        let files = files(changes) { if $0 == .staged(2) { try workspace.put("folder/late.txt", "late") } }
        #expect(failure { try files.commit(changes) } == "folder_not_empty")
        #expect(workspace.text("folder/late.txt") == "late" && workspace.text("folder/x.txt") == "x")
        #expect(try workspace.names() == ["file", "folder", "left", "plain", "right"])
    }

    @Test("conflicts when the file that is to become a folder changes after the check, and keeps it")
    func lateChange() throws {
        let changes = [try delete("file"), try write("file/a.txt", "a")]
        let files = files(changes) { if $0 == .staged(0) { try workspace.put("file", "somebody else's") } }
        #expect(failure { try files.commit(changes) } == "conflict")
        #expect(workspace.text("file") == "somebody else's")
        #expect(try workspace.names() == ["file", "folder", "left", "plain", "right"])
    }

    @Test("needs the file that is in the way to be deleted")
    func inTheWay() throws {
        let inside = [try write("file/a.txt", "a")]
        #expect(failure { try files(inside).commit(inside) } == "not_a_folder")
        let both = [try write("new", "a"), try write("new/b.txt", "b")]
        #expect(failure { try files(both).commit(both) } == "file_below_file")
        #expect(workspace.text("file") == "old file")
    }

    @Test("R1: puts nothing in the place of a folder that only a link leads to")
    func linkedFolder() throws {
        try FileManager.default.createDirectory(atPath: workspace.path + "/empty", withIntermediateDirectories: true)
        try workspace.link("way", to: "empty")
        let through = [try write("way", "f")]
        #expect(failure { try files(through).commit(through) } == "not_a_regular_file")
        let straight = [try write("empty", "f")]
        #expect(failure { try files(straight).commit(straight) } == nil)
    }

    @Test("moves every content before its old place is taken, so that a crash loses none")
    func chain() throws {
        let changes = [
            try write("right", "left", like: "left", over: true), try delete("left"),
            try write("last", "right", like: "right"),
        ]
        let files = files(changes) { step in
            guard case .placed = step else { return }
            let texts = Set(["left", "right", "last"].compactMap(workspace.text))
            #expect(texts == ["left", "right"])
        }
        try files.commit(changes)
        #expect(workspace.text("right") == "left" && workspace.text("last") == "right" && workspace.text("left") == nil)
    }
}
