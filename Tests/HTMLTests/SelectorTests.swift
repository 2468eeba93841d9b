import HTML
import Testing

@Suite("A selector")
struct SelectorTests {
    private static let page = """
        <!doctype html><div id=a class="x y"><p lang=de-CH>one</p><p class=y>two<b>three</b></p><p></p></div>
        <ul><li>1<li class=odd>2<li class=odd>3<li>4</ul><a href="/x" data-n="5">link</a><a>none</a>
        <svg><foreignObject id=fo></foreignObject></svg>
        """

    private func texts(_ selector: String) throws -> [String] {
        let page = try Document(html: Self.page)
        var matcher = SelectorMatcher(page)
        return try matcher.find(Selector(selector)).map { page.text(of: $0, separator: " ").text }
    }

    @Test(
        "finds what it says",
        arguments: [
            ("p", ["one", "two three", ""]), ("DIV > P.y b", ["three"]), ("#a p:nth-child(2)", ["two three"]),
            ("li:nth-child(odd)", ["1", "3"]), ("li:nth-child(2 of .odd)", ["3"]),
            ("li:nth-last-child(-n+2)", ["3", "4"]),
            ("p:has(> b)", ["two three"]), ("p:has(+ p + p)", ["one"]), ("p:has(~ :empty)", ["one", "two three"]),
            ("a:not([href])", ["none"]), ("[data-n='5']", ["link"]), ("p:lang(de)", ["one"]),
            ("p:lang('*-ch')", ["one"]),
            ("li:is(.odd, :last-child)", ["2", "3", "4"]), ("p:-soup-contains('thr')", ["two three"]),
            ("p:-soup-contains-own('thr')", [String]()), ("\\61  /* c */ , b", ["three", "link", "none"]),
            ("foreignObject", [""]),
            ("foreignobject", [""]), ("p:hover", [String]()), ("*|b", ["three"]),
            (":where(#a) > :first-child", ["one"]),
            ("[class~=y][class|=x]", [String]()), ("[class^='x ']", ["one two three"]), ("ul > li + li ~ .odd", ["3"]),
            (":is()", [String]()),
        ])
    func finds(_ selector: String, _ expected: [String]) throws { #expect(try texts(selector) == expected) }

    @Test(
        "that is none is refused with its place",
        arguments: [
            "", " ", ",", "p,", "p >", "> p", "p..x", "p[", "p[x", "p[x=]", "p[x='", "p:", "p::before", "p:nope",
            "p:nope(1)",
            "p:nth-child(", "p:nth-child(x)", "p:nth-child(2n + )", "p)", ":is(p", ":has(>)", "ns|p", "p { }", "1p",
            "p:not(:is(:is(:is(:is(:is(:is(:is(:is(a))))))))",
            "p /* ", "\\", String(repeating: "a", count: 5_000), String(repeating: ":is(", count: 400),
            String(repeating: ".a", count: 600),
        ])
    func refused(_ selector: String) { #expect(throws: SelectorError.self) { try Selector(selector) } }
}
