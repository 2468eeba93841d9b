import Foundation
import Surroundings
import Machine
import Synchronization
import Testing
import ToolKit

@Suite(
    "A commit that fails on its way",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct FaultTests {
    let workspace: Workspace
    let changes: [FileChange]
    let access: Access

    init() throws {
        workspace = try Workspace()
        try workspace.put("replaced.txt", "old")
        try workspace.put("deleted.txt", "going")
        changes = [
            FileChange(path: try WorkspacePath("replaced.txt"), deed: .write(Array("new".utf8)), base: .anything),
            FileChange(
                path: try WorkspacePath("deep/er/created.txt"), deed: .write(Array("new".utf8)), base: .absent,
                createsParents: true),
            FileChange(path: try WorkspacePath("deleted.txt"), deed: .delete, base: .anything),
        ]
        access = Access(places: changes.map { .init($0.path, .write) })
    }

    struct Fault: Error {}

    static let steps: [CommitStep] =
        (0..<3).flatMap { [.foldersMade($0), .staged($0), .placed($0)] } + [.synced]

    @Test("R4: leaves everything as it was, whatever the step", arguments: steps)
    func putsBack(step: CommitStep) throws {
        let before = workspace.status("replaced.txt").st_ino
        let files = workspace.files(access) { if $0 == step { throw Fault() } }
        #expect(throws: Fault.self) { try files.commit(changes) }
        #expect(workspace.text("replaced.txt") == "old")
        #expect(workspace.text("deleted.txt") == "going")
        #expect(workspace.status("replaced.txt").st_ino == before)
        #expect(try workspace.names() == ["deleted.txt", "replaced.txt"])
    }

    @Test("R4: a crash at any step leaves the old or the new content, never a mixture")
    func crash() throws {
        let seen = Mutex<[String?]>([])
        let files = workspace.files(access) { _ in
            seen.withLock { $0.append(workspace.text("replaced.txt")) }
        }
        try files.commit(changes)
        let texts = seen.withLock { $0 }
        #expect(texts.count == Self.steps.count)
        #expect(texts.allSatisfy { $0 == "old" || $0 == "new" })
        #expect(texts.contains("old") && texts.contains("new"))
    }

    @Test("and without a fault changes all of it and leaves nothing behind")
    func succeeds() throws {
        try workspace.files(access).commit(changes)
        #expect(workspace.text("replaced.txt") == "new")
        #expect(workspace.text("deep/er/created.txt") == "new")
        #expect(try workspace.names() == ["deep", "replaced.txt"])
        #expect(try workspace.names(in: "deep/er") == ["created.txt"])
    }

    @Test("a full disk changes nothing and says so")
    func fullDisk() throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let huge = FileChange(path: changes[0].path, deed: .write([]), base: .anything)
        let files = workspace.files(access) { step in
            if step == .staged(0) { throw FileFailure.noSpace(huge.path) }
        }
        #expect(failure { try files.commit([huge]) } == "no_space")
        #expect(workspace.text("replaced.txt") == "old")
    }
}
