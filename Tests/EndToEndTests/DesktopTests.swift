import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon and, where it is installed, a real X server.
@Suite(
    "Calls that use the desktop",
    .enabled(if: Sandboxing.isOutside, "a workspace cannot be opened inside another sandbox"),
    .timeLimit(.minutes(3)))
struct DesktopTests {
    private static let programs = ["/usr/bin/Xvfb", "/usr/bin/xdotool", "/usr/bin/xmodmap", "/usr/bin/maim"]
    private static let hasScreen = programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    private func tool(of daemon: Daemon) async throws -> JSONValue {
        let tools = try await daemon.send(.GET, "/api/v1/execution/tools").json["tools"]?.arrayValue ?? []
        return try #require(tools.first { $0["name"] == "desktop_automation" })
    }

    @Test(
        "are off, and say what is missing where there is no display or only Wayland's",
        arguments: [[:], ["WAYLAND_DISPLAY": "wayland-0"], ["DISPLAY": "elsewhere:0"]])
    func unavailable(environment: [String: String]) async throws {
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, environment: environment)
        let tool = try await tool(of: daemon)
        #expect(tool["enabled"] == false && tool["available"] == false && tool["risk"] == "high")
        #expect(tool["unavailable_reason"]?.stringValue?.isEmpty == false)
        try await daemon.enable("desktop_automation")
        for isDryRun in [true, false] {
            let reply = try await daemon.run(
                "desktop_automation_pyautogui", ["action": "click", "x": 1, "y": 1], ["dry_run": .bool(isDryRun)])
            #expect(reply.status == 200 && reply.code == "tool_unavailable" && reply.json["remedy"] != nil)
        }
        await daemon.stop()
    }

    @Test(
        "wait for a person once, and pass for a while then; the record has neither the text nor more than its size",
        .enabled(if: hasScreen, "needs xvfb, xdotool, x11-xserver-utils and maim"))
    func armed() async throws {
        let server = try Program(
            "/bin/sh", ["-c", "exec Xvfb -displayfd 1 -screen 0 640x480x24 -nolisten tcp 2>/dev/null"])
        let number = await server.waitForOutput { output in
            output.firstIndex(of: "\n").map { String(output[..<$0]) }
        }
        let display = ":" + (try #require(number))
        let playground = try Playground()
        let daemon = try await Daemon(in: playground, environment: ["EXECUTION_DISPLAY": display])
        try await daemon.enable("desktop_automation")
        let picture: JSONValue = ["action": "screenshot"]
        let planned = try await daemon.run("desktop_automation", picture, ["dry_run": true])
        #expect(planned.json["result"]?["plan"]?["approval_required"] == true, "\(planned.json)")
        #expect(try await daemon.run("desktop_automation", picture).status == 403)
        let approved = try await daemon.send(
            .POST, "/api/v1/execution/approve?tool_name=desktop_automation", ["args": picture])
        let id = try #require(approved.json["approval_id"]?.stringValue)
        let taken = try await daemon.run("desktop_automation", picture, ["approval_id": .string(id)])
        #expect(taken.json["result"]?["width"] == 640, "\(taken.json)")
        #expect((200...300).contains(taken.json["armed_seconds_left"]?.integerValue ?? 0), "\(taken.json)")
        let artifact = try #require(
            taken.json["result"]?["artifacts"]?.arrayValue?.first?["artifact_id"]?.stringValue)
        let file = try await daemon.send(.GET, "/api/v1/execution/artifacts/\(artifact)")
        #expect(file.headers["content-type"] == "image/png")
        let text = taken.json["result"]?["png_base64"]?.stringValue
        #expect(text.flatMap { Data(base64Encoded: $0) }.map(Array.init) == file.bytes)
        let typed = try await daemon.run("desktop_automation", ["action": "type", "text": "correct horse battery"])
        #expect(typed.json["status"] == "ok", "\(typed.json)")
        let out = try await daemon.run("desktop_automation", ["action": "click", "x": 640, "y": 0])
        #expect(out.code == "outside_screen")
        for arguments: JSONValue in [
            ["action": "click", "x": 1], ["action": "key", "keys": "ctrl+-t"], ["action": "key", "keys": "--help"],
            ["action": "key", "keys": ["a", "key", "exec", "xterm"]], ["action": "key", "keys": "windowkill"],
            ["action": "type"], ["action": "fly"], ["action": "focus", "window": 0],
        ] {
            #expect(try await daemon.run("desktop_automation", arguments).code == "invalid_arguments", "\(arguments)")
        }
        let record = try String(contentsOfFile: playground.home + "/logs/tools_audit.jsonl", encoding: .utf8)
        #expect(record.contains("change:desktop") && !record.contains("correct horse"))
        for isActive in [true, false] {
            _ = try await daemon.send(.POST, "/api/v1/execution/lockdown", ["active": .bool(isActive)])
        }
        #expect(try await daemon.run("desktop_automation", picture).status == 403)
        await daemon.stop()
        server.signal(SIGTERM)
        _ = await server.ending()
    }
}
