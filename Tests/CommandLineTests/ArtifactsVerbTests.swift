import Foundation
import Testing
import ToolKit

@testable import execlayer

@Suite("The command line and kept files")
struct ArtifactsVerbTests {
    private static let list: JSONValue = [
        "success": true, "count": 1, "next": 7,
        "artifacts": [
            [
                "artifact_id": "art_1", "name": "out/\u{202E}r.txt", "size": 6, "sha256": "00", "audit_id": "aud_1",
                "tool_name": "sandbox_worker_run", "principal": "ada", "created_at": 0,
            ]
        ],
    ]

    private func folder(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/artifacts-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test("list asks for one call and shows names that cannot act on the terminal")
    func lists() async throws {
        let door = TwinDoor.always(200, Self.list)
        let run = try await CommandLineRun("artifacts", "list", "aud_1", "--limit", "5", door: door)
        #expect(run.status == .success)
        #expect(door.requests.last?.target == "/api/v1/execution/artifacts?limit=5&audit_id=aud_1")
        #expect(run.terminal.answer.contains("art_1"))
        #expect(!run.terminal.answer.contains("\u{202E}"))
        #expect(run.terminal.remark == "older ones: --before 7\n")
    }

    @Test("get passes the bytes on as they are")
    func gets() async throws {
        let door = TwinDoor.always(200, "\u{1B}[2J")
        let run = try await CommandLineRun("artifacts", "get", "art_1", door: door)
        #expect(run.status == .success)
        #expect(run.terminal.file == Array("\u{1B}[2J".utf8))
        #expect(door.requests.last?.target == "/api/v1/execution/artifacts/art_1")
    }

    @Test("get sends nothing to a person's terminal")
    func terminal() async throws {
        let door = TwinDoor.always(200, "x")
        let run = try await CommandLineRun("artifacts", "get", "art_1", door: door, isInteractive: true)
        #expect(run.status == .usage)
        #expect(run.terminal.file.isEmpty)
    }

    @Test("get saves into a new file of its own, and overwrites nothing")
    func saves() async throws {
        try await folder { folder in
            let door = TwinDoor.always(200, "report")
            let path = folder + "/r.txt"
            let first = try await CommandLineRun("artifacts", "get", "art_1", "--save", path, "--json", door: door)
            #expect(first.status == .success)
            #expect(first.terminal.answer.contains("\"size\":6"))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "report")
            let second = try await CommandLineRun("artifacts", "get", "art_1", "--save", path, door: door)
            #expect(second.status == .failed)
            #expect(second.terminal.remark.contains("exists already"))
        }
    }

    @Test("get of an unknown one is a refusal, and nothing is written")
    func unknown() async throws {
        try await folder { folder in
            let body: JSONValue = [
                "success": false, "detail": "there is no such artifact", "code": "unknown_artifact", "remedy": "list",
            ]
            let run = try await CommandLineRun(
                "artifacts", "get", "art_1", "--save", folder + "/r", door: TwinDoor.always(404, body))
            #expect(run.status == .refused)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}
