import CPlatform
import Foundation
import Glibc
import Surroundings
import Machine
import Synchronization
import Testing
import ToolKit

/// Somebody swaps a file or folder of the workspace for a link to outside, all the time.
@Suite(
    "A race between links and file tools",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"), .serialized)
struct RaceTests {
    static let rounds = ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1" ? 20_000 : 2_000

    /// Runs `body` for every round while a thread calls `swap` in a loop.
    private func race(
        rounds: Int = RaceTests.rounds, _ swap: @escaping @Sendable () -> Void, _ body: () throws -> Void
    ) rethrows {
        let flag = Flag()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while !flag.isSet { swap() }
            done.signal()
        }
        defer {
            flag.set()
            done.wait()
        }
        for _ in 0..<rounds { try body() }
    }

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { value.load(ordering: .relaxed) }
        func set() { value.store(true, ordering: .relaxed) }
    }

    /// Puts a link to `target` in the place of the real thing and back, each time in one step.
    private static func swapper(_ name: String, in workspace: Workspace, target: String) -> @Sendable () -> Void {
        symlink(target, workspace.path + "/swapped")
        let folder = open(workspace.path, O_RDONLY | O_DIRECTORY)
        let owner = FileHandle(fileDescriptor: folder, closeOnDealloc: true)
        return { _ = cp_exchange_in(owner.fileDescriptor, name, "swapped") }
    }

    @Test("R1: never reads outside content, and reads the inside one")
    func fileReads() throws {
        let workspace = try Workspace()
        try workspace.put("a.txt", "inside\n")
        let swap = Self.swapper("a.txt", in: workspace, target: "../outside/secret.txt")
        var inside = 0
        race(swap) {
            let text = try? workspace.read("a.txt")
            #expect(text == nil || text == "inside\n")
            if text != nil { inside += 1 }
        }
        #expect(inside > 0)
    }

    @Test("R1: never reads through a folder that becomes a link")
    func folderReads() throws {
        let workspace = try Workspace()
        try workspace.put("d/secret.txt", "inside\n")
        let swap = Self.swapper("d", in: workspace, target: workspace.outside)
        var inside = 0
        race(swap) {
            let text = try? workspace.read("d/secret.txt")
            #expect(text == nil || text == "inside\n")
            if text != nil { inside += 1 }
        }
        #expect(inside > 0)
    }

    @Test("R4: never writes to a file outside that a link leads to")
    func fileWrites() throws {
        let workspace = try Workspace()
        try workspace.put("a.txt", "inside\n")
        let swap = Self.swapper("a.txt", in: workspace, target: "../outside/secret.txt")
        var written = 0
        race(swap) { if (try? workspace.write("a.txt", "written\n")) != nil { written += 1 } }
        #expect(Workspace.text(at: workspace.outside + "/secret.txt") == "outside secret\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.outside) == ["secret.txt"])
        #expect(written > 0)
        #expect(try workspace.names().filter { $0.hasPrefix(".execlayer") } == [])
    }

    @Test("R4: never writes into a folder outside that a link leads to")
    func folderWrites() throws {
        let workspace = try Workspace()
        try workspace.put("d/secret.txt", "inside\n")
        let swap = Self.swapper("d", in: workspace, target: workspace.outside)
        var written = 0
        race(swap) {
            if (try? workspace.write("d/secret.txt", "written\n")) != nil { written += 1 }
            _ = try? workspace.write("d/new/x.txt", "written\n", createsParents: true)
        }
        #expect(Workspace.text(at: workspace.outside + "/secret.txt") == "outside secret\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: workspace.outside) == ["secret.txt"])
        #expect(written > 0)
    }

    @Test("R8: a walk never leaves through a folder that becomes a link")
    func walks() throws {
        let workspace = try Workspace()
        try workspace.put("d/inside.txt", "inside\n")
        let swap = Self.swapper("d", in: workspace, target: workspace.outside)
        let files = workspace.files(.search(.root))
        var seen: Set<String> = []
        try race(swap) {
            _ = try files.walk(.root, limits: WalkLimits(entries: 100, deadline: .now + .seconds(9))) { entry in
                seen.insert(entry.path.description)
                return .goOn
            }
        }
        #expect(!seen.contains { $0.hasSuffix("secret.txt") })
        #expect(seen.contains { $0.hasSuffix("inside.txt") })
    }

    @Test("a reader beside writers always sees one whole content")
    func wholeContents() throws {
        let workspace = try Workspace()
        try workspace.put("a.txt", String(repeating: "a", count: 50_000))
        let letters = Mutex<[String]>(["a", "b", "c"])
        let swap: @Sendable () -> Void = {
            let letter = letters.withLock { list -> String in
                list.append(list.removeFirst())
                return list[0]
            }
            try? workspace.write("a.txt", String(repeating: letter, count: 50_000))
        }
        race(rounds: Self.rounds / 10, swap) {
            guard let text = try? workspace.read("a.txt") else { return }
            #expect(text.utf8.count == 50_000 && Set(text.utf8).count == 1)
        }
    }
}
