import Foundation
import Testing
import ToolKit

@testable import execlayer

/// The real doctor, the real walls: what it says is what it could do to this very machine.
@Suite(
    "An operator who asks the doctor",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"), .serialized,
    .timeLimit(.minutes(3)))
struct DoctorTests {
    struct Examination {
        let ending: Program.Ending
        let findings: [(subject: String, state: String, detail: String, fix: String?)]
        let duration: Duration

        func state(_ subject: String) -> String? { findings.first { $0.subject == subject }?.state }

        /// What is not as it should be, in words.
        var problems: [String] {
            findings.filter { $0.state != "enforced" && $0.state != "note" }.map { "\($0.subject): \($0.detail)" }
        }
    }

    /// Every line that only a hostile program inside can decide.
    static let attacks: Set<String> = [
        "sandbox", "kernel switches", "protected paths", "home folder inside", "files of the host",
        "workspace read-only", "sockets of the host", "routes and DNS", "kernel sockets", "namespaces", "privileges",
        "environment", "descriptors", "orphans", "memory limit", "process limit", "output limit", "file size limit",
        "time limit", "processor limit", "git",
    ]

    /// And those that need no program.
    static let others: Set<String> = [
        "workspace", "paths beneath the root", "swapped links", "wrapper chains", "shell syntax",
        "caller's environment", "unwritable audit", "memory of the daemon",
    ]

    private func examine(
        _ playground: Playground, base: String = "http://127.0.0.1:9", by command: [String] = [Daemon.executable],
        environment: [String: String] = [:]
    ) async throws -> Examination {
        let start = ContinuousClock.now
        let words = command + ["doctor", "--json", "--base", base, "--workspace", playground.workspace]
        let ending = try await Program.run(
            words[0], Array(words.dropFirst()),
            environment: Daemon.environment(of: playground).merging(environment) { _, own in own })
        let json = try JSONReader.read(Array(ending.output.utf8))
        let findings = (json["findings"]?.arrayValue ?? []).map {
            (
                subject: $0["subject"]?.stringValue ?? "", state: $0["state"]?.stringValue ?? "",
                detail: $0["detail"]?.stringValue ?? "", fix: $0["fix"]?.stringValue
            )
        }
        return Examination(ending: ending, findings: findings, duration: .now - start)
    }

    @Test("finds every promise kept around a running daemon", .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
    func everything() async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, token: "the-operators-own-token")
        let examination = try await examine(
            playground, base: daemon.base, environment: ["EXECUTION_TOKEN": "the-operators-own-token"])
        await daemon.stop()
        #expect(examination.problems.isEmpty)
        #expect(examination.ending.status == 0)
        for subject in Self.attacks.union(Self.others) {
            #expect(examination.state(subject) == "enforced", "\(subject)")
        }
        #expect(!examination.ending.output.contains("the-operators-own-token"))
        #expect(examination.duration < .seconds(40))
    }

    @Test("leaves nothing behind", .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
    func leavesNothing() async throws {
        let playground = try Playground()
        try playground.write("mine\n", to: "workspace/mine.txt")
        let temporary = playground.folder + "/temporary"
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let examination = try await examine(playground, environment: ["TMPDIR": temporary])
        // The control: it did work there.
        #expect(examination.state("protected paths") == "enforced")
        #expect(examination.findings.contains { $0.subject == "sockets of the host" && $0.detail.contains("unix") })
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: playground.workspace) == ["mine.txt"])
        #expect(!playground.exists("home"))
    }

    @Test(
        "finds the same as a user without privileges",
        .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
        .enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0, "changing users needs root"),
        .disabled(
            if: Daemon.executable.hasPrefix("/tmp/"),
            "a debug build in /tmp finds Swift's libraries only where /tmp is the host's"))
    func unprivileged() async throws {
        let playground = try Playground()
        for folder in [playground.folder, playground.workspace] {
            try #require(chown(folder, 12_345, 12_345) == 0)
        }
        let examination = try await examine(
            playground,
            by: ["/usr/bin/setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", Daemon.executable])
        // No daemon runs here, and that is all that is wrong.
        #expect(examination.problems.filter { !$0.hasPrefix("daemon: ") }.isEmpty)
        for subject in Self.attacks.union(Self.others) {
            #expect(examination.state(subject) == "enforced", "\(subject)")
        }
        let sandbox = examination.findings.first { $0.subject == "sandbox" }
        #expect(sandbox?.detail.contains("user 12345") == true)
    }

    @Test("hears that command tools are unavailable where the sandbox's programs are missing, and how to mend it")
    func withoutPrograms() async throws {
        let playground = try Playground()
        let alone = playground.folder + "/alone"
        try FileManager.default.createDirectory(atPath: alone, withIntermediateDirectories: true)
        let copy = alone + "/execlayer"
        let original = URL(fileURLWithPath: Daemon.executable).resolvingSymlinksInPath().path
        // Copied by another process, or a program that another test starts meanwhile would hold it open for writing.
        if link(original, copy) != 0 { try await playground.copy(program: original, to: "alone/execlayer") }
        let libraries = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? ""
        let examination = try await examine(playground, by: [copy], environment: ["LD_LIBRARY_PATH": libraries])
        let sandbox = try #require(examination.findings.first { $0.subject == "sandbox" })
        #expect(sandbox.state == "missing")
        #expect(sandbox.detail.hasPrefix("command tools are unavailable"))
        #expect(sandbox.fix?.isEmpty == false)
        #expect(examination.ending.status == 1)
        // No line claims what could not be tried; the others are as they were.
        #expect(examination.findings.allSatisfy { !Self.attacks.contains($0.subject) || $0.subject == "sandbox" })
        for subject in Self.others { #expect(examination.state(subject) == "enforced", "\(subject)") }
    }

    @Test(
        "hears of a policy that does not load, and the attacks go on without it",
        .enabled(if: Sandboxing.isPossible, Sandboxing.reason))
    func brokenPolicy() async throws {
        let playground = try Playground()
        let policy = """
            version: 1
            commands:
              - name: everything behind xargs
                run: [xargs]
                operands: ["<word>..."]
                verdict: allow
                reason: "a mistake"
                examples: {match: ["xargs rm"], not_match: ["rm x"]}

            """
        try playground.write(policy, to: "home/config/policy.yaml")
        try FileManager.default.createDirectory(atPath: playground.home + "/logs", withIntermediateDirectories: true)
        let examination = try await examine(playground)
        #expect(examination.state("policy") == "missing")
        #expect(examination.ending.status == 1)
        #expect(examination.state("orphans") == "enforced")
    }

    @Test("hears that others may enter the home, with the command that mends it")
    func openHome() async throws {
        let playground = try Playground()
        for folder in ["config", "logs", "data"] {
            try FileManager.default.createDirectory(
                atPath: playground.home + "/" + folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: folder == "logs" ? 0o755 : 0o700])
        }
        let finding = try await examine(playground).findings.first { $0.subject == "home permissions" }
        #expect(finding?.state == "not_enforced")
        #expect(finding?.fix == "chmod 700 \(playground.home)/logs")
    }

    @Test("cannot be used to try things on the host itself", arguments: ["overwrite", "create", "move", "memory"])
    func outside(attempt: String) async throws {
        let playground = try Playground()
        try playground.write("mine\n", to: "workspace/mine.txt")
        let ending = try await execlayer(
            "doctor", "probe", attempt, playground.workspace + "/mine.txt", in: playground)
        #expect(ending.status == 64)
        #expect(playground.exists("workspace/mine.txt"))
    }
}

@Suite("What the doctor makes of an attempt")
struct DoctorJudgementTests {
    @Test("one attempt that succeeded is enough for NOT ENFORCED")
    func breach() {
        #expect(DoctorFinding.attack("x", breaches: [], held: "held").state == .enforced)
        let finding = DoctorFinding.attack("x", breaches: ["a file opened", "another"], held: "held")
        #expect(finding.state == .notEnforced)
        #expect(finding.detail == "a file opened and 1 more")
        #expect(finding.fix != nil)
    }

    @Test("an attempt whose control fails is never taken for one that was held")
    func undecided() async {
        let finding = await DoctorFinding.attempt("x") { throw Undecided("nothing listens") }
        #expect(finding.state == .missing)
        #expect(finding.detail == "not decided: nothing listens")
    }

    @Test("a hostile program's report is read as it was written, and cannot forge a line")
    func report() {
        var report = ProbeReport()
        report.reached("a\nb\tc", "d\n-\te\tf")
        report.refused("g")
        let read = ProbeReport(text: report.text)
        #expect(read == report)
        #expect(read.names == ["a b c", "g"])
    }

    #if os(Linux)
        @Test(
            "R22: git before 2.38 is not enough",
            arguments: [
                ("git version 2.39.5 (Apple Git-154)\n", "enforced"), ("git version 2.38.0", "enforced"),
                ("git version 2.9.1", "NOT ENFORCED"), ("git version 3.0", "enforced"), ("git", "missing"),
            ])
        func gitVersion(text: String, state: String) {
            #expect(GitVersionCheck.judge(text).state.rawValue == state)
        }
    #endif
}
