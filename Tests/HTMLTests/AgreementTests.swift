import Foundation
import HTML
import Testing

/// What a reference makes of one document.
private struct Reference: Decodable {
    let html: String
    let text: String
    let names: [String]
    let links: [[String]]
    let tables: [[[String]]]
    /// Of each selector, the places of elements in the order of the document.
    let selected: [[Int]]
}

private enum References {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    static let packages = folder.deletingLastPathComponent().deletingLastPathComponent().appending(
        path: ".build/html5lib")
    static let areThere = FileManager.default.fileExists(atPath: packages.path + "/bs4/__init__.py")

    static let selectors = [
        "a", "a[href]", "*", "p", "div > p", "ul li", "li:first-child", "li:last-child", "li:nth-child(2n+1)",
        "td:nth-of-type(2)", "tr > td + td", "h1 ~ p", ".one", ".one.two", "#one", "[class~=two]", "[lang|=de]",
        "[title^=a]",
        "[title$=b]", "[data-x*=' ']", "[class!=one]", "[type=text]", "[type='TEXT' s]", "[rel='ONE' i]",
        "div:has(> p)",
        "div:has(a, b)", "p:not(.one)", ":is(h1, h2, h3)", ":not(div, p, b, i, span):empty",
        "table tr:nth-last-child(1)",
        "body > *:nth-child(-n+2)", "li:nth-child(1 of .one)", "p:only-child", "b:only-of-type", ":root", ":link",
        ":checked",
        ":disabled", "p:-soup-contains('alpha')", "span:lang(de)", "div p:has(+ p) :where(b, i)",
        "option:nth-last-of-type(2)",
    ]

    /// Made once for all tests.
    static let all = Result { try load(200, seed: 7) }

    private static func load(_ count: Int, seed: Int) throws -> [Reference] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-I", "-c", start, packages.path, folder.path + "/reference.py", "\(count)", "\(seed)",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(selectors.joined(separator: "\n").utf8))
        try input.fileHandleForWriting.close()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Reference.self, from: $0) }
    }

    /// Packages from their folder and from nowhere else; python alone would also look at the user's.
    private static let start =
        "import sys, runpy; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; "
        + "runpy.run_path(sys.argv[0], run_name='__main__')"
}

@Suite(
    "A generated odd page",
    .enabled(if: References.areThere, "BeautifulSoup and html5lib could not be fetched (./test fetches them from PyPI)")
)
struct AgreementTests {
    private func compare<Value: Equatable>(
        _ what: String, _ references: [Reference], _ ours: (Document) throws -> Value, _ theirs: (Reference) -> Value
    ) throws {
        for (number, reference) in references.enumerated() {
            let own = try ours(Document(html: reference.html))
            guard own != theirs(reference) else { continue }
            Issue.record("page \(number), \(what): \(own) but expected \(theirs(reference)) in \(reference.html)")
        }
    }

    /// Those of which both make the same elements.
    private func alike() throws -> [Reference] {
        try References.all.get().filter { reference in
            try Document(html: reference.html).elements.map { $0.lowercased() }
                == reference.names.map { $0.lowercased() }
        }
    }

    @Test("has the elements that html5lib makes of it, but for copies of misnested formatting in one of forty")
    func elements() throws {
        #expect(try References.all.get().count == 200)
        #expect(try alike().count >= 195)
    }

    @Test("has the text that BeautifulSoup gives")
    func text() throws {
        try compare("text", References.all.get(), { $0.text(of: Document.root).text }, \.text)
    }

    @Test("has the links that BeautifulSoup finds")
    func links() throws {
        try compare(
            "links", References.all.get(),
            { $0.links(in: [Document.root], limit: 10_000).links.map { [$0.text, $0.href] } }, \.links)
    }

    @Test("has the tables that BeautifulSoup finds")
    func tables() throws {
        try compare("tables", References.all.get(), { $0.tables(in: [Document.root], limit: 10_000).tables }, \.tables)
    }

    @Test("has what soupsieve selects, for 42 selectors")
    func selectors() throws {
        let selectors = try References.selectors.map { try Selector($0) }
        #expect(selectors.count == 42)
        for reference in try alike() {
            let document = try Document(html: reference.html)
            let order = Dictionary(uniqueKeysWithValues: document.elementPlaces.enumerated().map { ($1, $0) })
            for (place, selector) in selectors.enumerated() {
                var matcher = SelectorMatcher(document)
                let own = try matcher.find(selector).compactMap { order[$0] }
                guard own != reference.selected[place] else { continue }
                Issue.record(
                    "\(References.selectors[place]): \(own) but expected \(reference.selected[place]) in \(reference.html)"
                )
            }
        }
    }
}

extension Document {
    var elementPlaces: [Index] { (0..<count).filter { isElement($0) } }
    var elements: [String] { elementPlaces.map { name($0) } }
}
