import Foundation
import Gate
import Testing
import ToolKit

@Suite("The planner of the configuration")
struct PlannerSettingsTests {
    private func load(_ planner: String) throws -> Result<PlannerSettings, FileProblem> {
        let path = NSTemporaryDirectory() + "planner-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try "{\n\"planner\": \(planner)\n}".write(toFile: path, atomically: true, encoding: .utf8)
        do {
            return .success(try ConfigurationFile(path: path).current.planner)
        } catch let problem {
            return .failure(problem)
        }
    }

    private static let good: [(String, String?)] = [
        ("{}", nil), (#"{"kind": "builtin", "app_url": "http://app.local:3000/x"}"#, nil),
        (#"{"kind": "openai", "base_url": "http://127.0.0.1:11434/v1/", "model": "m"}"#, "http://127.0.0.1:11434/v1"),
        (#"{"kind": "openai", "base_url": "http://[::1]:8080", "model": "m"}"#, "http://[::1]:8080"),
        (#"{"kind": "openai", "base_url": "http://localhost/v1", "model": "m"}"#, "http://localhost/v1"),
        (
            #"{"kind": "openai", "base_url": "https://models.example/v1", "model": "m", "api_key_env": "KEY_1"}"#,
            "https://models.example/v1"
        ),
    ]

    @Test("is taken when it is right", arguments: good)
    func good(_ text: String, _ base: String?) throws {
        #expect(try load(text).get().endpoint?.baseURL == base)
    }

    private static let bad: [(String, String)] = [
        ("5", "planner must be an object"), (#"{"kind": "other"}"#, "planner.kind"),
        (#"{"knd": "openai"}"#, "did you mean \"kind\"?"), (#"{"kind": "openai", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "https://a"}"#, "planner.model"),
        (#"{"model": "m"}"#, "planner.model"), (#"{"app_url": "ftp://a"}"#, "planner.app_url"),
        (#"{"app_url": "http://u:p@a"}"#, "planner.app_url"),
        (#"{"kind": "openai", "base_url": "http://models.example/v1", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "http://127.0.0.1.example/v1", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "http://127.evil/v1", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "https://u@a/v1", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "https://a/v1?k=1", "model": "m"}"#, "planner.base_url"),
        (#"{"kind": "openai", "base_url": "file:///etc", "model": "m"}"#, "planner.base_url"),
        (
            #"{"kind": "openai", "base_url": "https://a", "model": "m", "timeout_seconds": 0}"#,
            "planner.timeout_seconds"
        ),
        (
            #"{"kind": "openai", "base_url": "https://a", "model": "m", "api_key_env": "EXECUTION_TOKEN"}"#,
            "planner.api_key_env"
        ),
        (#"{"kind": "openai", "base_url": "https://a", "model": "m", "api_key_env": "a b"}"#, "planner.api_key_env"),
        (#"{"kind": "openai", "base_url": "https://a", "model": "m", "api_key": "sk-1"}"#, "planner"),
    ]

    @Test("is refused with line and field when it is wrong", arguments: bad)
    func bad(_ text: String, _ words: String) throws {
        guard case .failure(let problem) = try load(text) else {
            Issue.record("it was taken")
            return
        }
        #expect(problem.reason.contains("line 2") && problem.reason.contains(words), "\(problem.reason)")
    }

    @Test("is not changed by PATCH, and survives one")
    func patch() throws {
        let path = NSTemporaryDirectory() + "planner-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = #"{"planner": {"kind": "openai", "base_url": "https://a/v1", "model": "m", "timeout_seconds": 9}}"#
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let file = try ConfigurationFile(path: path)
        #expect(throws: ConfigurationRefusal.self) { try file.patch(["planner": [:]]) }
        try file.patch(["max_steps_per_run": 7])
        #expect(try ConfigurationFile(path: path).current.planner == file.current.planner)
        #expect(file.current.planner.endpoint?.timeoutSeconds == 9)
    }
}
