import Foundation
import Gate
import Testing
import ToolKit

@Suite("A configuration file that is loaded")
struct LoadingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gives the defaults of the contract when there is none, and is not created")
    func missing() throws {
        let file = try ConfigurationFile(path: folder.file)
        #expect(file.current == Configuration())
        #expect(try folder.names().isEmpty)
        let shown = file.current.json()
        #expect(shown["approval_mode"] == "auto")
        #expect(shown["require_approval_for_risky"] == true)
        #expect(shown["max_steps_per_run"] == 50)
        #expect(shown["max_retries_per_tool"] == 3)
        #expect(shown["dry_run_default"] == false)
        #expect(shown["approval_strict"] == false)
        #expect(shown["approval_self"] == true)
        #expect(shown["inbox_ttl_seconds"] == 604_800)
        #expect(shown["git_author_name"] == "")
        #expect(shown["git_author_email"] == "")
    }

    @Test("of the older system loads as it is, every tool name included")
    func older() throws {
        try folder.save(
            """
            {
              "tool_enabled": {
                "git_status": true, "repo_git_status": true, "repo_git_diff": true, "filesystem_read": true,
                "filesystem_write": false, "shell_exec": true, "apply_patch": true, "web_scrape_bs4": false,
                "browser_automation_selenium": false, "desktop_automation_pyautogui": false, "consult_ui": false,
                "windows_node_file_write_workspace": false
              },
              "approval_mode": "require_approval",
              "require_approval_for_risky": true,
              "max_steps_per_run": 50,
              "max_retries_per_tool": 3,
              "dry_run_default": false
            }
            """)
        let file = try ConfigurationFile(path: folder.file)
        #expect(file.warnings.isEmpty)
        #expect(file.current.approvalMode == .requireApproval)
        #expect(file.current.toolEnabled["apply_patch"] == true)
        #expect(file.current.toolEnabled["web_scrape"] == false)
        #expect(file.current.toolEnabled["repo_git_status"] == nil)
    }

    @Test(
        "names line and field of what is wrong",
        arguments: [
            ("{\n\n\n\"max_steps_per_run\": 0}", "line 4: max_steps_per_run must be from 1 to 10000"),
            ("{\"max_steps_per_run\": 10001}", "line 1: max_steps_per_run must be from 1 to 10000"),
            (
                "{\n\"max_retries_per_tool\": \"3\"}",
                "line 2: max_retries_per_tool must be an integer from 0 to 100, not a string"
            ),
            (
                "{\"max_steps_per_run\": 1.5}",
                "line 1: max_steps_per_run must be an integer from 1 to 10000, not a number"
            ),
            ("{\n\"dry_run_default\": 1}", "line 2: dry_run_default must be true or false, not an integer"),
            ("{\"approval_self\": null}", "line 1: approval_self must be true or false, not null"),
            (
                "{\n\"approval_mode\": \"never\"}",
                "line 2: approval_mode must be \"auto\" or \"require_approval\""
            ),
            (
                "{\"tool_enabled\":\n{\"git_log\": true,\n\"shell_exec\": \"yes\"}}",
                "line 3: tool_enabled.shell_exec must be true or false, not a string"
            ),
            (
                "{\"tool_enabled\": []}",
                "line 1: tool_enabled must be an object of tool names and booleans, not an array"
            ),
            ("[]", "line 1: the file must hold an object, not an array"),
            ("{\n\"a\": 1,\n}", "line 3, column 1: a member name in double quotes is expected"),
            ("", "line 1, column 1: the document ends too early"),
            ("{\"dry_run_default\": true,\n\"dry_run_default\": false}", "line 2, column 1: duplicate member"),
            (
                "{\"max_steps_per_run\": 0,\n\"dry_run_default\": 0}",
                "must be from 1 to 10000; line 2: dry_run_default must be true or false"
            ),
        ])
    func wrong(text: String, expected: String) throws {
        try folder.save(text)
        let reason = try problem { _ = try ConfigurationFile(path: folder.file) }
        #expect(reason.contains(expected))
    }

    @Test("R68: never enables a tool that nobody knows, and says so")
    func unknownTool() throws {
        try folder.save("{\"tool_enabled\": {\n\"shel_exec\": true, \"filesystem_write\": true}}")
        let file = try ConfigurationFile(path: folder.file)
        #expect(file.current.effectiveToolEnabled(name: "shel_exec", default: false) == false)
        #expect(file.current.json()["tool_enabled"]?["shel_exec"] == nil)
        #expect(file.current.effectiveToolEnabled(name: "filesystem_write", default: false))
        #expect(
            file.warnings == [
                "line 2: tool_enabled names the tool \"shel_exec\", which nobody knows; did you mean \"shell_exec\"?"
            ])
    }

    @Test("counts a tool as off when its two names disagree")
    func aliasesDisagree() throws {
        try folder.save("{\"tool_enabled\": {\"git_status\": true, \"repo_git_status\": false}}")
        let file = try ConfigurationFile(path: folder.file)
        #expect(file.current.toolEnabled["git_status"] == false)
        #expect(file.warnings.count == 1)
    }

    @Test("keeps members that it does not know through a change, with a warning")
    func unknownMembers() throws {
        try folder.save(
            "{\"max_steps_per_runs\": 9, \"colour\": {\"a\": [1, 2]}, \"tool_enabled\": {\"zzzzzz\": true}}")
        let file = try ConfigurationFile(path: folder.file)
        #expect(
            file.warnings.contains { $0.contains("\"max_steps_per_runs\" is unknown") && $0.contains("did you mean") })
        try file.patch(["dry_run_default": true])
        let written = try JSONReader.read(try folder.text())
        #expect(written["colour"] == ["a": [1, 2]])
        #expect(written["max_steps_per_runs"] == 9)
        #expect(written["tool_enabled"] == ["zzzzzz": true])
        #expect(written["dry_run_default"] == true)
    }

    @Test("is refused when it is a link, a folder or larger than allowed")
    func strangeFiles() throws {
        let target = folder.path + "/elsewhere.json"
        try "{}".write(toFile: target, atomically: true, encoding: .utf8)
        try FileManager.default.createSymbolicLink(atPath: folder.file, withDestinationPath: target)
        #expect(try problem { _ = try ConfigurationFile(path: folder.file) }.contains("link"))
        try FileManager.default.removeItem(atPath: folder.file)
        try FileManager.default.createDirectory(atPath: folder.file, withIntermediateDirectories: false)
        #expect(try problem { _ = try ConfigurationFile(path: folder.file) }.contains("not a regular file"))
        try FileManager.default.removeItem(atPath: folder.file)
        try folder.save("{\"a\": \"" + String(repeating: "x", count: 1_048_576) + "\"}")
        #expect(try problem { _ = try ConfigurationFile(path: folder.file) }.contains("larger than 1024 KiB"))
    }
}
