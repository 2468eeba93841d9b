import Testing

@testable import ToolKit

private struct Sample: ToolArguments, Equatable {
    var path: WorkspacePath
    var createParents: Bool
    var limit: Int
    var words: [String]?

    static let schema = ArgumentSchema(
        .required("path", .path, aliases: ["file"], "Where."),
        .optional("create_parents", .boolean, default: true, "Whether folders are made."),
        .optional("limit", .integer(1...10), default: 5, "How many."),
        .optional("words", .array(of: .string(minLength: 1, maxLength: 8), count: 0...3), "Which."))
}

@Suite("Arguments of a call")
struct ArgumentSchemaTests {
    private func canonical(_ arguments: [String: JSONValue]) throws -> [String: JSONValue] {
        try Sample.schema.canonical(arguments, roots: ["/srv/work"])
    }

    @Test("get their defaults and decode into the tool's struct")
    func defaults() throws {
        let decoded = try ArgumentDecoder.decode(Sample.self, from: canonical(["path": "a.txt"]))
        #expect(decoded == Sample(path: try WorkspacePath("a.txt"), createParents: true, limit: 5, words: nil))
    }

    @Test("have one canonical form however they are spelled")
    func spelling() throws {
        let plain = try canonical(["path": "src/a.txt", "limit": 5])
        #expect(try canonical(["file": "./src//b/../a.txt"]) == plain)
        #expect(try canonical(["path": "/srv/work/src/a.txt", "limit": 5.0]) == plain)
    }

    @Test("are refused with every bad field named, not just the first")
    func everyProblem() {
        let problems = #expect(throws: ArgumentProblems.self) {
            try canonical(["limt": 3, "limit": 11, "create_parents": "true", "words": ["ok", ""]])
        }
        #expect(
            problems?.description
                == "create_parents must be true or false, not a string; limit must be from 1 to 10; "
                + "\"limt\" is unknown; did you mean \"limit\"?; path is required; words element 1 must not be empty")
    }

    @Test("R15: a truthy spelling is no boolean", arguments: ["true", 1, 0, "null", [true]] as [JSONValue])
    func truthy(_ value: JSONValue) {
        #expect(throws: ArgumentProblems.self) { try canonical(["path": "a", "create_parents": value]) }
    }

    @Test("R16: nothing outside the schema passes", arguments: ["env", "environment", "stdin", "executable", "shell"])
    func unknown(_ name: String) {
        #expect(throws: ArgumentProblems.self) { try canonical(["path": "a", name: "x"]) }
    }

    @Test("are refused when one is given under two names")
    func twice() {
        #expect(throws: ArgumentProblems.self) { try canonical(["path": "a", "file": "a"]) }
    }

    @Test(
        "R2: a path that leaves the workspace is refused",
        arguments: [
            "..", "../a", "a/../../b", "/etc/passwd", "/srv/work-evil/a", "/srv/workevil", "~/a", "~",
            "file:///etc/passwd",
            "a\0b", "", "/srv/work/../x",
        ])
    func outside(_ path: String) {
        #expect(throws: ArgumentProblems.self) { try canonical(["path": .string(path)]) }
    }

    @Test(
        "R2: a look-alike of an escape is a plain name inside",
        arguments: ["%2e%2e/a", "．．/a", "$HOME/a", "..a", "a..", "\\..\\a"])
    func lookAlike(_ path: String) throws {
        #expect(try canonical(["path": .string(path)])["path"] == .string(path))
    }

    @Test("yield JSON Schema 2020-12")
    func jsonSchema() {
        let schema = Sample.schema.jsonSchema
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["required"] == ["path"])
        #expect(schema["additionalProperties"] == false)
        #expect(
            schema["properties"]?["limit"]
                == ["type": "integer", "minimum": 1, "maximum": 10, "default": 5, "description": "How many."])
    }

    @Test("R54: the digest of a call depends on tool and arguments and on nothing else")
    func digest() throws {
        let one = CallDigest(toolName: "t", arguments: try canonical(["path": "a"]))
        #expect(one == CallDigest(toolName: "t", arguments: try canonical(["file": "./a", "limit": 5])))
        #expect(one != CallDigest(toolName: "u", arguments: try canonical(["path": "a"])))
        #expect(one != CallDigest(toolName: "t", arguments: try canonical(["path": "a", "limit": 6])))
        #expect(one.hex.count == 64)
    }
}
