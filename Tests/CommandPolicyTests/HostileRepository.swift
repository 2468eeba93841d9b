import Foundation
import ToolKit

/// A repository whose configuration and attributes try to execute; whatever succeeds leaves a file `pwned-…` behind.
struct HostileRepository {
    let folder: String
    static let git = "/usr/bin/git"
    private static let plain = [
        "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    ]

    init(in folder: String) throws {
        self.folder = folder
        try git("init", "-q", "-b", "main")
        try write("a.txt", "one\n")
        try write("b.bin", "one\n")
        try git("add", ".")
        try git("commit", "-q", "-m", "first")
        try write(".gitattributes", "*.txt diff=evil filter=evil\n*.bin diff=ext\n")
        try git("add", ".gitattributes")
        try git("commit", "-q", "-m", "second")
        try write("a.txt", "two\n")
        try write("b.bin", "two\n")
        try set("core.fsmonitor", mark("fsmonitor"))
        try set("core.pager", mark("pager"))
        try set("pager.log", mark("pager-log"))
        try set("diff.external", mark("external"))
        try set("diff.evil.textconv", mark("textconv"))
        try set("diff.ext.command", mark("command"))
        try set("filter.evil.clean", mark("clean") + "; cat")
        try set("filter.evil.smudge", mark("smudge") + "; cat")
        try set("gpg.program", mark("gpg"))
        try set("log.showSignature", "true")
        try set("core.sshCommand", mark("ssh"))
        try set("credential.helper", "!" + mark("credential"))
        try set("protocol.ext.allow", "always")
        try set("core.hooksPath", folder + "/hooks")
        try write("hooks/post-index-change", "#!/bin/sh\n\(mark("hook"))\n", mode: 0o755)
        try set("alias.status", "!" + mark("alias"))
        try set("core.alternateRefsCommand", mark("alternate"))
    }

    private func mark(_ name: String) -> String { "touch '\(folder)/pwned-\(name)'" }

    private func set(_ key: String, _ value: String) throws { try git("config", key, value) }

    func write(_ name: String, _ text: String, mode: Int = 0o644) throws {
        let path = folder + "/" + name
        let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @discardableResult
    func git(_ arguments: String..., mayFail: Bool = false) throws -> String {
        try Run.output([Self.git] + arguments, in: folder, environment: Self.plain, mayFail: mayFail)
    }

    /// Runs it as the daemon would start it, without a sandbox around it.
    func run(_ invocation: GitInvocation, mayFail: Bool = false) throws -> String {
        try Run.output(
            [Self.git] + invocation.arguments, in: folder, environment: invocation.environment, mayFail: mayFail)
    }

    var config: [UInt8] {
        get throws { Array(try Data(contentsOf: URL(fileURLWithPath: folder + "/.git/config"))) }
    }

    /// What managed to execute.
    var executed: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("pwned-") }.sorted()
        }
    }
}
