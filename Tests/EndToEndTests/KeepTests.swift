import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap.
@Suite(
    "A program that leaves files behind", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct KeepTests {
    static func with(
        token: String? = nil, _ body: (Playground, Daemon) async throws -> Void
    ) async throws {
        let playground = try await Playground.withScripts()
        try playground.write("of the workspace\n", to: "workspace/a.txt")
        let daemon = try await Daemon(
            in: playground, token: token, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("sandbox_worker_run")
        try await body(playground, daemon)
        await daemon.stop()
    }

    /// A Python program in the sandbox worker.
    static func run(
        _ script: String, keep: JSONValue? = nil, timeout: Int = 60, on daemon: Daemon, token: String?? = .none
    ) async throws -> Daemon.Reply {
        var arguments: [String: JSONValue] = [
            "command": ["pyrun", .string(script)], "timeout_sec": .integer(timeout),
        ]
        arguments["keep"] = keep
        return try await daemon.run("sandbox_worker_run", .object(arguments), token: token)
    }

    private func fetch(_ id: String, from daemon: Daemon, token: String?? = .none) async throws -> Daemon.Reply {
        try await daemon.send(.GET, "/api/v1/execution/artifacts/\(id)", token: token)
    }

    @Test("has those that were asked for listed, fetched by id and named in the record")
    func kept() async throws {
        try await Self.with { playground, daemon in
            let reply = try await Self.run(
                "import os; os.makedirs('out/in'); open('out/in/r.txt','w').write('report'); open('no','w').write('x')",
                keep: ["out/**"], on: daemon)
            #expect(reply.json["status"] == "ok", "\(reply.json)")
            let artifacts = reply.json["result"]?["artifacts"]?.arrayValue ?? []
            #expect(artifacts.map { $0["name"] } == ["out/in/r.txt"])
            #expect(reply.json["result"]?["not_kept"] == nil)
            let id = try #require(artifacts.first?["artifact_id"]?.stringValue)
            let auditID = try #require(reply.json["audit_id"]?.stringValue)
            let file = try await fetch(id, from: daemon)
            #expect(file.status == 200)
            #expect(file.bytes == Array("report".utf8))
            #expect(file.headers["content-type"] == "application/octet-stream")
            #expect(file.headers["content-disposition"] == "attachment; filename=\"r.txt\"")
            #expect(file.headers["x-content-type-options"] == "nosniff")
            #expect(file.headers["content-length"] == "6")
            #expect(file.headers["cache-control"] == "no-store")
            #expect(file.headers["content-security-policy"] == "default-src 'none'; sandbox")
            let listed = try await daemon.send(.GET, "/api/v1/execution/artifacts?audit_id=\(auditID)")
            #expect(listed.json["artifacts"]?.arrayValue?.map { $0["artifact_id"] } == [.string(id)])
            #expect(listed.json["artifacts"]?.arrayValue?.first?["audit_id"] == .string(auditID))
            let entry = try await daemon.send(.GET, "/api/v1/execution/audit/\(auditID)").json["entry"]
            #expect(
                entry?["artifacts"] == [
                    [
                        "artifact_id": .string(id), "size": 6, "sha256": artifacts[0]["sha256"] ?? .null,
                    ]
                ])
            let mode = try FileManager.default.attributesOfItem(atPath: playground.home + "/data/artifacts/" + id)
            #expect(mode[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("R50: has them saved by a bound cookie alone, by their ids, and listed beside its key only")
    func browser() async throws {
        let token = "an-operator-token"
        try await Self.with(token: token) { _, daemon in
            let reply = try await Self.run("open('r.txt','w').write('report')", keep: ["r.txt"], on: daemon)
            let id = try #require(reply.json["result"]?["artifacts"]?.arrayValue?.first?["artifact_id"]?.stringValue)
            let signed = try await daemon.send(
                .POST, "/api/v1/execution/token-cookie", ["token": .string(token), "bound": true], token: .some(nil))
            let cookie = try #require(signed.headers["set-cookie"]?.split(separator: ";").first)
            func get(_ path: String, _ headers: [String: String]) async throws -> Daemon.Reply {
                try await daemon.send(.GET, "/api/v1/execution/" + path, token: .some(nil), headers: headers)
            }
            let alone = ["Cookie": String(cookie)]
            #expect(try await get("artifacts/\(id)", alone).bytes == Array("report".utf8))
            #expect(try await get("artifacts/\(id)", [:]).status == 401)
            #expect(try await get("artifacts", alone).status == 401)
            let key = try #require(signed.json["session_key"]?.stringValue)
            #expect(try await get("artifacts", alone.merging(["X-Execution-Session": key]) { $1 }).status == 200)
        }
    }

    @Test("has nothing kept that was not asked for")
    func notAsked() async throws {
        try await Self.with { playground, daemon in
            let reply = try await Self.run("open('r.txt','w').write('x')", on: daemon)
            #expect(reply.json["result"]?["artifacts"] == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: playground.home + "/data/artifacts").isEmpty)
        }
    }

    @Test("R1: leads nobody out by links, pipes, giants and odd names, and is told what was left out")
    func hostile() async throws {
        try await Self.with { playground, daemon in
            let script = """
                import os
                open('good','w').write('good')
                os.symlink('/etc/passwd', 'link'); os.symlink('/etc', 'etc'); os.symlink('/proc/self/root', 'root')
                os.mkfifo('pipe'); os.mknod('sock', 0o140600)
                os.link('good', 'hard')
                os.truncate(os.open('giant', os.O_CREAT|os.O_WRONLY), 1 << 29)
                open('line\\nfeed','w'); open(b'\\xff\\xfe','w')
                os.makedirs('/'.join(['d'] * 40)); os.chmod('good', 0o600)
                """
            let reply = try await Self.run(script, keep: ["**"], on: daemon)
            let result = reply.json["result"]
            #expect(result?["returncode"] == 0, "\(reply.json)")
            #expect(result?["artifacts"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["good", "hard"])
            let reasons = Dictionary(
                (result?["not_kept"]?.arrayValue ?? []).map {
                    ($0["name"]?.stringValue ?? "", $0["reason"]?.stringValue ?? "")
                }, uniquingKeysWith: { first, _ in first })
            for name in ["link", "etc", "root"] { #expect(reasons[name]?.contains("link") == true) }
            for name in ["pipe", "sock"] { #expect(reasons[name]?.contains("FIFO") == true) }
            #expect(reasons["giant"] == "it is larger than 32 MiB")
            #expect(reasons["line\u{FFFD}feed"] == "its name holds control characters")
            #expect(reasons["\u{FFFD}\u{FFFD}"] == "its name is not UTF-8")
            #expect(try FileManager.default.contentsOfDirectory(atPath: playground.home + "/data/artifacts").count == 2)
        }
    }

    @Test("is held to what one call may keep")
    func bounds() async throws {
        try await Self.with { _, daemon in
            let reply = try await Self.run(
                "[open(f'f{i:03}','w').write('x') for i in range(100)]", keep: ["*"], on: daemon)
            #expect(reply.json["result"]?["artifacts"]?.arrayValue?.count == 64)
            let large = try await Self.run(
                "[open(f'f{i}','wb').write(bytes(30 << 20)) for i in range(3)]", keep: ["*"], on: daemon)
            #expect(large.json["result"]?["artifacts"]?.arrayValue?.count == 2, "\(large.json)")
            #expect(
                large.json["result"]?["not_kept"] == [["name": "f2", "reason": "a call keeps at most 64 MiB"]])
        }
    }

    @Test("keeps what there is when it is ended at a limit")
    func limit() async throws {
        try await Self.with { _, daemon in
            let reply = try await Self.run(
                "import time; open('partial','w').write('so far'); time.sleep(60)", keep: ["partial"], timeout: 1,
                on: daemon)
            #expect(reply.code == "timeout")
            #expect(reply.json["result"]?["artifacts"]?.arrayValue?.count == 1, "\(reply.json)")
        }
    }

    @Test("cannot reach its folder once it is over, and neither can the next one")
    func next() async throws {
        try await Self.with { _, daemon in
            let script = "import os; print(sorted(os.listdir('.')), sorted(os.listdir('/proc/self/fd')))"
            let first = try await Self.run("open('mine','w').write('x');" + script, keep: ["*"], on: daemon)
            // 3 is the listing itself: neither the folder's descriptor nor the line it was sent over.
            #expect(first.json["result"]?["stdout"] == "['.aws', 'mine'] ['0', '1', '2', '3']\n")
            let second = try await Self.run(script, on: daemon)
            #expect(second.json["result"]?["stdout"] == "['.aws'] ['0', '1', '2', '3']\n")
        }
    }

    @Test("a pattern that leads elsewhere refuses the call, and nothing runs", arguments: ["../x", "/etc/passwd", ""])
    func patterns(pattern: String) async throws {
        try await Self.with { _, daemon in
            let reply = try await Self.run("pass", keep: [.string(pattern)], on: daemon)
            #expect(reply.json["success"] == false)
            #expect(reply.json["result"] == .null)
        }
    }

    @Test("R66: an agent gets its own files only; others are as unknown to it as none")
    func roles() async throws {
        try await Self.with(token: "the-operators-token") { _, daemon in
            var tokens: [String: String] = [:]
            for (name, role) in [("ann", "agent"), ("ben", "agent"), ("vic", "viewer")] {
                let made = try await daemon.send(
                    .POST, "/api/v1/execution/tokens", ["name": .string(name), "role": .string(role)])
                tokens[name] = made.json["token"]?.stringValue
            }
            let reply = try await Self.run(
                "open('a','w').write('secret')", keep: ["a"], on: daemon, token: tokens["ann"])
            let id = try #require(
                reply.json["result"]?["artifacts"]?.arrayValue?.first?["artifact_id"]?.stringValue, "\(reply.json)")
            let auditID = try #require(reply.json["audit_id"]?.stringValue)
            let list = "/api/v1/execution/artifacts"
            for token in [tokens["ann"], tokens["vic"], "the-operators-token"] {
                #expect(try await fetch(id, from: daemon, token: token).bytes == Array("secret".utf8))
                #expect(try await daemon.send(.GET, list, token: token).json["count"] == 1)
                #expect(try await daemon.send(.GET, list + "?audit_id=\(auditID)", token: token).json["count"] == 1)
            }
            let foreign = try await fetch(id, from: daemon, token: tokens["ben"])
            #expect(foreign.status == 404)
            #expect(foreign.code == "unknown_artifact")
            let none = try await fetch("art_00000000000000000000000000000000", from: daemon, token: tokens["ben"])
            #expect(foreign.bytes == none.bytes)
            #expect(try await daemon.send(.GET, list, token: tokens["ben"]).json["count"] == 0)
            #expect(try await daemon.send(.GET, list + "?audit_id=\(auditID)", token: tokens["ben"]).status == 404)
            #expect(try await fetch(id, from: daemon, token: .some(nil)).status == 401)
            for path in ["..%2Fstate.sqlite", "ART", "%2e%2e", "a%00b"] {
                #expect(try await fetch(path, from: daemon).status == 404)
            }
        }
    }

    @Test("is an image only when its bytes are one, and never a page")
    func types() async throws {
        try await Self.with { _, daemon in
            let script = """
                import struct
                open('a.png','wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + struct.pack('>I', 13) + b'IHDR' + bytes(20))
                open('fake.png','w').write('<script>alert(1)</script>')
                open('page.html','w').write('<script>alert(1)</script>')
                """
            let reply = try await Self.run(script, keep: ["*"], on: daemon)
            for artifact in reply.json["result"]?["artifacts"]?.arrayValue ?? [] {
                let file = try await fetch(artifact["artifact_id"]?.stringValue ?? "", from: daemon)
                let isImage = artifact["name"] == "a.png"
                #expect(file.headers["content-type"] == (isImage ? "image/png" : "application/octet-stream"))
                #expect(file.headers["content-disposition"]?.hasPrefix("attachment;") == true)
                #expect(file.headers["x-content-type-options"] == "nosniff")
            }
            #expect(reply.json["result"]?["artifacts"]?.arrayValue?.count == 3)
        }
    }

    @Test("a large one arrives whole; its head alone has its length and no body")
    func large() async throws {
        try await Self.with { _, daemon in
            let reply = try await Self.run(
                "open('big','wb').write(bytes(range(256)) * (31 << 12))", keep: ["big"], on: daemon)
            let artifact = try #require(reply.json["result"]?["artifacts"]?.arrayValue?.first)
            let id = artifact["artifact_id"]?.stringValue ?? ""
            let file = try await fetch(id, from: daemon)
            #expect(file.bytes.count == 31 << 20)
            #expect(file.headers["etag"] == artifact["sha256"]?.stringValue.map { "\"\($0)\"" })
            let head = try await daemon.send(.HEAD, "/api/v1/execution/artifacts/\(id)")
            #expect(head.headers["content-length"] == String(31 << 20))
            #expect(head.bytes.isEmpty)
        }
    }

    @Test("the command line lists and saves them, and overwrites nothing")
    func commandLine() async throws {
        try await Self.with { playground, daemon in
            let reply = try await Self.run("open('r.txt','w').write('report')", keep: ["r.txt"], on: daemon)
            let id = try #require(
                reply.json["result"]?["artifacts"]?.arrayValue?.first?["artifact_id"]?.stringValue)
            let list = try await execlayer("artifacts", "list", "--base", daemon.base, in: playground)
            #expect(list.output.contains(id) && list.output.contains("r.txt"))
            let piped = try await execlayer("artifacts", "get", id, "--base", daemon.base, in: playground)
            #expect(piped.output == "report")
            for expected: Int32 in [0, 1] {
                let saved = try await execlayer(
                    "artifacts", "get", id, "--save", "saved.txt", "--base", daemon.base, in: playground)
                #expect(saved.status == expected, "\(saved.errors)")
            }
            #expect(try playground.read("workspace/saved.txt") == "report")
            let unknown = try await execlayer("artifacts", "get", "art_0", "--base", daemon.base, in: playground)
            #expect(unknown.status == 2 && unknown.output.isEmpty)
        }
    }

    @Test("a dry run says what would be kept and keeps nothing")
    func dryRun() async throws {
        try await Self.with { playground, daemon in
            let reply = try await daemon.run(
                "sandbox_worker_run", ["command": ["pyrun", "pass"], "keep": ["a", "b/*"]], ["dry_run": true])
            #expect(reply.json["result"]?["plan"]?["keep"] == ["a", "b/*"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: playground.home + "/data/artifacts").isEmpty)
        }
    }

    @Test(
        "R60: a disk without room runs the program, keeps nothing and says so",
        .enabled("only root may mount the small disk") { try await SmallDisk.canBeMounted() })
    func smallDisk() async throws {
        let playground = try await Playground.withScripts()
        try FileManager.default.createDirectory(atPath: playground.home, withIntermediateDirectories: true)
        try #require(try await SmallDisk.mount(at: playground.home))
        defer { SmallDisk.unmount(playground.home) }
        try playground.writeScriptPolicy()
        let daemon = try await Daemon(in: playground)
        try await daemon.enable("sandbox_worker_run")
        let reply = try await Self.run("open('a','w').write('x'); print('ran')", keep: ["a"], on: daemon)
        #expect(reply.json["result"]?["stdout"] == "ran\n")
        #expect(reply.json["result"]?["artifacts"] == [])
        #expect(
            reply.json["result"]?["not_kept"] == [
                ["name": "a", "reason": "the disk of the home folder is nearly full"]
            ])
        await daemon.stop()
    }

    @Test("R71: a daemon that is killed at any moment has afterwards what it told of, and nothing else")
    func killed() async throws {
        let playground = try await Playground.withScripts()
        var seed = Seed(for: "kill -9 while files are kept")
        var told: [String: String] = [:]
        for round in 0..<Rounds.count(50) {
            let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
            try await daemon.enable("sandbox_worker_run")
            for (id, sha256) in told {
                let file = try await fetch(id, from: daemon)
                #expect(file.status == 200, "round \(round): \(id) is gone")
                #expect(file.headers["etag"] == "\"\(sha256)\"")
            }
            let listed = try await daemon.send(.GET, "/api/v1/execution/artifacts?limit=1000")
            let ids = Set(listed.json["artifacts"]?.arrayValue?.compactMap { $0["artifact_id"]?.stringValue } ?? [])
            let files = Set(try FileManager.default.contentsOfDirectory(atPath: playground.home + "/data/artifacts"))
            #expect(files == ids, "round \(round): files and records differ")
            // Not before one call was answered, however busy the machine is; later ones are on their way.
            let life = Duration.milliseconds(Int.random(in: 0...500, using: &seed))
            var killing: Task<Void, Never>?
            while let reply = try? await Self.run(
                "[open(f'f{i}','wb').write(bytes(100000)) for i in range(8)]", keep: ["*"], on: daemon)
            {
                for artifact in reply.json["result"]?["artifacts"]?.arrayValue ?? [] {
                    told[artifact["artifact_id"]?.stringValue ?? ""] = artifact["sha256"]?.stringValue
                }
                if killing == nil {
                    killing = Task {
                        try? await Task.sleep(for: life)
                        await daemon.kill()
                    }
                }
            }
            await killing?.value
        }
        #expect(!told.isEmpty)
        print("kill -9 while files are kept: \(told.count) files told of")
    }
}
