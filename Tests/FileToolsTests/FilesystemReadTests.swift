import Foundation
import Surroundings
import Testing
import ToolKit

@testable import Tools

@Suite(
    "Reading a file",
    .enabled(if: !Surroundings.isInsideSandbox, "needs openat2, which does not exist inside the sandbox"))
struct FilesystemReadTests {
    let desk: Desk
    let tool = FilesystemRead()

    init() throws { desk = try Desk() }

    @Test("answers path, content, size and that nothing is missing")
    func whole() async throws {
        try desk.put("a/b.txt", "grüße\n")
        let result = try await desk.call(tool, ["file": "a//./b.txt"])
        #expect(result == ["path": "a/b.txt", "content": "grüße\n", "size": 8, "truncated": false])
    }

    @Test("an absolute path inside the workspace passes")
    func absolute() async throws {
        try desk.put("a.txt", "x")
        #expect(try await desk.call(tool, ["path": .string(desk.path + "/a.txt")])["path"] == "a.txt")
    }

    @Test("R8: is capped at 1 MiB by default and says so")
    func capped() async throws {
        try desk.put("big.txt", [UInt8](repeating: 0x61, count: 1_048_577))
        let result = try await desk.call(tool, ["path": "big.txt"])
        #expect(result["content"]?.stringValue?.utf8.count == 1_048_576)
        #expect(result["size"] == 1_048_577)
        #expect(result["truncated"] == true)
    }

    @Test(
        "never cuts a character",
        arguments: [(2, "a"), (3, "aé"), (4, "aé"), (5, "aé"), (6, "aé€"), (9, "aé€"), (10, "aé€😀")])
    func boundary(limit: Int, content: String) async throws {
        try desk.put("a.txt", "aé€😀")
        let result = try await desk.call(tool, ["path": "a.txt", "limit": .integer(limit)])
        #expect(result["content"]?.stringValue == content)
        #expect(result["truncated"] == .bool(limit < 10))
    }

    @Test("goes on where it stopped, and names the right offset for a wrong one")
    func offsets() async throws {
        try desk.put("a.txt", "aé€😀")
        #expect(try await desk.call(tool, ["path": "a.txt", "offset": 3])["content"] == "€😀")
        #expect(try await desk.call(tool, ["path": "a.txt", "offset": 99])["content"] == "")
        let inside = await failure { _ = try await desk.call(tool, ["path": "a.txt", "offset": 2]) }
        #expect(inside?.code == "offset_inside_character")
        #expect(inside?.remedy == "use the offset 3")
        let small = await failure { _ = try await desk.call(tool, ["path": "a.txt", "offset": 3, "limit": 2]) }
        #expect(small?.code == "limit_too_small")
    }

    @Test(
        "of a binary names size and hash",
        arguments: [[0x61, 0, 0x62], [0xFF, 0xFE, 0x61], [0xC3, 0x28]] as [[UInt8]])
    func binary(bytes: [UInt8]) async throws {
        try desk.put("a.bin", bytes)
        let failure = await failure { _ = try await desk.call(tool, ["path": "a.bin"]) }
        #expect(failure?.code == "binary_file")
        #expect(failure?.message.contains("\(bytes.count) bytes, SHA-256 ") == true)
    }

    @Test("refuses limits out of range", arguments: [0, -1, 1_048_577])
    func limits(limit: Int) async throws {
        try desk.put("a.txt", "x")
        await #expect(throws: ArgumentProblems.self) {
            try await desk.call(tool, ["path": "a.txt", "limit": .integer(limit)])
        }
    }

    @Test("of a folder or FIFO is refused by plan and call in the same words", arguments: ["a folder", "a FIFO"])
    func notAFile(kind: String) async throws {
        if kind == "a folder" {
            try FileManager.default.createDirectory(atPath: desk.path + "/x", withIntermediateDirectories: false)
        } else {
            try #require(mkfifo(desk.path + "/x", 0o600) == 0)
        }
        let planned = await failure { _ = try await desk.plan(tool, ["path": "x"]) }
        let called = await failure { _ = try await desk.call(tool, ["path": "x"]) }
        #expect(planned?.code == "not_a_regular_file")
        #expect(planned?.message.hasPrefix("x is \(kind)") == true)
        #expect(planned?.message == called?.message)
    }

    @Test("plans without showing content")
    func plan() async throws {
        try desk.put("a.txt", "hello")
        #expect(try await desk.plan(tool, ["path": "a.txt", "limit": 3]) == ["path": "a.txt", "size": 5, "bytes": 3])
        #expect(await failure { _ = try await desk.plan(tool, ["path": "none"]) }?.code == "not_found")
    }
}
