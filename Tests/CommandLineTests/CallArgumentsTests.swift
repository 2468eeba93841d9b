import ArgumentParser
import Testing
import ToolKit

@testable import execlayer

@Suite("Arguments on the command line")
struct CallArgumentsTests {
    private let typing = ArgumentTyping(inputSchema: [
        "properties": [
            "path": ["type": "string"], "limit": ["type": "integer"], "deep": ["type": "boolean"],
            "paths": ["type": "array"], "map": ["type": "object"], "ratio": ["type": "number"],
            "command": ["anyOf": [["type": "string"], ["type": "array"]]],
        ]
    ])

    private func object(_ words: [String], args: String? = nil, input: String = "") throws -> [String: JSONValue] {
        var arguments = try CallArguments.parse([])
        arguments.words = words
        arguments.args = args
        let captured = CapturedTerminal()
        let session = Session(
            terminal: captured.terminal, environment: [:], currentFolder: "/", openHome: { _ in TwinHome() },
            connect: { _ in TwinDoor.absent }, readInput: { _ in Array(input.utf8) })
        return try arguments.object(typedBy: typing, in: session)
    }

    private static let typedWords: [(String, String, JSONValue)] = [
        ("path=5", "path", "5"), ("limit=5", "limit", 5), ("limit=-3", "limit", -3), ("deep=true", "deep", true),
        ("ratio=0.5", "ratio", 0.5), ("ratio=2", "ratio", 2), ("paths=a", "paths", ["a"]),
        ("paths=[\"a\",\"b\"]", "paths", ["a", "b"]), ("map={\"a\":1}", "map", ["a": 1]),
        ("command=ls -l", "command", "ls -l"), ("unknown=7", "unknown", "7"), ("path=a=b", "path", "a=b"),
        ("path=", "path", ""), ("limit:=7", "limit", 7), ("path:=null", "path", nil),
        ("command:=[\"ls\"]", "command", ["ls"]),
    ]

    @Test("take the type that the tool asks for", arguments: typedWords)
    func typed(word: String, name: String, value: JSONValue) throws {
        #expect(try object([word]) == [name: value])
    }

    @Test("collect a list from one word each")
    func collected() throws {
        #expect(try object(["paths=a", "paths=b"]) == ["paths": ["a", "b"]])
    }

    @Test("take a file's text with @=")
    func file() throws {
        #expect(try object(["path@=-"], input: "line\n") == ["path": "line\n"])
    }

    @Test("take a whole object, from the line or the input", arguments: ["{\"limit\":1}", "-", "@file"])
    func whole(args: String) throws {
        #expect(try object(["path=a"], args: args, input: "{\"limit\":1}") == ["limit": 1, "path": "a"])
    }

    @Test(
        "that make no sense are refused as wrong usage",
        arguments: [["novalue"], ["=x"], ["limit=ten"], ["deep=yes"], ["map=[]"], ["path=a", "path=b"], ["limit:={"]])
    func refused(words: [String]) {
        let failure = #expect(throws: CommandFailure.self) { try object(words) }
        #expect(failure?.status == .usage)
    }

    @Test("a whole that is no object is refused", arguments: ["[]", "{", "{\"a\":1,\"a\":2}"])
    func notAnObject(args: String) {
        #expect(throws: CommandFailure.self) { try object([], args: args) }
    }
}
