import Foundation
import Gate
import ToolKit

/// A machine of its own: one system folder with programs that exist and do nothing. Removed with the value, the
/// shared one when the tests end.
final class MachineFixture: Sendable {
    let root: String
    let workspace: String
    let search: ProgramSearch

    static let programs = [
        "git", "ls", "cat", "tac", "nl", "wc", "head", "tail", "stat", "file", "readlink", "realpath", "basename",
        "dirname", "du", "sha256sum", "sort", "uniq", "cut", "comm", "cmp", "diff", "sed", "grep", "egrep", "rg",
        "find",
        "python3", "pip3", "pytest", "npm", "pnpm", "yarn", "node", "swift", "cargo", "go", "make", "env", "nice",
        "timeout", "stdbuf", "time", "sh", "bash", "sudo", "xargs", "busybox", "perl", "awk", "docker", "nohup",
    ]

    init() throws {
        let name = "command-policy-\(UUID().uuidString)"
        root = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path + "/" + name
        workspace = root + "/workspace"
        for folder in ["/bin", "/workspace/tools"] {
            try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
        }
        // Within a sandbox the folders above belong to somebody without a name.
        let above = Set(["/", NSTemporaryDirectory()].compactMap(Self.owner))
        search = ProgramSearch(
            folders: [root + "/bin"], systemRoots: [root + "/bin"], owners: above.union([0, getuid()]))
        for program in Self.programs { try place("bin/" + program) }
    }

    static func owner(_ path: String) -> UInt32? {
        (try? FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? NSNumber)?.uint32Value
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// An executable file below the root.
    func place(_ path: String, mode: Int = 0o755) throws {
        let full = root + "/" + path
        let folder = URL(fileURLWithPath: full).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("#!/bin/false\n".utf8).write(to: URL(fileURLWithPath: full))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: full)
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
    }

    /// One machine with the default policy, for every test that changes neither.
    static let shared: Result<(machine: MachineFixture, policy: Policy), any Error> = Result {
        let machine = try MachineFixture()
        atexit { removeSharedMachine() }
        return (machine, try machine.policy(DefaultPolicy.yaml))
    }

    func policy(_ yaml: String) throws -> Policy {
        try Policy(yaml: Array(yaml.utf8), roots: [workspace], search: search)
    }

    /// The rules given, and no others.
    func policy(rules: String) throws -> Policy { try policy("version: 1\ncommands:\n" + rules) }
}

/// When the tests end.
private func removeSharedMachine() {
    guard let shared = try? MachineFixture.shared.get() else { return }
    try? FileManager.default.removeItem(atPath: shared.machine.root)
}

extension Policy {
    func judge(text: String, in folder: String = ".") throws -> CommandJudgement {
        try judge(Command(try CommandWords(text), in: try WorkspacePath(folder)))
    }

    func judge(words: [String], in folder: String = ".") throws -> CommandJudgement {
        try judge(Command(try CommandWords(list: words), in: try WorkspacePath(folder)))
    }

    private func judge(_ command: Command) throws -> CommandJudgement { commands.judge(command) }

    /// `nil` when it is no command at all, which runs nothing either.
    func verdict(ofText text: String) -> PathVerdict? {
        guard let words = try? CommandWords(text) else { return nil }
        return judge(Access.run(Command(words))).verdict
    }
}

/// One rule of a policy.
func rule(_ lines: String...) -> String {
    "  - name: rule\n" + lines.map { "    \($0)\n" }.joined() + "    reason: because\n"
}

/// Why a policy is refused.
func problem(of rules: String, on machine: MachineFixture) -> String? {
    do {
        _ = try machine.policy(rules: rules)
        return nil
    } catch {
        return (error as? FileProblem)?.reason
    }
}
