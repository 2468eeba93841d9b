import Foundation
import Gate
import Testing
import ToolKit

@Suite("A program that a command names")
struct PinnedProgramTests {
    private let machine: MachineFixture

    init() throws { machine = try MachineFixture() }

    private let gitRule = rule("run: [[git, tool], status]", "verdict: allow", "examples: {match: [git status]}")

    private func executable(_ words: [String], _ policy: Policy) throws -> String? {
        try policy.judge(words: words).pinned?.executable
    }

    @Test("R11: is started from the folder it was pinned to, by name or by that very path")
    func pinned() throws {
        let policy = try machine.policy(rules: gitRule)
        let path = machine.root + "/bin/git"
        #expect(try executable(["git", "status"], policy) == path)
        #expect(try executable([path, "status"], policy) == path)
        for other in [
            "./git", "bin/git", "../bin/git", "/tmp/git", path + "/", "/" + path, "git\u{200b}", "\u{ff47}it",
        ] {
            #expect(try executable([other, "status"], policy) == nil, "\(other)")
        }
    }

    @Test("R11: is never one of the workspace, whatever lies there under its name")
    func workspace() throws {
        try machine.place("workspace/git")
        try machine.place("workspace/tool")
        let policy = try machine.policy(rules: gitRule)
        #expect(try executable(["git", "status"], policy) == machine.root + "/bin/git")
        #expect(try executable(["tool", "status"], policy) == nil)
        #expect(try executable([machine.workspace + "/git", "status"], policy) == nil)
        #expect(!policy.commands.programs.searchPath.contains { $0.hasPrefix(machine.workspace) })
    }

    @Test("R11: stays what it was when the policy was loaded")
    func resolvedOnce() throws {
        let policy = try machine.policy(rules: gitRule)
        try machine.place("bin/tool")
        #expect(try executable(["tool", "status"], policy) == nil)
        #expect(try executable(["tool", "status"], machine.policy(rules: gitRule)) == machine.root + "/bin/tool")
    }

    @Test("R11: that others can change, or that is no executable file, is refused and says why")
    func untrusted() throws {
        try machine.place("bin/tool", mode: 0o777)
        #expect(try denial()?.contains("can be changed by others") == true)
        try machine.place("bin/tool", mode: 0o775)
        #expect(try denial()?.contains("can be changed by others") == true)
        try machine.place("bin/tool", mode: 0o644)
        #expect(try denial()?.contains("not an executable file") == true)
        try machine.place("bin/tool", mode: 0o755)
        #expect(try denial() == nil)
    }

    private func denial() throws -> String? {
        try machine.policy(rules: gitRule).judge(text: "tool status").denial?.message
    }

    @Test("R11: that is a link is judged by where it leads")
    func links() throws {
        try machine.place("elsewhere/real")
        try machine.link("bin/tool", to: machine.root + "/elsewhere/real")
        #expect(try denial()?.contains("no toolchain of policy.yaml lists") == true)
        try FileManager.default.removeItem(atPath: machine.root + "/bin/tool")
        try machine.link("bin/tool", to: "git")
        #expect(try executable(["tool", "status"], machine.policy(rules: gitRule)) == machine.root + "/bin/tool")
        try FileManager.default.removeItem(atPath: machine.root + "/bin/tool")
        try machine.link("bin/tool", to: "gone")
        #expect(try denial()?.contains("not installed") == true)
    }

    @Test("R11: of a listed toolchain is found under the names listed, and nothing else of it is")
    func toolchain() throws {
        try machine.place("chain/bin/tool")
        try machine.place("chain/bin/git")
        let search = machine.search
        let chain = Toolchain(
            name: "chain", folder: machine.root + "/chain", programs: ["bin/tool"], environment: ["CHAIN_HOME": "/x"])
        let table = ProgramTable(names: ["tool", "git"], toolchains: [chain], search: search)
        guard case .found(let tool) = table.finding("tool"), case .found(let git) = table.finding("git") else {
            Issue.record("not found")
            return
        }
        #expect(tool.executable == machine.root + "/chain/bin/tool")
        #expect(tool.toolchain == machine.root + "/chain")
        #expect(git.executable == machine.root + "/bin/git")
        #expect(table.searchPath.first == machine.root + "/chain/bin")
        try FileManager.default.removeItem(atPath: machine.root + "/chain/bin/tool")
        let gone = ProgramTable(names: ["tool"], toolchains: [chain], search: search)
        #expect(gone.finding("tool") == .untrusted("is listed by the toolchain \"chain\" and not there"))
    }

    @Test("R11: a listed toolchain inside the workspace is out of reach of every writing tool, and not in PATH")
    func toolchainInside() throws {
        let real = "/opt/layer-tests-\(UUID().uuidString)"
        let yaml = """
            version: 1
            toolchains:
              - {name: venv, folder: \(real)/.venv, programs: [bin/tool]}
            """
        let policy = try Policy(yaml: Array(yaml.utf8), roots: [real], search: .none)
        #expect(policy.verdict(try WorkspacePath(".venv/bin/tool"), .write) == .deny)
        #expect(policy.judge(.write(try WorkspacePath(".VENV/bin/ls"))).verdict == .deny)
        #expect(policy.verdict(try WorkspacePath(".venv/bin/tool"), .read) == .allow)
        #expect(policy.verdict(try WorkspacePath(".venv2/bin/tool"), .write) == .allow)
        #expect(policy.commands.programs.searchPath.isEmpty)
    }

    @Test("a listed folder without programs is shown to commands, and nothing in it is found by name")
    func withoutPrograms() throws {
        let yaml = """
            version: 1
            toolchains:
              - {name: packages, folder: /opt/layer-tests/registry, programs: [], environment: {CARGO_HOME: /opt/layer-tests}}
            """
        let policy = try Policy(yaml: Array(yaml.utf8), search: machine.search)
        let pinned = try #require(try policy.judge(text: "ls").pinned)
        #expect(pinned.toolchains == ["/opt/layer-tests/registry"])
        #expect(pinned.environment == ["CARGO_HOME": "/opt/layer-tests"])
        #expect(policy.commands.programs.searchPath == [machine.root + "/bin"])
    }

    @Test("python means python3 where only that is there, and keeps its rules")
    func substitute() throws {
        let (machine, policy) = try MachineFixture.shared.get()
        let pinned = try #require(try policy.judge(text: "python -m json.tool a.json").pinned)
        #expect(pinned.executable == machine.root + "/bin/python3")
        #expect(pinned.program == "python")
    }

    @Test(
        "R11: on this machine is found in a folder of root",
        .enabled(if: MachineFixture.owner("/usr/bin") == 0, "within a sandbox the system belongs to somebody else"))
    func real() throws {
        let table = ProgramTable(names: ["ls", "cat", "sh"], toolchains: [], search: .system)
        for name in ["ls", "cat"] {
            guard case .found(let program) = table.finding(name) else {
                Issue.record("\(name) is not found")
                continue
            }
            #expect(program.executable.hasPrefix("/usr/bin/") || program.executable.hasPrefix("/bin/"))
        }
    }
}
