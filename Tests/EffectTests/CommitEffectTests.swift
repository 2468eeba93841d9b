import Foundation
import Glibc
import Machine
import Surroundings
import Testing
import ToolKit

private struct EverythingAllowed: PathRules {
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
}

/// Changes of every kind that a file tool can make at once.
private struct Patch {
    let ground: Ground
    let changes: [FileChange]
    let access: Access

    init(on ground: Ground) throws {
        self.ground = ground
        try ground.put("replaced.txt", "old")
        try ground.put("deleted.txt", "going", mode: 0o600)
        try ground.put("tool.sh", "#!", mode: 0o644)
        try ground.put("moved.txt", "moves", mode: 0o640)
        try ground.put("full/of/it.txt", "it")
        try ground.put("plain", "a file")
        changes = [
            FileChange(path: try WorkspacePath("replaced.txt"), deed: .write(bytes("new")), base: .anything),
            FileChange(
                path: try WorkspacePath("deep/er/created.txt"), deed: .write(bytes("made")), base: .absent,
                createsParents: true),
            FileChange(path: try WorkspacePath("deleted.txt"), deed: .delete, base: .anything),
            FileChange(
                path: try WorkspacePath("tool.sh"), deed: .write(bytes("#!")), mode: .executable(true), base: .anything),
            FileChange(
                path: try WorkspacePath("deep/there.txt"), deed: .write(bytes("moves")),
                mode: .like(try WorkspacePath("moved.txt"), executable: nil), base: .absent, createsParents: true),
            FileChange(path: try WorkspacePath("moved.txt"), deed: .delete, base: .anything),
            FileChange(path: try WorkspacePath("full/of/it.txt"), deed: .delete, base: .anything),
            FileChange(path: try WorkspacePath("full"), deed: .write(bytes("no folder now")), base: .absent),
            FileChange(path: try WorkspacePath("plain"), deed: .delete, base: .anything),
            FileChange(
                path: try WorkspacePath("plain/in/side.txt"), deed: .write(bytes("inside")), base: .absent,
                createsParents: true),
        ]
        access = Access(places: changes.map { .init($0.path, .write) })
    }

    func files(
        _ mode: CallEffects.Mode, _ effects: CallEffects? = nil, contents: (any EffectContents)? = nil,
        isJournalled: Bool = true, faults: @escaping CommitFaults = { _ in }
    ) throws -> BeneathFiles {
        BeneathFiles(
            root: ground.root, access: access, rules: EverythingAllowed(), effects: effects ?? CallEffects(mode),
            contents: contents ?? ground.store,
            journal: isJournalled ? CommitJournal(try ground.applier(), call: "patch") : nil, faults: faults)
    }
}

@Suite(
    "A file tool that tells what it does",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct CommitEffectTests {
    let ground: Ground
    private let patch: Patch

    init() throws {
        ground = try Ground()
        patch = try Patch(on: ground)
    }

    @Test("notes an effect whose inverse takes all of it back, and which puts it there again")
    func undone() throws {
        let before = ground.tree
        let effects = CallEffects(.run)
        try patch.files(.run, effects).commit(patch.changes)
        let after = ground.tree
        let account = effects.current
        #expect(account.undoProblem == nil)
        #expect(
            account.effect.files.map(\.path.shown).sorted() == [
                "deep/er/created.txt", "deep/there.txt", "deleted.txt", "full", "full/of/it.txt", "moved.txt", "plain",
                "plain/in/side.txt", "replaced.txt", "tool.sh",
            ])
        #expect(
            account.effect.folders.map(\.path.shown) == ["deep", "deep/er", "full", "full/of", "plain", "plain/in"])
        let touched = Set(account.effect.files.map(\.path.bytes))
        try ground.applier().apply(account.effect.inverse, id: "undo", keepsBefore: true)
        #expect(ground.tree.withoutTimes(of: touched) == before.withoutTimes(of: touched))
        try ground.applier().apply(account.effect, id: "redo", keepsBefore: true)
        #expect(ground.tree.withoutTimes(of: touched) == after.withoutTimes(of: touched))
        #expect(ground.remains == [])
    }

    @Test("in a preview changes nothing, and forecasts what it would do: applied, it is the same")
    func preview() throws {
        let before = ground.tree
        let preview = CallEffects(.preview)
        try patch.files(.preview, preview).commit(patch.changes)
        #expect(ground.tree == before && ground.remains == [])
        let forecast = preview.current.effect
        try ground.applier().apply(forecast, id: "apply", keepsBefore: true)
        let applied = ground.tree
        try ground.applier().apply(forecast.inverse, id: "undo", keepsBefore: true)
        let run = CallEffects(.run)
        try patch.files(.run, run).commit(patch.changes)
        #expect(run.current.effect == forecast && run.current.effect.digest == forecast.digest)
        let touched = Set(forecast.files.map(\.path.bytes))
        #expect(ground.tree.withoutTimes(of: touched) == applied.withoutTimes(of: touched))
    }

    @Test("in a preview is refused for what it would be refused for")
    func previewRefused() throws {
        let path = try WorkspacePath("replaced.txt")
        let files = try patch.files(.preview)
        #expect(code { try files.commit([FileChange(path: path, deed: .write([]), base: .absent)]) } == "conflict")
    }

    @Test("stands when what it changed cannot be kept, and says that it cannot be undone")
    func notKept() throws {
        let text = (0..<5_000).map { "\($0 &* 2_654_435_761) " }.joined()
        try ground.put("replaced.txt", text)
        let small = try ContentStore(
            folder: ground.base + "/contents", limits: ContentStore.Limits(totalBytes: ground.store.usage.bytes + 100))
        let effects = CallEffects(.run)
        let change = FileChange(path: try WorkspacePath("replaced.txt"), deed: .write(bytes("new")), base: .anything)
        try patch.files(.run, effects, contents: small).commit([change])
        #expect(ground.text("replaced.txt") == "new")
        #expect(effects.current.undoProblem?.isEmpty == false)
        #expect(effects.current.effect.files.first?.before?.sha256 == Hashing.sha256(bytes(text)))
        #expect(ground.remains == [])
    }

    @Test("notes nothing of a commit that failed")
    func failed() throws {
        struct Fault: Error {}
        let before = ground.tree
        let effects = CallEffects(.run)
        let files = try patch.files(.run, effects) { if $0 == .synced { throw Fault() } }
        #expect(throws: Fault.self) { try files.commit(patch.changes) }
        #expect(effects.current.effect.isEmpty)
        #expect(ground.tree == before && ground.remains == [])
    }
}

@Suite(
    "A patch that is cut by a kill",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"), .serialized)
struct CutPatchTests {
    enum Child {
        static func patch(at base: String, dyingAt step: Int) throws {
            let ground = try Ground(at: base)
            let count = Numbers()
            let files = try Patch(on: ground).files(.run) { _ in
                if count.next() == step { kill(getpid(), SIGKILL) }
            }
            try files.commit(Patch(on: ground).changes)
        }
    }

    @Test("R4: leaves none of several files changed, once the next daemon has started", arguments: 0..<9)
    func takenBack(part: Int) async throws {
        let ground = try Ground()
        _ = try Patch(on: ground)
        let before = ground.tree.withoutTimes(of: Set(ground.tree.entries.keys))
        let base = ground.base
        for step in stride(from: part, to: 25, by: 9) {
            await #expect(processExitsWith: .signal(SIGKILL)) { [base = base as String, step = step as Int] in
                try Child.patch(at: base, dyingAt: step)
            }
            let recovery = try ground.applier().recover()
            #expect(recovery.calls.map(\.id) == ["patch"])
            #expect(recovery.calls.allSatisfy { $0.end == .takenBack && $0.left == [] && $0.kept == [] })
            let tree = ground.tree.withoutTimes(of: Set(ground.tree.entries.keys))
            #expect(tree == before, "step \(step): \(tree.differences(from: before))")
            #expect(ground.remains == [], "step \(step)")
        }
    }
}
