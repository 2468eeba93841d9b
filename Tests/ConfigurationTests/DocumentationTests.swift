import Foundation
import Gate
import Testing
import ToolKit

@Suite("The documentation of the configuration")
struct DocumentationTests {
    private static func rows() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        let table = text.components(separatedBy: "| Key | Allowed | Default | Meaning |\n|---|---|---|---|\n")
        return try #require(table.dropFirst().first).components(separatedBy: "\n\n")[0].components(separatedBy: "\n")
    }

    @Test("says of every key what the table of keys says, and of no other")
    func keys() throws {
        let expected = ConfigurationKey.all.map { key in
            let shown = String(decoding: JSONWriter.write(key.defaultValue), as: UTF8.self)
            return "| `\(key.name)` | \(key.allowed) | `\(shown)` | \(key.description) |"
        }
        #expect(try Self.rows() == expected)
    }
}
