import Foundation
import Testing

@testable import HTTPDoor

@Suite("The dashboard's files on their way to a browser")
struct ServedTextTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/CDashboard/page").standardizedFileURL

    /// What `app.js` asks for when one of their pages is looked at; the tests in the browser see whether that is so.
    private static let later = [
        "approvals.js", "download.js", "grant.js", "playbooks.js", "task.js", "tasks.js",
    ]

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

    @Test(
        "are below 130,000 bytes where the page opens, and below 180,000 with the pages that come when they are looked at"
    )
    func size() throws {
        let files = DashboardFiles().files
        #expect(files.count > 20)
        let whole = files.reduce(0) { $0 + $1.size }
        let later = files.filter { file in Self.later.contains { file.path.hasSuffix("/\($0)") } }
        #expect(later.count == Self.later.count)
        let first = whole - later.reduce(0) { $0 + $1.size }
        print("dashboard: \(files.count) files, \(first) bytes at first, \(whole) bytes")
        #expect(first < 130_000)
        #expect(whole < 180_000)
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
