internal import Audit
internal import Testing
internal import ToolKit

@Suite("What is redacted")
struct RedactorTests {
    private let redactor = Redactor(knownSecrets: ["tok-4711-abcdef", "short"])

    private func text(_ value: JSONValue) -> String { String(decoding: JSONWriter.write(value), as: UTF8.self) }

    @Test(
        "R63: values under a secret's name",
        arguments: ["password", "clientSecret", "X-Execution-Token", "API_KEY", "db_password"])
    func names(_ name: String) {
        let kept = redactor.arguments([
            name: "correct horse", "nested": [.object([name: ["a", "b"]])], "path": "a.txt",
        ])
        #expect(!text(kept.args).contains("horse") && !text(kept.args).contains(#""b""#))
        #expect(kept.args["path"] == "a.txt" && !kept.summary.contains("horse"))
    }

    @Test(
        "R63: what looks like a secret",
        arguments: [
            "Authorization: Bearer abcdefghijklmnop123456", "AKIAIOSFODNN7EXAMPLE",
            "https://bob:hunter2hunter2@example.org/x",
            "password=hunter2hunter2", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        ])
    func shapes(_ secret: String) {
        let kept = text(redactor.value(["note": .string("see \(secret) here")]))
        #expect(kept.contains(Redactor.mark))
        for word in ["hunter2", "abcdefghijklmnop", "AKIAIOS", "ghp_0"] { #expect(!kept.contains(word)) }
    }

    @Test("R37: known values, wherever they stand")
    func known() {
        let kept = text(redactor.value(["a": ["xtok-4711-abcdefy and tok-4711-abcdef"], "tok-4711-abcdef": 1]))
        #expect(!kept.contains("4711"))
        #expect(redactor.text("a short word") == "a short word")
    }

    @Test("R63: the word behind an option of a secret's name")
    func argumentVector() {
        let kept = redactor.value(["argv": ["psql", "--password", "correcthorse", "--host", "db1"]])
        #expect(kept["argv"] == ["psql", "--password", .string(Redactor.mark), "--host", "db1"])
    }

    @Test("R63: the password of a user in an argument vector, and no numbers of a user and group")
    func userOption() {
        let kept = redactor.value(["argv": ["curl", "-u", "jane:correct horse", "x"]])
        #expect(kept["argv"] == ["curl", "-u", .string("jane:\(Redactor.mark)"), "x"])
        let ids: JSONValue = ["docker", "run", "--user", "1000:1000", "x"]
        #expect(redactor.value(ids) == ids)
    }

    @Test("R63: a value whose secret name stands beside it", arguments: ["Authorization", "X-Api-Key", "password"])
    func namedBeside(_ name: String) {
        let header: JSONValue = ["name": .string(name), "value": "correct horse"]
        let redacted: JSONValue = ["name": .string(name), "value": .string(Redactor.mark)]
        #expect(redactor.value(["headers": [header]]) == ["headers": [redacted]])
        #expect(redactor.arguments(["name": .string(name), "value": "correct horse"]).args == redacted)
    }

    @Test("R63: the second of a pair whose first is a secret's name")
    func namedPair() {
        #expect(
            redactor.value([["X-Api-Key", "v"], ["Accept", "*/*"]]) == [
                ["X-Api-Key", .string(Redactor.mark)], ["Accept", "*/*"],
            ])
    }

    @Test("nothing that only looks like a name with its value (positive control)")
    func namedControl() {
        let value: JSONValue = [
            "token_id": "tok_1", "approval_id": "apr_1", "paths": ["src/token.swift", "src/b.swift"],
            "pair": ["token_id", "tok_1"], "three": ["token", "b", "c"],
            "rows": [["name": "approval_id", "value": "apr_1"], ["name": "Accept", "value": "text/plain"]],
        ]
        #expect(redactor.value(value) == value)
    }

    @Test("R63: file contents, to size and SHA-256")
    func contents() {
        let kept = redactor.arguments(["path": "a.txt", "content": "hello"], contentArguments: ["content"])
        #expect(
            kept.args["content"] == [
                "size": 5, "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            ])
        #expect(kept.summary == "content=(5 bytes) path=a.txt")
    }

    @Test("R64: long texts, wide and deep values are cut and say so")
    func limits() {
        var deep: JSONValue = "end"
        for _ in 0..<60 { deep = [deep] }
        let wide = JSONValue.array(Array(repeating: 1, count: 10_000))
        let kept = redactor.arguments([
            "deep": deep, "wide": wide, "long": .string(String(repeating: "é", count: 50_000)),
        ])
        #expect(text(kept.args).utf8.count < 5_000)
        #expect(kept.args["long"]?.stringValue?.contains("bytes more") == true)
        #expect(kept.summary.unicodeScalars.count <= 200)
    }

    @Test("nothing else (positive control)")
    func control() {
        let value: JSONValue = [
            "path": "notes/today.md", "limit": 4_096, "token_count": 7, "deep": [["a": nil, "b": true]],
        ]
        #expect(redactor.value(value) == value)
        #expect(!redactor.summary(["a": "x\ny"]).contains("\n"))
    }
}
