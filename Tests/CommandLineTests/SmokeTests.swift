import ArgumentParser
import Synchronization
import Testing
import ToolKit

@testable import execlayer

@Suite("The smoke test")
struct SmokeTests {
    private func smoke(
        _ daemon: TwinDaemon, token: Bool = true, flags: [String] = [], isInteractive: Bool = false
    ) async throws -> (status: CommandStatus, terminal: CapturedTerminal) {
        let words = ["smoke"] + (token ? ["--token", "good"] : []) + flags
        let command = try #require(try ExecLayer.parseAsRoot(words) as? any Verb)
        let captured = CapturedTerminal(isInteractive: isInteractive)
        let session = Session(
            terminal: captured.terminal, environment: [:], currentFolder: "/", openHome: { _ in TwinHome() },
            connect: { target in
                guard target.token == nil || target.token == "good" else { return daemon.asStranger }
                return daemon
            }, readInput: { _ in [] })
        return (await command.finish(in: session), captured)
    }

    @Test("passes with a daemon that does as it must, a line for each check")
    func passes() async throws {
        let (status, terminal) = try await smoke(TwinDaemon())
        #expect(status == .success)
        #expect(
            terminal.answer == """
                ok      the daemon answers
                ok      it lists its tools
                ok      a dry run plans and does nothing
                ok      a call runs and answers
                ok      the newest audit entry is that run
                ok      a file of the workspace is read
                ok      git_status reads the repository
                ok      a request without a token is 401
                ok      a wrong token is 401
                ok      the configuration can be read
                ok      approvals can be demanded and apply_patch switched on
                ok      a dry run of a patch needs no approval
                ok      a patch without an approval is 403
                ok      the configuration is as it was
                all 14 checks passed

                """)
    }

    @Test(
        "says visibly where git_status cannot be tried",
        arguments: [
            (TwinDaemon.Fault.hasNoRepository, "the workspace is no repository"),
            (.hasNoSandbox, "bubblewrap is missing"),
        ])
    func skipsGit(fault: TwinDaemon.Fault, reason: String) async throws {
        let (status, terminal) = try await smoke(TwinDaemon(fault))
        #expect(status == .success)
        #expect(terminal.answer.contains("skipped git_status reads the repository: \(reason)\n"))
    }

    @Test("shows a person signs instead of words")
    func signs() async throws {
        let (_, terminal) = try await smoke(TwinDaemon(.hidesTheRun), isInteractive: true)
        #expect(terminal.answer.contains("✓ the daemon answers\n"))
        #expect(terminal.answer.contains("✗ the newest audit entry is that run: the newest is run0\n"))
    }

    @Test("changes nothing without --token")
    func readOnly() async throws {
        let daemon = TwinDaemon(.needsNoToken)
        let (status, _) = try await smoke(daemon, token: false)
        #expect(status == .success)
        #expect(daemon.now.requests.allSatisfy { $0.method == .get || $0.path.hasSuffix("/run") })
    }

    @Test(
        "fails with a daemon that does not",
        arguments: [
            (TwinDaemon.Fault.needsNoToken, "FAILED  a request without a token is 401: the answer is HTTP 200"),
            (.needsNoToken, "FAILED  a wrong token is 401: the answer is HTTP 200"),
            (.hidesTheRun, "FAILED  the newest audit entry is that run: the newest is run0"),
            (.forgetsApprovals, "FAILED  a patch without an approval is 403: the answer is HTTP 200"),
            (.failsPatches, "FAILED  a dry run of a patch needs no approval: broken"),
            (
                .failsGit,
                "FAILED  git_status reads the repository: git ended with 128: fatal: unknown index entry format"
            ),
            (.cannotBeConfigured, "FAILED  approvals can be demanded and apply_patch switched on: not entitled"),
        ])
    func fails(fault: TwinDaemon.Fault, line: String) async throws {
        let (status, terminal) = try await smoke(TwinDaemon(fault))
        #expect(status == .failed)
        #expect(terminal.answer.contains(line + "\n"))
    }

    @Test(
        "puts the configuration back, also when a check fails",
        arguments: [TwinDaemon.Fault.none, .forgetsApprovals, .failsPatches])
    func restores(fault: TwinDaemon.Fault) async throws {
        let daemon = TwinDaemon(fault)
        _ = try await smoke(daemon)
        let state = daemon.now
        #expect(state.requests.contains { $0.method == .patch })
        #expect(state.config == ["approval_mode": "auto", "require_approval_for_risky": true])
        #expect(!state.patchIsEnabled)
    }

    @Test("puts the configuration back when it is interrupted")
    func interrupted() async throws {
        let test = Mutex<Task<Void, Never>?>(nil)
        let daemon = TwinDaemon(onRequest: { request in
            if request.body?["tool_name"] == "apply_patch" { test.withLock { $0?.cancel() } }
        })
        let gate = SmokeGate(door: daemon, stranger: daemon.asStranger)
        let (start, begin) = AsyncStream<Void>.makeStream()
        let work = Task {
            for await _ in start {}
            var record = SmokeProtocol { _ in }
            await gate.run(into: &record)
        }
        test.withLock { $0 = work }
        begin.finish()
        await work.value
        #expect(work.isCancelled)
        #expect(daemon.now.config["approval_mode"] == "auto")
        #expect(!daemon.now.patchIsEnabled)
    }

    @Test("switches apply_patch on only after approvals are demanded, and off before they are not")
    func order() async throws {
        let daemon = TwinDaemon()
        _ = try await smoke(daemon)
        let changes = daemon.now.requests.filter { $0.method == .patch }.map(\.path)
        let tool = "/api/v1/execution/tools/apply_patch/enabled"
        let config = "/api/v1/execution/config"
        #expect(changes == [config, tool, tool, config])
    }

    @Test("even a gate without approvals gets no patch that fits anything")
    func appliesNothing() async throws {
        let daemon = TwinDaemon(.forgetsApprovals)
        _ = try await smoke(daemon)
        let patches = daemon.now.appliedPatches
        #expect(patches.count == 1)
        #expect(patches.allSatisfy { $0.contains("--- a/execlayer-smoke-") && $0.contains("\n-absent\n") })
    }

    @Test("says once that a token is missing")
    func tokenIsMissing() async throws {
        let door = TwinDoor.always(401, ["success": false, "detail": "a token is required", "code": "token_required"])
        let run = try await CommandLineRun("smoke", door: door)
        #expect(run.status == .failed)
        #expect(
            run.terminal.answer == """
                ok      the daemon answers
                FAILED  it lists its tools: a token is required (set EXECUTION_TOKEN or add --token)
                1 of 2 checks FAILED

                """)
    }

    @Test("ends with 3 when no daemon answers")
    func nobody() async throws {
        let run = try await CommandLineRun("smoke", "--token", "good")
        #expect(run.status == .unreachable)
    }

    @Test("--json lists the checks")
    func json() async throws {
        let (_, terminal) = try await smoke(TwinDaemon(), flags: ["--json"])
        let answer = try JSONReader.read(terminal.answer)
        #expect(answer["success"] == true)
        #expect(answer["checks"]?.arrayValue?.count == 14)
    }

    @Test("chooses small visible files, likely texts first")
    func files() {
        let entries: [JSONValue] = [
            ["path": ".env", "size": 5], ["path": "a/.git/x", "size": 5], ["path": "blob", "size": 5],
            ["path": "big.md", "size": 70_000], ["path": "empty.md", "size": 0], ["path": "src/a.swift", "size": 5],
        ]
        #expect(SmokeFiles.candidates(in: entries) == ["src/a.swift", "blob"])
    }
}
