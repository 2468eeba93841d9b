import Foundation
import Gate
import Testing
import ToolKit

@Suite("A change of the configuration")
struct ChangeTests {
    let folder: TemporaryFolder
    let file: ConfigurationFile

    init() throws {
        folder = try TemporaryFolder()
        file = try ConfigurationFile(path: folder.file)
    }

    private func refusal(_ fields: [String: JSONValue]) throws -> ConfigurationRefusal {
        try #require(throws: ConfigurationRefusal.self) { try file.patch(fields) }
    }

    @Test("answers what was and what is, and is in force at once and on disk")
    func patch() throws {
        let change = try file.patch(["max_steps_per_run": 7, "approval_mode": "require_approval"])
        #expect(change.before.maxStepsPerRun == 50)
        #expect(change.after.maxStepsPerRun == 7)
        #expect(file.current == change.after)
        #expect(try ConfigurationFile(path: folder.file).current == change.after)
    }

    @Test(
        "R58: with an unknown approval mode or a wrong type is refused and leaves the gate as it was",
        arguments: [
            ["approval_mode": "never"], ["approval_mode": true], ["approval_mode": nil], ["approval_mode": ["auto"]],
            ["require_approval_for_risky": "false"], ["require_approval_for_risky": 0], ["approval_strict": "yes"],
            ["max_steps_per_run": true], ["inbox_ttl_seconds": 59],
            ["git_author_name": "A <b>"], ["git_author_name": "two\nlines"], ["git_author_email": "..."],
            ["git_author_email": 1], ["git_author_name": .string(String(repeating: "a", count: 201))],
        ] as [[String: JSONValue]])
    func badValues(fields: [String: JSONValue]) throws {
        try file.patch(["approval_mode": "require_approval"])
        let before = try folder.text()
        let refusal = try refusal(fields)
        #expect(refusal.httpStatus == 422)
        #expect(file.current.approvalMode == .requireApproval)
        #expect(try folder.text() == before)
    }

    @Test("takes an author, and takes it back")
    func author() throws {
        try file.patch(["git_author_name": "Ada Example", "git_author_email": "ada@example.org"])
        #expect(try ConfigurationFile(path: folder.file).current.gitAuthorName == "Ada Example")
        #expect(file.current.gitAuthor.environment["GIT_COMMITTER_EMAIL"] == "ada@example.org")
        try file.patch(["git_author_name": "", "git_author_email": ""])
        #expect(file.current.gitAuthor.environment.isEmpty)
    }

    @Test("names every bad field and changes nothing, the good fields included")
    func allBadFields() throws {
        let refusal = try refusal([
            "dry_run_default": true, "max_steps_per_run": 0, "approvel_mode": "auto",
            "tool_enabled": ["shell_exec": true],
        ])
        guard case .invalid(let problems) = refusal else { return #expect(Bool(false)) }
        #expect(problems.map(\.field) == ["approvel_mode", "max_steps_per_run", "tool_enabled"])
        #expect(refusal.message.contains("approvel_mode is unknown; did you mean \"approval_mode\"?"))
        #expect(file.current == Configuration())
        #expect(try folder.names().isEmpty)
    }

    @Test("R68: of a tool that nobody knows is refused and stores nothing")
    func unknownTool() throws {
        let refusal = try #require(throws: ConfigurationRefusal.self) { try file.setTool("git_statos", enabled: true) }
        #expect(refusal.httpStatus == 404)
        #expect(refusal.remedy == "did you mean \"git_status\"?")
        #expect(try folder.names().isEmpty)
        try file.setTool("repo_git_status", enabled: false)
        #expect(file.current.toolEnabled == ["git_status": false])
    }

    @Test("R68: is written for the daemon's user only, and leaves nothing else behind")
    func mode() throws {
        try folder.save("{}")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: folder.file)
        try file.patch(["dry_run_default": true])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try folder.names() == [ConfigurationFile.name])
    }

    @Test("R68: neither follows nor replaces a link that took the file's place")
    func link() throws {
        let target = folder.path + "/outside"
        try "{}".write(toFile: target, atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: folder.file, withDestinationPath: target)
        #expect(throws: ConfigurationRefusal.self) { try file.patch(["dry_run_default": true]) }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "{}")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file) == target)
        #expect(!file.current.dryRunDefault)
    }

    @Test("that cannot be recorded does not happen")
    func notRecorded() throws {
        struct Full: Error {}
        #expect(throws: Full.self) { try file.patch(["dry_run_default": true]) { _ in throw Full() } }
        #expect(!file.current.dryRunDefault)
        #expect(try folder.names().isEmpty)
        try file.patch(["dry_run_default": true]) { #expect($0.after.dryRunDefault) }
        #expect(file.current.dryRunDefault)
    }

    @Test("is not lost among others made at the same time")
    func concurrent() async throws {
        let names = KnownTools.promised.names.sorted()
        let file = file
        await withTaskGroup { group in
            for name in names {
                group.addTask {
                    _ = try? file.setTool(name, enabled: true)
                    _ = try? file.patch(["max_steps_per_run": 9])
                }
            }
        }
        let written = try ConfigurationFile(path: folder.file).current
        #expect(written.toolEnabled == Dictionary(uniqueKeysWithValues: names.map { ($0, true) }))
        #expect(written.maxStepsPerRun == 9)
        #expect(written == file.current)
    }

    @Test("shows the state that is really in force for each tool")
    func effective() throws {
        try file.setTool("filesystem_write", enabled: true)
        let shown = file.current.json(tools: [
            .init(name: "filesystem_write", isEnabledByDefault: false),
            .init(name: "filesystem_read", isEnabledByDefault: true),
            .init(name: "apply_patch", isEnabledByDefault: false),
        ])
        #expect(
            shown["tool_enabled"] == ["filesystem_write": true, "filesystem_read": true, "apply_patch": false])
    }

    @Test("decides by the rule of the contract when an approval is needed")
    func approvalRule() throws {
        var configuration = Configuration()
        #expect(!configuration.needsApproval(risk: .high, verdict: .allow))
        #expect(configuration.needsApproval(risk: .low, verdict: .ask))
        configuration.approvalMode = .requireApproval
        #expect(configuration.needsApproval(risk: .medium, verdict: .allow))
        #expect(!configuration.needsApproval(risk: .low, verdict: .allow))
        configuration.requireApprovalForRisky = false
        #expect(!configuration.needsApproval(risk: .high, verdict: .allow))
    }
}
