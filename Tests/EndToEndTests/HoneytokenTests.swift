import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap, an agent and another one.
@Suite(
    "A program that finds planted credentials", .serialized, .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(5)))
struct HoneytokenTests {
    private static let token = "an-operator-token-of-a-test"

    private struct Scene {
        let playground: Playground
        let daemon: Daemon
        let mole: String
        let bystander: String

        func run(_ script: String, as agent: String, keep: JSONValue? = nil) async throws -> JSONValue {
            try await KeepTests.run(script, keep: keep, on: daemon, token: agent).json
        }

        func incidents() async throws -> [JSONValue] {
            let items = try await daemon.send(.GET, "/api/v1/execution/approvals").json["approvals"]?.arrayValue ?? []
            return items.filter { $0["request_type"] == "incident" }
        }

        func decide(_ isApproved: Bool) async throws -> Daemon.Reply {
            let id = try #require(try await incidents().first?["approval_request_id"]?.stringValue)
            return try await daemon.send(
                .POST, "/api/v1/execution/approvals/\(id)", ["approved": .bool(isApproved), "note": "a test"])
        }

        /// The values, from where the daemon keeps them.
        func values() throws -> [String] {
            let text = try String(contentsOfFile: playground.home + "/data/honeytokens/tokens.json", encoding: .utf8)
            let current = try JSONReader.read(text)["current"]
            return ["accessKey", "secretKey", "deployToken"].compactMap { current?[$0]?.stringValue }
        }

        var record: String {
            get throws { try String(contentsOfFile: playground.home + "/logs/tools_audit.jsonl", encoding: .utf8) }
        }
    }

    private func with(
        settings: JSONValue = [:], _ body: (Scene) async throws -> Void
    ) async throws {
        try await KeepTests.with(token: Self.token) { playground, daemon in
            #expect(try await daemon.configure(settings).status == 200)
            try await body(try await scene(playground, daemon))
        }
    }

    private func scene(_ playground: Playground, _ daemon: Daemon) async throws -> Scene {
        var tokens: [String] = []
        for name in ["mole", "bystander"] {
            let made = try await daemon.send(
                .POST, "/api/v1/execution/tokens", ["role": "agent", "name": .string(name)])
            tokens.append(try #require(made.json["token"]?.stringValue))
        }
        return Scene(playground: playground, daemon: daemon, mole: tokens[0], bystander: tokens[1])
    }

    private static let steal = "import os; print(open(os.path.expanduser('~/.aws/credentials')).read())"

    @Test("and prints them is paused with its caller, and with nobody else, over a restart, until a person decides")
    func printed() async throws {
        try await KeepTests.with(token: Self.token) { playground, daemon in
            let scene = try await scene(playground, daemon)
            let calm = try await scene.run("print('hello')", as: scene.mole)
            #expect(calm["result"]?["stdout"] == "hello\n" && calm["incident_id"] == nil)
            #expect(try await scene.incidents().isEmpty)
            let stolen = try await scene.run(Self.steal, as: scene.mole)
            let output = stolen["result"]?["stdout"]?.stringValue ?? ""
            #expect(output.contains("[production]") && output.contains("[redacted]"), "\(stolen)")
            let values = try scene.values()
            #expect(values.count == 3)
            let record = try scene.record
            for value in values { #expect(!output.contains(value) && !record.contains(value)) }
            let incident = try #require(try await scene.incidents().first)
            #expect(stolen["incident_id"] == incident["approval_request_id"])
            #expect(stolen["honeytoken_seen_in"] == ["output"])
            #expect(incident["principal"] == "mole" && incident["args"]?["seen_in"] == "output")
            #expect(try await scene.run("print('again')", as: scene.mole)["code"] == "agent_paused")
            #expect(try await scene.run("print('me too')", as: scene.bystander)["status"] == "ok")
            await daemon.kill()
            let second = try await Daemon(in: playground, token: Self.token)
            let next = Scene(playground: playground, daemon: second, mole: scene.mole, bystander: scene.bystander)
            #expect(try await next.run("print('again')", as: next.mole)["code"] == "agent_paused")
            #expect(try await next.run("print('me too')", as: next.bystander)["status"] == "ok")
            let decided = try await next.decide(true)
            #expect(decided.json["run_status"] == "done", "\(decided.json)")
            #expect(try await next.run("print('again')", as: next.mole)["result"]?["stdout"] == "again\n")
            #expect(try next.values() == values, "they stay the same over a restart")
            await second.stop()
        }
    }

    @Test("and prints them in another encoding, or in pieces, is paused as well; denying revokes the token")
    func encoded() async throws {
        try await with { scene in
            let scripts = [
                "import base64, os; print(base64.encodebytes(open(os.path.expanduser('~/.aws/credentials'),'rb').read()).decode())",
                "import os, sys, time\nfor c in open(os.path.expanduser('~/.aws/credentials')).read():\n sys.stderr.write(c); sys.stderr.flush()",
                "import os; print(os.environ['DEPLOY_API_TOKEN'])",
                "import os; print('x' * 3000000 + os.environ['DEPLOY_API_TOKEN'] + 'x' * 3000000)",
            ]
            for script in scripts {
                let answer = try await scene.run(script, as: scene.mole)
                #expect(answer["incident_id"] != nil, "\(script)")
                #expect(try await scene.run("print(1)", as: scene.mole)["code"] == "agent_paused", "\(script)")
                #expect(try await scene.decide(true).status == 200)
            }
            #expect(try await scene.run("print(1)", as: scene.mole)["status"] == "ok")
            _ = try await scene.run(Self.steal, as: scene.mole)
            #expect(try await scene.decide(false).status == 200)
            #expect(try await KeepTests.run("print(1)", on: scene.daemon, token: scene.mole).status == 401)
            #expect(try await scene.run("print(1)", as: scene.bystander)["status"] == "ok")
        }
    }

    @Test("among all of its environment is not: the listing goes out without the token")
    func environment() async throws {
        try await with { scene in
            let answer = try await scene.run("import os; print(dict(os.environ))", as: scene.mole)
            let output = answer["result"]?["stdout"]?.stringValue ?? ""
            #expect(output.contains("DEPLOY_API_TOKEN': '[redacted]'"), "\(output)")
            #expect(answer["printed_environment"] == true && answer["incident_id"] == nil)
            #expect(try await scene.run("print(1)", as: scene.mole)["status"] == "ok")
            #expect(try await scene.incidents().isEmpty)
        }
    }

    @Test("and keeps a file with one in it has it not kept, and is paused")
    func file() async throws {
        try await with { scene in
            let script =
                "import os; open('a.txt','w').write(os.environ['DEPLOY_API_TOKEN']); open('b.txt','w').write('b')"
            let answer = try await scene.run(script, as: scene.mole, keep: ["a.txt", "b.txt"])
            #expect(answer["result"]?["artifacts"]?.arrayValue?.map { $0["name"] } == ["b.txt"], "\(answer)")
            #expect(answer["honeytoken_seen_in"] == ["file"])
            #expect(try await scene.run("print(1)", as: scene.mole)["code"] == "agent_paused")
            // A listing of the environment is no incident, and is not handed out either.
            let listing = "import os; open('e.txt','w').write(str(dict(os.environ)))"
            let listed = try await scene.run(listing, as: scene.bystander, keep: ["e.txt"])
            #expect(listed["result"]?["artifacts"]?.arrayValue?.isEmpty != false, "\(listed)")
            #expect(listed["printed_environment"] == true && listed["incident_id"] == nil)
            // Into the workspace.
            let written = try await scene.daemon.run(
                "sandbox_worker_run", ["command": ["pyrun", .string(script)], "workspace": true], token: scene.bystander
            )
            #expect(written.json["honeytoken_seen_in"] == ["file"], "\(written.json)")
        }
    }

    @Test("whose caller sends one in an argument is paused; the record says so without it")
    func argument() async throws {
        try await with { scene in
            let values = try scene.values()
            let reply = try await scene.daemon.run(
                "filesystem_read", ["path": .string("notes/\(values[0]).txt")], token: scene.mole)
            #expect(reply.status == 200 && reply.code == "agent_paused", "\(reply.json)")
            let entry = try #require(try await scene.daemon.logs("limit=5&kind=call").first)
            #expect(entry["code"] == "agent_paused" && entry["principal"] == "mole")
            let record = try scene.record
            #expect(!record.contains(values[0]))
            let shown = try await execlayer(
                "approvals", in: scene.playground,
                environment: ["DAENA_BASE_URL": scene.daemon.base, "EXECUTION_TOKEN": Self.token])
            #expect(shown.output.contains("incident") && shown.output.contains("mole"), "\(shown.output)")
        }
    }

    @Test("finds others after a rotation, and those of before are recognised still")
    func rotated() async throws {
        try await KeepTests.with(token: Self.token) { playground, daemon in
            let scene = try await scene(playground, daemon)
            let old = try scene.values()
            await daemon.stop()
            let rotated = try await execlayer("honeytokens", "rotate", in: playground)
            #expect(rotated.status == 0, "\(rotated.errors)")
            #expect(try Set(scene.values()).isDisjoint(with: old))
            let second = try await Daemon(in: playground, token: Self.token)
            let next = Scene(playground: playground, daemon: second, mole: scene.mole, bystander: scene.bystander)
            #expect(try await next.run("print('\(old[1])')", as: next.mole)["code"] == "agent_paused")
            #expect(try await next.run(Self.steal, as: next.bystander)["incident_id"] != nil)
            await second.stop()
        }
    }

    @Test("finds nothing where they are switched off, and nothing is looked for")
    func switchedOff() async throws {
        try await with(settings: ["honeytokens": false]) { scene in
            let answer = try await scene.run(
                "import os; print(os.path.exists('.aws'), sorted(os.environ), os.listdir('.'))", as: scene.mole)
            #expect(answer["result"]?["stdout"] == "False ['HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR'] []\n", "\(answer)")
            #expect(try await scene.daemon.configure(["honeytokens": true]).status == 200)
            let planted = try await scene.run("import os; print(os.path.exists('.aws'))", as: scene.mole)
            #expect(planted["result"]?["stdout"] == "True\n")
        }
    }

    @Test("and tries to change them cannot; the daemon's own copy is for its user alone")
    func permissions() async throws {
        try await with { scene in
            let script = """
                import os
                for deed in [lambda: open('.aws/credentials','a'), lambda: os.remove('.aws/credentials'),
                             lambda: os.rename('.aws','x'), lambda: open('.aws/new','w')]:
                    try: deed(); print('done')
                    except OSError: print('refused')
                """
            let answer = try await scene.run(script, as: scene.mole)
            #expect(answer["result"]?["stdout"] == "refused\nrefused\nrefused\nrefused\n", "\(answer)")
            let file = scene.playground.home + "/data/honeytokens/tokens.json"
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }
}
