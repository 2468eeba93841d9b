import Testing
import ToolKit
import Tools

@Suite("Tools that start programs")
struct ProgramToolTests {
    private static let names = [
        "browser_automation", "browser_e2e_runner", "consult_ui", "git_commit", "git_diff", "git_log", "git_status",
        "run_tests", "sandbox_worker_run", "screenshot_capture", "shell_exec", "shell_script",
    ]

    private func confinements(_ availability: Availability) -> [String: ToolConfinement] {
        let tools = builtInTools(commands: availability, browser: availability)
        return Dictionary(uniqueKeysWithValues: tools.compactMap { tool in tool.confinement.map { (tool.name, $0) } })
    }

    @Test("R25: say how programs are confined, and no other tool does")
    func available() {
        let found = confinements(.available)
        #expect(found.keys.sorted() == Self.names)
        #expect(found.values.allSatisfy { $0 == ToolConfinement(level: "sandbox") })
    }

    @Test("R25: without a sandbox say what would give them one")
    func unavailable() {
        let found = confinements(.unavailable(reason: "no walls", remedy: "build them", dependency: "bubblewrap"))
        #expect(found.keys.sorted() == Self.names)
        #expect(found.values.allSatisfy { $0 == ToolConfinement(level: "unavailable", remedy: "build them") })
    }
}
