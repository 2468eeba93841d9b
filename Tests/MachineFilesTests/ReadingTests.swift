import Foundation
import Glibc
import Surroundings
import Machine
import Testing
import ToolKit

@Suite(
    "A read", .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct ReadingTests {
    let workspace: Workspace

    init() throws { workspace = try Workspace() }

    @Test("R1: answers the file's bytes and facts")
    func reads() throws {
        try workspace.put("a/b.txt", "hello", mode: 0o640)
        let path = try WorkspacePath("a/b.txt")
        let slice = try workspace.files(.read(path)).read(path, offset: 1, limit: 3)
        #expect(String(decoding: slice.bytes, as: UTF8.self) == "ell")
        #expect(slice.isTruncated)
        #expect(slice.facts.size == 5)
        #expect(slice.facts.mode == 0o640)
    }

    @Test("beyond the end answers nothing")
    func beyondEnd() throws {
        try workspace.put("a.txt", "hello")
        let path = try WorkspacePath("a.txt")
        let slice = try workspace.files(.read(path)).read(path, offset: 99, limit: 3)
        #expect(slice.bytes.isEmpty)
        #expect(!slice.isTruncated)
    }

    @Test("of what was not granted is refused")
    func notGranted() throws {
        try workspace.put("a.txt")
        try workspace.put("b.txt")
        let files = workspace.files(.read(try WorkspacePath("a.txt")))
        #expect(failure { _ = try files.read(WorkspacePath("b.txt"), offset: 0, limit: 9) } == "policy_blocked")
        #expect(failure { _ = try files.read(WorkspacePath("a.txt"), offset: 0, limit: 9) } == nil)
    }

    @Test(
        "R2: no spelling reaches outside",
        arguments: [
            "../outside/secret.txt", "a/../../outside/secret.txt", "../ws-evil/secret.txt", "/etc/hostname",
            "~/secret.txt", "~root/secret.txt", "$HOME/secret.txt", "file:///etc/hostname", "a\0.txt",
            "%2e%2e/outside/secret.txt", "\u{FF0E}\u{FF0E}/outside/secret.txt", "..\\outside\\secret.txt",
            "/proc/self/root/etc/hostname", "....//outside/secret.txt",
        ])
    func spellings(name: String) throws {
        try workspace.put("a/inside.txt")
        let outcome = Result { try workspace.read(name) }
        #expect(throws: (any Error).self) { try outcome.get() }
        #expect(try workspace.read("a/./../a/inside.txt") == "content\n")
    }

    @Test("R2: an absolute path is read only when it lies inside the root, not beside it")
    func sibling() throws {
        try workspace.put("a.txt")
        let roots = workspace.root.spellings
        #expect(throws: WorkspacePathError.outside) {
            try WorkspacePath("\(workspace.path)-evil/secret.txt", roots: roots)
        }
        #expect(try WorkspacePath("\(workspace.path)/a.txt", roots: roots).description == "a.txt")
    }

    @Test("R3: of what is no regular file fails at once", .timeLimit(.minutes(1)))
    func specials() throws {
        try workspace.put("folder/x")
        mkfifo(workspace.path + "/fifo", 0o644)
        let listening = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listening) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let socketPath = "/tmp/files-\(UInt32.random(in: 0 ... .max)).sock"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        rename(socketPath, workspace.path + "/socket")
        _ = mknod(workspace.path + "/device", S_IFCHR | 0o644, 0x0103)
        let start = ContinuousClock.now
        for name in ["folder", "fifo", "socket"] + (getuid() == 0 ? ["device"] : []) {
            #expect(failure { _ = try workspace.read(name) } == "not_a_regular_file", "\(name)")
            #expect(failure { try workspace.write(name, "x") } == "not_a_regular_file", "\(name)")
        }
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(try workspace.read("folder/x") == "content\n")
    }

    @Test("R8: of a sparse file of 1 GiB costs no more memory than its limit")
    func sparse() throws {
        try workspace.put("sparse", "")
        truncate(workspace.path + "/sparse", 1 << 30)
        let before = Self.peakKilobytes()
        let path = try WorkspacePath("sparse")
        let slice = try workspace.files(.read(path)).read(path, offset: 0, limit: 1_048_576)
        #expect(slice.bytes.count == 1_048_576)
        #expect(slice.isTruncated)
        #expect(Self.peakKilobytes() - before < 200_000)
    }

    private static func peakKilobytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss
    }

    @Test("of a missing file, or of one below a file, says so")
    func missing() throws {
        try workspace.put("a.txt")
        #expect(failure { _ = try workspace.read("missing") } == "not_found")
        #expect(failure { _ = try workspace.read("a.txt/b") } == "not_a_folder")
    }

    @Test("R65: of the masked folder is refused, also through a link")
    func masked() throws {
        try workspace.put("home/audit.jsonl", "secret")
        try workspace.put("other.txt")
        try workspace.link("way", to: "home/audit.jsonl")
        let masked = [try WorkspacePath("home")]
        for name in ["home/audit.jsonl", "way"] {
            let path = try WorkspacePath(name)
            let files = workspace.files(Access(places: [.init(path, .read), .init(path, .write)]), masked: masked)
            #expect(failure { _ = try files.read(path, offset: 0, limit: 99) } != nil)
            #expect(failure { try files.commit([FileChange(path: path, deed: .write([1]), base: .anything)]) } != nil)
        }
        #expect(workspace.text("home/audit.jsonl") == "secret")
        let other = try WorkspacePath("other.txt")
        #expect(
            failure { _ = try workspace.files(.read(other), masked: masked).read(other, offset: 0, limit: 9) } == nil)
    }
}
