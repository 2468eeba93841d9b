import Foundation
import Testing
import ToolKit

@testable import execlayer

@Suite("A remedy at the terminal")
struct CommandLineRemedyTests {
    @Test(
        "names the verb instead of the request",
        arguments: [
            (
                "an operator enables it with PATCH /api/v1/execution/tools/apply_patch/enabled?enabled=true",
                "an operator enables it with execlayer tools enable apply_patch"
            ),
            (
                "did you mean git_log? GET /api/v1/execution/tools lists all tools",
                "did you mean git_log? execlayer tools lists all tools"
            ),
            (
                "an operator ends it with POST /api/v1/execution/lockdown {\"active\": false}",
                "an operator ends it with execlayer lockdown off"
            ),
            (
                "GET /api/v1/execution/tools shows the input_schema of repo_scan",
                "execlayer tools repo_scan shows what it takes"
            ),
            ("name another file", "name another file"),
        ])
    func translated(remedy: String, words: String) {
        #expect(CommandLineRemedy.text(remedy, code: "any") == words)
    }

    /// A new remedy that names a request has to be known here, too.
    @Test("leaves no request of the gate's own remedies untranslated")
    func complete() throws {
        let sources = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources/Gate")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var count = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            where line.contains("/api/v1") && !line.contains("///") {
                count += 1
                let shown = line.replacing(#/\\\((?<name>[^)]*)\)/#, with: "name").replacing("\\\"", with: "\"")
                let words = CommandLineRemedy.translated(String(shown))
                #expect(!words.contains("/api/"), "\(words)")
            }
        }
        #expect(count >= 6)
    }

    @Test("names the tool that was meant when a switch's is misspelt")
    func switchTypo() async throws {
        let body: JSONValue = [
            "success": false, "detail": "unknown tool: aply_patch", "code": "unknown_tool",
            "remedy": "did you mean apply_patch? GET /api/v1/execution/tools lists all tools",
        ]
        let run = try await CommandLineRun("tools", "enable", "aply_patch", door: TwinDoor.always(404, body))
        #expect(run.status == .refused)
        #expect(run.terminal.remark.contains("did you mean apply_patch? execlayer tools lists all tools"))
    }

    @Test("is translated for a refusal without a daemon as well")
    func offline() {
        let refusal = Refusal(
            .disabled, code: "tool_disabled", "off",
            remedy: "PATCH /api/v1/execution/tools/apply_patch/enabled?enabled=true")
        #expect(CommandFailure(refusal).remedy == "execlayer tools enable apply_patch")
    }
}
