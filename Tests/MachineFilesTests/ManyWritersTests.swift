import Foundation
import Surroundings
import Machine
import Synchronization
import Testing
import ToolKit

@Suite(
    "Many plain writes of one file at once",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct ManyWritersTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Content of one writer, of a length of its own.
    private static func text(_ number: Int) -> String {
        String(repeating: Character(UnicodeScalar(UInt8(97 + number % 26))), count: 20_000 + number)
    }

    private final class Seen: Sendable {
        let failures = Mutex<[String]>([])
        let codes = Mutex<[String?]>([])
        let torn = Mutex(0)
        let reads = Mutex(0)
    }

    /// Each on a thread of its own.
    private static func together(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let group = DispatchGroup()
        for number in 0..<count {
            group.enter()
            Thread.detachNewThread {
                body(number)
                group.leave()
            }
        }
        group.wait()
    }

    @Test("all succeed, the file is that of one of them, and readers never see a torn one", arguments: [true, false])
    func allSucceed(exists: Bool) throws {
        if exists { try workspace.put("a.txt", Self.text(0)) }
        let seen = Seen()
        let workspace = workspace
        Self.together(400) { number in
            if number.isMultiple(of: 2) {
                if let code = failure({ try workspace.write("a.txt", Self.text(number)) }) {
                    seen.failures.withLock { $0.append(code) }
                }
            } else if let text = try? workspace.read("a.txt") {
                seen.reads.withLock { $0 += 1 }
                if text.utf8.count < 20_000 || Set(text.utf8).count != 1 { seen.torn.withLock { $0 += 1 } }
            }
        }
        #expect(seen.failures.withLock { $0 } == [])
        #expect(seen.torn.withLock { $0 } == 0 && seen.reads.withLock { $0 } > 0)
        let last = try #require(workspace.text("a.txt"))
        #expect(Self.text(last.utf8.count - 20_000) == last)
        #expect(try workspace.names() == ["a.txt"])
    }

    @Test("succeeds although another one comes between each time")
    func alwaysSomebody() throws {
        try workspace.put("a.txt", "old")
        let path = try WorkspacePath("a.txt")
        let files = workspace.files(.write(path)) { step in
            if step == .staged(0) { try workspace.write("a.txt", "another one's") }
        }
        try files.commit([FileChange(path: path, deed: .write(Array("last".utf8)), base: .anything)])
        #expect(workspace.text("a.txt") == "last")
        #expect(try workspace.names() == ["a.txt"])
    }

    @Test("but of those that name the base, only one succeeds")
    func oneOfThem() throws {
        try workspace.put("a.txt", "old")
        let path = try WorkspacePath("a.txt")
        let identity = try #require(try workspace.files(.read(path)).facts(of: path)).identity
        let seen = Seen()
        let workspace = workspace
        Self.together(50) { number in
            let code = failure { try workspace.write("a.txt", "\(number)", base: .exactly(identity)) }
            seen.codes.withLock { $0.append(code) }
        }
        let all = seen.codes.withLock { $0 }
        #expect(all.count { $0 == nil } == 1)
        #expect(all.allSatisfy { $0 == nil || $0 == "conflict" })
        #expect(try workspace.names() == ["a.txt"])
    }

    @Test("keeps the mode that somebody sets in between")
    func mode() throws {
        try workspace.put("a.sh", "old", mode: 0o644)
        let path = try WorkspacePath("a.sh")
        let isFirst = Mutex(true)
        let files = workspace.files(.write(path)) { step in
            guard step == .staged(0),
                isFirst.withLock({ first in
                    defer { first = false }; return first
                })
            else { return }
            try workspace.put("a.sh", "theirs", mode: 0o755)
        }
        try files.commit([FileChange(path: path, deed: .write(Array("last".utf8)), base: .anything)])
        #expect(workspace.text("a.sh") == "last" && workspace.status("a.sh").st_mode & 0o777 == 0o755)
    }
}
