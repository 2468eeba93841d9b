import Foundation
import Testing
import ToolKit

@Suite(
    "What reaches the disk, and when",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(10)))
struct DiskTests {
    /// `strace` sees the system calls; the page cache that `kill -9` never loses cannot hide their order.
    @Test("R60: the intent is synced before the change, the outcome before the answer")
    func order() async throws {
        let playground = try Playground()
        let trace = playground.folder + "/trace"
        let daemon = try await Daemon(
            in: playground,
            under: [
                "/usr/bin/strace", "-D", "-f", "-y", "-s", "4096", "-o", trace, "-e",
                "trace=write,writev,pwrite64,sendmsg,fdatasync,fsync,rename,renameat,renameat2",
            ])
        try await daemon.enable("filesystem_write")
        let reply = try await daemon.run(
            "filesystem_write", ["path": "changed.txt", "content": "marker-of-the-change"])
        let id = try #require(reply.json["audit_id"]?.stringValue)
        await daemon.stop()
        let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
        let log = "tools_audit.jsonl"
        func first(after start: Int = 0, _ matches: (Substring) -> Bool) -> Int? {
            lines.indices.dropFirst(start).first { matches(lines[$0]) }
        }
        func isWrite(_ line: Substring) -> Bool { line.contains("write") && line.contains(log) && line.contains(id) }
        func isSync(_ line: Substring) -> Bool {
            if line.contains("fdatasync"), line.contains(log), line.contains("= 0") { return true }
            // On a busy machine strace tells it in two lines, and only the first names the file.
            guard line.contains("fdatasync resumed"), line.contains("= 0") else { return false }
            let thread = line.prefix { $0.isNumber }
            return lines.contains { $0.hasPrefix(thread) && $0.contains("fdatasync(") && $0.contains(log) }
        }
        let intent = try #require(first { isWrite($0) && $0.contains("\\\"kind\\\":\\\"intent\\\"") })
        let intentSync = try #require(first(after: intent, isSync))
        let rename = try #require(first { $0.contains("rename") && $0.contains("changed.txt") })
        let outcome = try #require(first { isWrite($0) && $0.contains("\\\"kind\\\":\\\"outcome\\\"") })
        let outcomeSync = try #require(first(after: outcome, isSync))
        let answer = try #require(
            first {
                ($0.contains("write") || $0.contains("sendmsg")) && $0.contains(id)
                    && ($0.contains("<TCP:") || $0.contains("<socket:"))
            })
        #expect(intentSync < rename, "the change came before its intent was on disk")
        #expect(outcomeSync < answer, "the answer left before its outcome was on disk")
        let content = try #require(
            first { $0.contains("write") && $0.contains("marker-of-the-change") && !$0.contains(log) })
        let contentSync = try #require(
            first(after: content) { $0.contains("sync") && $0.contains("= 0") && !$0.contains(log) })
        #expect(contentSync < rename, "the file was put in place before its content was on disk")
    }

    @Test(
        "R60: a full disk refuses calls, runs nothing, tears no record, and passes again once there is space",
        .enabled("only root may mount the small disk that this test fills") { try await SmallDisk.canBeMounted() })
    func fullDisk() async throws {
        let playground = try Playground()
        let disk = playground.home
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        try #require(try await SmallDisk.mount(at: disk))
        defer { SmallDisk.unmount(disk) }
        let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("filesystem_write")
        #expect(try await daemon.run("filesystem_write", ["path": "a.txt", "content": "1"]).json["success"] == true)
        let ballast = disk + "/ballast"
        _ = try await Program.run("/usr/bin/dd", ["if=/dev/zero", "of=\(ballast)", "bs=64k"])
        var refused: Daemon.Reply?
        for _ in 0..<4_000 {
            let reply = try await daemon.run("filesystem_write", ["path": "a.txt", "content": "2"])
            #expect(reply.status == 200)
            if reply.code == "audit_unavailable" {
                refused = reply
                break
            }
        }
        #expect(refused != nil, "the disk never counted as full")
        try playground.write("untouched", to: "workspace/a.txt")
        let again = try await daemon.run("filesystem_write", ["path": "a.txt", "content": "3"])
        #expect(again.code == "audit_unavailable")
        #expect(try playground.read("workspace/a.txt") == "untouched", "a call that could not be recorded ran")
        #expect(try await daemon.configure(["max_steps_per_run": 9]).status == 503)
        try FileManager.default.removeItem(atPath: ballast)
        var passed = false
        for _ in 0..<50 where !passed {
            passed =
                try await daemon.run("filesystem_write", ["path": "a.txt", "content": "4"]).json["success"] == true
        }
        #expect(passed, "the daemon did not recover")
        #expect(await daemon.stop().status == 0)
        let verify = try await execlayer("audit", "verify", "--home", playground.home, in: playground)
        #expect(verify.status == 0, "\(verify.output)")
    }

    @Test("the CLI's smoke test passes against a running daemon, with and without a token")
    func smoke() async throws {
        let playground = try Playground()
        try playground.write("hello\n", to: "workspace/a.txt")
        let open = try await Daemon(in: playground)
        let plain = try await execlayer("smoke", "--base", open.base, in: playground)
        #expect(plain.status == 0, "\(plain.output)\(plain.errors)")
        await open.stop()
        let guarded = try await Daemon(in: playground, token: "an-operator-token")
        let full = try await execlayer("smoke", "--base", guarded.base, "--token", "an-operator-token", in: playground)
        #expect(full.status == 0, "\(full.output)\(full.errors)")
        await guarded.stop()
    }
}
