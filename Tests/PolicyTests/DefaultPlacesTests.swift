import Gate
import Testing
import ToolKit

@Suite("A policy file that does not speak of places")
struct DefaultPlacesTests {
    private func verdict(_ yaml: String) throws -> PathVerdict {
        try Policy(yaml: Array(yaml.utf8)).verdict(WorkspacePath(".env"), .read)
    }

    @Test("leaves the default rules about places in force")
    func withoutPaths() throws {
        #expect(try verdict("version: 1\ncommands: []\n") == .ask)
    }

    @Test("is not one with an empty list, which leaves the built-in rules only")
    func emptyPaths() throws {
        #expect(try verdict("version: 1\npaths: []\n") == .allow)
    }
}
