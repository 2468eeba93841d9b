import Testing
import ToolKit

@testable import execlayer

@Suite("A call when no daemon answers")
struct ReachTests {
    @Test("runs on the home, which is closed afterwards")
    func offline() async throws {
        let home = TwinHome()
        let run = try await CommandLineRun("run", "filesystem_read", "limit=5", home: home)
        #expect(run.status == .success)
        #expect(home.calls == [["tool_name": "filesystem_read", "args": ["limit": 5]]])
        #expect(home.closedTimes == 1)
    }

    @Test("does not run on the home when somebody named a daemon", arguments: [["--base", "http://127.0.0.1:1"], []])
    func named(flags: [String]) async throws {
        let home = TwinHome()
        let environment = flags.isEmpty ? ["DAENA_BASE_URL": "http://127.0.0.1:1"] : [:]
        let run =
            flags.isEmpty
            ? try await CommandLineRun("run", "x", home: home, environment: environment)
            : try await CommandLineRun("run", "x", flags[0], flags[1], home: home)
        #expect(run.status == .unreachable)
        #expect(home.calls.isEmpty)
    }

    @Test("speaks to the daemon when one answers")
    func online() async throws {
        let home = TwinHome()
        let door = TwinDoor.always(200, ["success": true, "status": "ok", "result": [:]])
        _ = try await CommandLineRun("run", "x", door: door, home: home)
        #expect(home.calls.isEmpty)
        #expect(door.requests.map(\.path) == ["/health", "/api/v1/execution/run"])
    }

    @Test("R35: asks who is there before it shows the token")
    func probe() async throws {
        let stranger = TwinDoor { _ in DaemonAnswer(status: 200, body: ["hello": "world"]) }
        let home = TwinHome()
        _ = try await CommandLineRun("run", "x", "--token", "t", door: stranger, home: home)
        #expect(stranger.requests == [.health])
        #expect(stranger.requests.allSatisfy { !$0.sendsToken })
        #expect(home.calls.count == 1)
    }

    @Test("uses the home although a daemon answers when told so")
    func insists() async throws {
        let home = TwinHome()
        let door = TwinDoor.always(200, ["success": true])
        _ = try await CommandLineRun("run", "x", "--offline", door: door, home: home)
        #expect(home.calls.count == 1)
        #expect(door.requests.isEmpty)
    }

    @Test("speaks to the daemon that holds the home")
    func held() async throws {
        let home = TwinHome(holder: HomeInUse(holder: "pid 7", base: "http://127.0.0.1:9999"))
        let door = TwinDoor.always(200, ["success": true, "status": "ok", "result": ["a": 1]])
        let run = try await CommandLineRun("run", "x", "--home", "/h", door: door, home: home)
        #expect(run.status == .success)
        #expect(door.requests.map(\.path) == ["/api/v1/execution/run"])
    }

    @Test("says who holds the home when that one cannot be spoken to")
    func heldByAnother() async throws {
        let home = TwinHome(holder: HomeInUse(holder: "pid 7", base: nil))
        let run = try await CommandLineRun("run", "x", home: home)
        #expect(run.status == .failed)
        #expect(run.terminal.remark.contains("this home is in use by pid 7"))
    }

    @Test("makes a token on the home, and shows it once on the answer side")
    func token() async throws {
        let home = TwinHome()
        let run = try await CommandLineRun(
            "token", "create", "--role", "agent", "--name", "bot", "--tools", "a, b", "--expires", "30d", home: home)
        #expect(home.calls == [["role": "agent", "name": "bot", "tools": ["a", "b"], "expires": "30d"]])
        #expect(run.terminal.answer == "token_id  t1\ntoken     shown-once\n")
    }
}

@Suite("The offline checks")
struct OfflineCheckTests {
    @Test("audit verify never asks a daemon, and ends with 0 when the log is intact")
    func intact() async throws {
        let door = TwinDoor.always(200, ["success": true])
        let run = try await CommandLineRun("audit", "verify", door: door, home: TwinHome())
        #expect(run.status == .success)
        #expect(run.terminal.answer == "intact\n")
        #expect(door.requests.isEmpty)
    }

    @Test("audit verify ends with 1 when it is not")
    func tampered() async throws {
        let report = OfflineReport(isGood: false, lines: ["line 7: the hash does not match"], json: ["success": false])
        let run = try await CommandLineRun("audit", "verify", home: TwinHome(report: report))
        #expect(run.status == .failed)
        #expect(run.terminal.answer == "line 7: the hash does not match\n")
    }

    @Test("audit verify --json prints the report")
    func json() async throws {
        let run = try await CommandLineRun("audit", "verify", "--json", home: TwinHome())
        #expect(run.terminal.answer == "{\"success\":true}\n")
    }

    @Test("progress is shown to a person and erased, and to nobody else")
    func progress() async throws {
        let watched = try await CommandLineRun("audit", "verify", home: TwinHome(), isInteractive: true)
        #expect(watched.terminal.remark == "\r\u{1B}[Kverifying: 5 of 10 lines (50 %)\r\u{1B}[K")
        let unwatched = try await CommandLineRun("audit", "verify", home: TwinHome())
        #expect(unwatched.terminal.remark == "")
    }

    @Test("audit reindex says who holds the home")
    func reindex() async throws {
        let home = TwinHome(holder: HomeInUse(holder: "pid 7", base: nil))
        let run = try await CommandLineRun("audit", "reindex", home: home)
        #expect(run.status == .failed)
        #expect(run.terminal.remark == "execlayer: this home is in use by pid 7\n  remedy: stop it first\n")
    }

    @Test(
        "policy check ends with 2 for what would not pass",
        arguments: [(true, CommandStatus.success), (false, .refused)])
    func policy(allows: Bool, status: CommandStatus) async throws {
        let report = OfflineReport(isGood: allows, lines: ["read .env: ask"], json: [:])
        let run = try await CommandLineRun("policy", "check", "--read", ".env", home: TwinHome(report: report))
        #expect(run.status == status)
        #expect(run.terminal.answer == "read .env: ask\n")
    }

    @Test("doctor puts what is wrong first, with the fix below")
    func doctor() async throws {
        let findings = [
            DoctorFinding("openat2", .enforced, "paths are opened beneath the workspace"),
            DoctorFinding("home permissions", .notEnforced, "others can read it", fix: "chmod 700 the home"),
        ]
        let run = try await CommandLineRun("doctor", door: TwinDaemon(), home: TwinHome(findings: findings))
        #expect(run.status == .failed)
        #expect(
            run.terminal.answer == """
                STATE         SUBJECT           FINDING
                NOT ENFORCED  home permissions  others can read it
                enforced      daemon            answers at http://127.0.0.1:8000
                enforced      token             requests without a token are refused
                note          approvals         approval_mode is auto: risky tools that are on run without one, unless the policy asks
                enforced      openat2           paths are opened beneath the workspace

                to fix:
                  home permissions: chmod 700 the home

                """)
    }

    @Test("doctor goes on when no daemon answers and the home cannot be opened")
    func nothingThere() async throws {
        let run = try await CommandLineRun("doctor", "--json")
        #expect(run.status == .failed)
        #expect(run.terminal.answer.contains("no daemon answers"))
        #expect(run.terminal.answer.contains("there is no home"))
    }
}
