import HTML
import Testing

@Suite("The characters of a page")
struct CharsetTests {
    private func name(_ body: String, _ contentType: String = "text/html") -> String {
        Charset.of(Array(body.utf8), contentType: contentType).charset.name
    }

    @Test("are in the set of the byte order mark, else of the header, else of the page, else western")
    func order() {
        #expect(name("\u{FEFF}<meta charset=koi8-r>", "text/html; charset=gbk") == "utf-8")
        #expect(name("<meta charset=koi8-r>", "text/html; charset=\"GBK\"") == "gbk")
        #expect(name("<meta charset=koi8-r>", "text/html; charset=nonsense") == "koi8-r")
        #expect(name("<meta charset=koi8-r>") == "koi8-r")
        #expect(name("<p>") == "windows-1252")
        #expect(Charset.of([0xFF, 0xFE, 0x41, 0], contentType: "text/html; charset=utf-8").charset.name == "utf-16le")
    }

    @Test(
        "are told by the page as the standard reads it",
        arguments: [
            ("<META CHARSET='utf-8'>", "utf-8"), ("<meta charset=utf8 />", "utf-8"),
            ("<!-- <meta charset=gbk> --><meta charset=big5>", "big5"),
            ("<meta http-equiv=content-type content='text/html; charset=shift_jis'>", "shift_jis"),
            ("<meta content='text/html; charset=euc-kr' http-equiv=\"Content-Type\">", "euc-kr"),
            ("<meta content='text/html; charset=gbk'>", "windows-1252"),
            ("<p title='<meta charset=gbk>'><meta charset=big5>", "big5"),
            ("<meta charset=utf-16>", "utf-8"), ("<meta name=x><meta charset=iso-8859-2>", "iso-8859-2"),
            ("<metacharset=gbk>", "windows-1252"), ("<meta charset=nonsense><meta charset=gbk>", "gbk"),
        ])
    func meta(_ html: String, _ expected: String) { #expect(name(html) == expected) }

    @Test(
        "are decoded, and what is none is replaced",
        arguments: [
            ("utf-8", [0xC3, 0xA9, 0xFF], "é\u{FFFD}"), ("latin1", [0x80, 0xE9, 0x81], "€é\u{81}"),
            ("windows-1251", [0xCF, 0xF0], "Пр"), ("koi8-r", [0xF0, 0xD2], "Пр"), ("gb2312", [0xD6, 0xD0], "中"),
            ("big5", [0xA4, 0xA4], "中"), ("shift_jis", [0x93, 0xFA], "日"), ("euc-jp", [0xC6, 0xFC], "日"),
            ("euc-kr", [0xC7, 0xD1], "한"),
            ("utf-16le", [0x2D, 0x4E], "中"), ("gbk", [0xFF, 0x41], "\u{FFFD}A"),
            ("shift_jis", [0x41, 0x93], "A\u{FFFD}"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x46, 0x7C], "日"), ("x-mac-cyrillic", [0x80], "А"),
        ] as [(String, [UInt8], String)])
    func decoded(_ label: String, _ bytes: [UInt8], _ expected: String) throws {
        #expect(try #require(Charset(label: label)).decode(bytes[...]) == expected)
    }
}
