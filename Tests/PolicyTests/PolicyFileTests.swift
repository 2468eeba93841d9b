import Foundation
import Gate
import Testing
import ToolKit

@Suite("A hand edit of the policy file")
final class PolicyFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/layer-" + UUID().uuidString
    private var path: String { folder + "/" + PolicyFile.name }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func save(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }

    private let noRules = "version: 1\npaths: []\n"
    private let secrets = yaml("match: [\"top\"]", "write: deny", reason, "examples: {match: [top/a]}")

    @Test("puts the new rules in force; without a file the default policy is")
    func pickedUp() throws {
        let file = try PolicyFile(path: path)
        #expect(try file.current.verdict(".env", .write) == .deny)
        let before = file.version
        try save(secrets)
        let events = file.poll()
        guard case .changed(let old, let new) = events.first, events.count == 1 else { return #expect(Bool(false)) }
        #expect(old.version == before)
        #expect(new.version == file.version)
        #expect(try file.current.verdict("top/secret", .write) == .deny)
        #expect(file.version != before)
    }

    @Test("R13: that is broken leaves the last good rules in force")
    func broken() throws {
        try save(secrets)
        let file = try PolicyFile(path: path)
        let version = file.version
        try save(secrets + "surprise: 1\n")
        guard case .broken(let problem) = file.poll().first else { return #expect(Bool(false)) }
        #expect(problem.contains("line 8: surprise is unknown"))
        #expect(file.problem == problem)
        #expect(file.version == version)
        #expect(try file.current.verdict("top/secret", .write) == .deny)
    }

    @Test("R13: that removes the file weakens nothing while the daemon runs")
    func removed() throws {
        try save(secrets)
        let file = try PolicyFile(path: path)
        try FileManager.default.removeItem(atPath: path)
        _ = file.poll()
        #expect(try file.current.verdict("top/secret", .write) == .deny)
        #expect(file.problem != nil)
    }

    @Test("R13: a broken file at start-up is a reason not to start; a right one is none")
    func startUp() throws {
        try save("version: 1\npaths: 7\n")
        #expect(throws: FileProblem.self) { try PolicyFile(path: self.path) }
        try save(noRules)
        #expect(try PolicyFile(path: path).current.verdict(".env", .read) == .allow)
    }
}
