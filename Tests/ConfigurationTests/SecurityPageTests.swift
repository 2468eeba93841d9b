import Foundation
import Testing

/// The table of promises in docs/security.md against the tests there are.
@Suite("The page about security")
struct SecurityPageTests {
    private struct Row {
        let id: String
        /// `EndToEndTests/CommandTests`
        let files: [String]
        /// Display names.
        let tests: [String]
    }

    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func rows() throws -> [Row] {
        let page = try String(contentsOf: Self.root.appending(path: "docs/security.md"), encoding: .utf8)
        return page.split(separator: "\n").compactMap { line in
            guard let head = line.firstMatch(of: /^\| (R[0-9]+) \|[^|]*\|/) else { return nil }
            let cell = String(line[head.range.upperBound...]).replacing("\\\"", with: "\u{1}")
            let files = cell.matches(of: /`([A-Za-z]+Tests\/[A-Za-z]+)`/).map { String($0.1) }
            let tests = cell.matches(of: /"([^"]+)"/).map { String($0.1).replacing("\u{1}", with: "\"") }
            return Row(id: String(head.1), files: files, tests: tests)
        }
    }

    /// The display names of each test file.
    private func tests() throws -> [String: Set<String>] {
        let folder = Self.root.appending(path: "Tests").path
        var found: [String: Set<String>] = [:]
        for path in FileManager.default.subpaths(atPath: folder) ?? [] where path.hasSuffix(".swift") {
            let text = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
            let names = text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/).map { match in
                String(match.1).replacing("\\\"", with: "\"")
            }
            let parts = path.dropLast(".swift".count).split(separator: "/")
            guard let target = parts.first, let file = parts.last else { continue }
            found["\(target)/\(file)", default: []].formUnion(names)
        }
        return found
    }

    @Test("names only tests that exist, in the files that it names")
    func exist() throws {
        let (rows, tests) = (try rows(), try tests())
        #expect(rows.count >= 60)
        for row in rows {
            for file in row.files { #expect(tests[file] != nil, "\(row.id): there is no Tests/\(file).swift") }
            let there = row.files.reduce(into: Set<String>()) { $0.formUnion(tests[$1] ?? []) }
            for test in row.tests { #expect(there.contains(test), "\(row.id): no test is called \"\(test)\"") }
        }
    }

    @Test("has a test for every promise about commands, git and the sandbox")
    func whole() throws {
        let rows = try rows()
        for number in 9...33 {
            let row = rows.first { $0.id == "R\(number)" }
            #expect(row?.tests.isEmpty == false || row?.files.isEmpty == false, "R\(number)")
        }
    }
}
