internal import Gate
internal import Testing

@Suite("A text that holds variables")
struct VariableTextTests {
    private static func plain(_ text: String) -> VariableText.Piece { .text(text) }
    private static func hole(_ name: String) -> VariableText.Piece { .variable(name) }

    @Test(
        "is taken apart at names in braces",
        arguments: [
            ("{name}", [hole("name")]), ("a {b} c", [plain("a "), hole("b"), plain(" c")]),
            ("{a}{b_1}", [hole("a"), hole("b_1")]), ("{_x}", [hole("_x")]), ("", [plain("")]),
            (#"{"a":{n}}"#, [plain(#"{"a":"#), hole("n"), plain("}")]),
        ])
    func variables(_ source: String, _ pieces: [VariableText.Piece]) {
        #expect(VariableText(source).pieces == pieces)
    }

    @Test(
        "takes every other brace as text",
        arguments: [
            "${HOME}", "{Name}", "{}", "{0}", "{ a }", "{a b}", "{a-b}", "{a", "a}", "{\"a\": {\"b\": 1}}", "{{}}",
            "{%d}", "{a.b}", "{é}", "f(x) { return }", "{ö}", "}{", "{{{",
            "{" + String(repeating: "a", count: 65) + "}",
        ])
    func text(_ source: String) {
        #expect(VariableText(source).pieces == [.text(source)])
    }

    @Test(
        "says a name in braces with one pair more",
        arguments: [
            ("{{name}}", "{name}"), ("{{{name}}}", "{{name}}"), ("a {{b}} c", "a {b} c"), ("{{{{n}}}}", "{{{n}}}"),
            ("{{b}}}", "{b}}"), ("{{{b}}", "{{b}"),
        ])
    func escapes(_ source: String, _ shown: String) {
        #expect(VariableText(source).pieces == [.text(shown)])
    }

    @Test("keeps the braces that have no partner beside a variable")
    func unbalanced() {
        #expect(VariableText("{{a}").pieces == [.text("{"), .variable("a")])
        #expect(VariableText("{a}}").pieces == [.variable("a"), .text("}")])
    }

    @Test("takes a megabyte of braces apart in no time")
    func hostile() {
        let text = String(repeating: "{", count: 1 << 20)
        #expect(VariableText(text).pieces == [.text(text)])
        let names = String(repeating: "{a", count: 1 << 19)
        #expect(VariableText(names).variables.isEmpty)
    }
}
