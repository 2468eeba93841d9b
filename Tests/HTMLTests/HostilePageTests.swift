import HTML
import Testing

@Suite("A page that is made to harm its reader")
struct HostilePageTests {
    private func limits(memory: Int = 384 << 20, seconds: UInt64 = 300, nodes: Int = 1_000_000) -> ParseLimits {
        var limits = ParseLimits()
        (limits.memory, limits.nanoseconds, limits.nodes) = (memory, seconds * 1_000_000_000, nodes)
        return limits
    }

    @Test("may be nested as deep as it likes: nothing here recurses")
    func deep() throws {
        let depth = 20_000
        let page = try Document(html: String(repeating: "<div>", count: depth) + "end", limits: limits())
        #expect(page.text(of: Document.root).text == "end")
        var matcher = SelectorMatcher(page)
        #expect(try matcher.find(Selector("div")).count == depth)
    }

    @Test("is given up when it takes too long: a million elements, each looking through all that are open")
    func slow() {
        #expect(throws: ParseFailure.tooSlow) {
            try Document(html: String(repeating: "<div>", count: 1_000_000), limits: limits(seconds: 0))
        }
    }

    @Test("is given up when it needs too much memory: formatting that is opened anew in every paragraph")
    func large() {
        let formats = (0..<2_000).map { "<b a=\($0)>" }.joined()
        #expect(throws: ParseFailure.tooComplex) {
            try Document(
                html: "<p>" + formats + String(repeating: "<p>x", count: 2_000), limits: limits(memory: 64 << 20))
        }
        #expect(throws: ParseFailure.tooComplex) {
            try Document(html: String(repeating: "<br>", count: 2_000), limits: limits(nodes: 1_000))
        }
    }

    @Test("control: a large page within the limits is read whole")
    func control() throws {
        let rows = (0..<5_000).map { "<tr><td>\($0)<td>x" }.joined()
        let page = try Document(html: "<table>" + rows, limits: limits())
        #expect(page.tables(in: [Document.root], limit: 100_000).tables.first?.count == 5_000)
    }

    @Test("does not let a selector search without end")
    func search() throws {
        let page = try Document(
            html: String(repeating: "<p>", count: 3) + String(repeating: "<div>", count: 3_000), limits: limits())
        let selector = try Selector(Array(repeating: "div", count: 12).joined(separator: " ") + " p")
        var matcher = SelectorMatcher(page)
        _ = try? matcher.find(selector)
        let costly = try Selector(":has(:has(:has(span)))")
        var other = SelectorMatcher(page)
        #expect(throws: SelectorTooCostly.self) { try other.find(costly) }
    }

    @Test(
        "without anything in it, or with NUL in odd places, is a page all the same",
        arguments: ["", "\0", "<\0a\0 b\0=\0>", "&#0;", "<!", "<"])
    func nothing(_ html: String) throws {
        #expect(try Document(html: html).elements.starts(with: ["html", "head", "body"]))
    }

    @Test("keeps the text in front of the end of a form inside of it, and no trace of how")
    func forms() throws {
        let page = try Document(
            html:
                "<form>a</form>b<FORM title='</form>'>c<!-- </form> --></FORM>d<textarea></form></textarea><script>'</form>'</script>"
        )
        #expect(page.text(of: Document.root).text == "a\nb\nc\nd\n</form>")
        let forms = page.elementPlaces.filter { page.name($0) == "form" }
        #expect(forms.map { page.text(of: $0).text } == ["a", "c"])
        #expect(forms.last.flatMap { page.attribute("title", of: $0) } == "</form>")
        #expect(page.elementPlaces.last.map { page.text(of: $0).text } == "'</form>'")
    }

    @Test("keeps the value behind an attribute that is given twice")
    func twice() throws {
        let page = try Document(html: "<p id=one id title='a &amp; b' id class=\"x y\" id data-x=z>")
        let place = try #require(page.elementPlaces.last)
        #expect(page.attribute("id", of: place) == "one" && page.attribute("title", of: place) == "a & b")
        #expect(page.attribute("class", of: place) == "x y" && page.attribute("data-x", of: place) == "z")
    }
}
