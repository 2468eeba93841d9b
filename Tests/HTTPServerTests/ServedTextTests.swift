import Foundation
import Testing

@testable import HTTPDoor

@Suite("The dashboard's files on their way to a browser")
struct ServedTextTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/CDashboard/page").standardizedFileURL

    /// The modules that come with one, those that it asks for later not among them; the tests in the browser see whether
    /// that is so.
    private static func modules(with name: String) throws -> Set<String> {
        var found: Set<String> = []
        var open = [name]
        while let name = open.popLast() {
            guard found.insert(name).inserted else { continue }
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            open += text.matches(of: /from "\.\/(\w+\.js)"/).map { String($0.1) }
        }
        return found
    }

    private static func asked(by name: String) throws -> [String] {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        return text.matches(of: /import\("\.\/(\w+\.js)"\)/).map { String($0.1) }
    }

    @Test(
        "lose indentation and comments on lines of their own, and keep their lines",
        arguments: [
            ("a\n  b {\n\n    c\n", "a\nb {\n\nc\n"), ("// x\na // y\n  // z", "\na // y\n"),
            ("/** x */\na", "\na"), ("a\n  /**\n   * x\n   * // y\n   */\nb", "a\n\n\n\n\nb"),
            ("a /* x */ b\n", "a /* x */ b\n"), ("/* x\n*/\na", "\n\na"), ("", ""),
        ])
    func lines(_ source: String, _ served: String) {
        #expect(String(decoding: ServedText.of(Array(source.utf8)), as: UTF8.self) == served)
    }

    @Test("are below 110,000 bytes where the page opens, and below 150,000 with any page that is looked at then")
    func size() throws {
        let files = DashboardFiles().files
        let sizes = Dictionary(uniqueKeysWithValues: files.map { (($0.path as NSString).lastPathComponent, $0.size) })
        let opening = try Self.modules(with: "app.js")
        let first = sizes.filter { !$0.key.hasSuffix(".js") || $0.key == "theme.js" || opening.contains($0.key) }
        #expect(first.count > 20 && first.count < files.count)
        let bytes = first.values.reduce(0, +)
        let whole = sizes.values.reduce(0, +)
        print("dashboard: \(files.count) files, \(bytes) bytes at first, \(whole) in all")
        #expect(bytes < 110_000)
        #expect(whole < 220_000)
        let pages = try Self.asked(by: "app.js")
        #expect(pages.count >= 5)
        for page in pages {
            let all = try Self.modules(with: page).union(first.keys)
            let bytes = all.reduce(0) { $0 + (sizes[$1] ?? 0) }
            print("dashboard: \(bytes) bytes with \(page)")
            #expect(bytes < 150_000, "\(page)")
        }
    }

    @Test("have sources in which no string goes over a line's end and nothing follows a comment that ends")
    func rules() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".js") || $0.hasSuffix(".css") }
        #expect(names.count > 20)
        for name in names {
            let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
            var isComment = false
            for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                let line = line.trimmingPrefix { $0 == " " }
                isComment = isComment || line.hasPrefix("/*")
                let place: Comment = "\(name):\(number + 1)"
                #expect(!line.hasSuffix("\\"), place)
                guard isComment else {
                    #expect(line.hasPrefix("//") || line.count { $0 == "`" }.isMultiple(of: 2), place)
                    continue
                }
                let end = line.firstRange(of: "*/")
                #expect(end == nil || end?.upperBound == line.endIndex, place)
                if end != nil { isComment = false }
            }
            #expect(!isComment, "\(name)")
        }
    }
}
