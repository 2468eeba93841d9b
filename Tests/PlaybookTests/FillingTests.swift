internal import Gate
internal import Testing
internal import ToolKit

@Suite("Variables that are filled in")
struct FillingTests {
    private func definition(
        _ arguments: [String: JSONValue], _ variables: [String: PlaybookVariable]
    ) -> PlaybookDefinition {
        PlaybookDefinition(
            name: "one", variables: variables, steps: [.init(toolName: "probe", arguments: arguments)])
    }

    private func fill(_ value: JSONValue, _ given: [String: JSONValue]) throws -> JSONValue? {
        try definition(["a": value], given.mapValues { _ in PlaybookVariable() }).filled(with: given)[0]["a"]
    }

    private func problems(
        _ arguments: [String: JSONValue], _ variables: [String: PlaybookVariable], _ given: [String: JSONValue]
    ) -> [String] {
        do throws(ArgumentProblems) {
            _ = try definition(arguments, variables).filled(with: given)
            return []
        } catch {
            return error.problems.map { "\($0.field) \($0.reason)" }
        }
    }

    @Test(
        "keep their type where they are all of a text",
        arguments: [
            "text", 5, 0.5, true, ["a", 1], ["deep": ["er": [nil]]], "",
        ] as [JSONValue])
    func typed(_ value: JSONValue) throws {
        #expect(try fill("{x}", ["x": value]) == value)
        #expect(try fill(["{x}", ["y": "{x}"]], ["x": value]) == [value, ["y": value]])
    }

    @Test(
        "are text inside a text",
        arguments: [("word", "word"), (5, "5"), (-0.5, "-0.5"), (true, "true"), ("", "")] as [(JSONValue, String)])
    func embedded(_ value: JSONValue, _ shown: String) throws {
        #expect(try fill("<{x}>", ["x": value]) == .string("<\(shown)>"))
    }

    @Test("are refused inside a text when they are no text", arguments: [["a"], ["a": 1]] as [JSONValue])
    func unfit(_ value: JSONValue) {
        let found = problems(["a": "<{x}>"], ["x": PlaybookVariable()], ["x": value])
        #expect(found.count == 1 && found[0].hasPrefix("steps[0].args.a cannot hold {x} inside a text"))
    }

    @Test("are never looked at again: a value that names a variable stays a text")
    func once() throws {
        let given: [String: JSONValue] = ["x": "{y}", "y": "{x}{x}", "z": "{{x}}"]
        #expect(try fill("{x} {y} {z}", given) == "{y} {x}{x} {{x}}")
        #expect(try fill("{x}", given) == "{y}")
    }

    @Test("fill one word of a command, whatever they hold")
    func oneWord() throws {
        #expect(
            try fill(["git", "log", "--author={x}", "{x}"], ["x": "a; rm -rf \"$HOME\" '"])
                == ["git", "log", "--author=a; rm -rf \"$HOME\" '", "a; rm -rf \"$HOME\" '"])
    }

    @Test("have their default, and without one an argument is left out")
    func defaults() throws {
        let variables = [
            "x": PlaybookVariable(.integer, default: 7), "y": PlaybookVariable(isRequired: false),
        ]
        let definition = definition(["a": "{x}", "b": "{y}", "c": "v{x}"], variables)
        #expect(try definition.filled(with: [:]) == [["a": 7, "c": "v7"]])
        #expect(try definition.filled(with: ["x": 8, "y": "s"]) == [["a": 8, "b": "s", "c": "v8"]])
        #expect(try definition.filled(with: ["x": nil]) == [["a": 7, "c": "v7"]])
    }

    @Test("are all named when they have no value, are unknown, or are of another type")
    func named() {
        let variables = ["x": PlaybookVariable(), "count": PlaybookVariable(.integer)]
        let found = problems(["a": "{x}{count}"], variables, ["count": "many", "cont": 1])
        #expect(
            found == [
                "variables.cont is a variable that this playbook does not have; did you mean \"count\"?",
                "variables.count must be an integer, not a string",
                "variables.x has no value",
            ])
    }

    @Test("are bounded: a large value in many places is refused before it is put together")
    func oversized() {
        let large = JSONValue.string(String(repeating: "x", count: 1 << 20))
        let many = JSONValue.array(Array(repeating: "{x}", count: 2_000))
        let found = problems(["a": many], ["x": PlaybookVariable()], ["x": large])
        #expect(found.count == 1 && found[0].contains("larger than 8 MiB"))
        #expect(problems(["a": "{x}"], ["x": PlaybookVariable()], ["x": large]) == [])
    }

    @Test("counts hostile names instead of listing them all")
    func flood() {
        let given = Dictionary(uniqueKeysWithValues: (0..<5_000).map { ("v\($0)", JSONValue.integer(1)) })
        #expect(problems(["a": 1], [:], given).count == 20)
    }
}
