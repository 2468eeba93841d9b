import Foundation
import Gate
import Testing

/// A fresh folder that is removed with its last holder.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/layer-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/" + ConfigurationFile.name }

    /// As an editor would save it.
    func save(_ text: String) throws {
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    func text() throws -> String { try String(contentsOfFile: file, encoding: .utf8) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// The reason why `body` refuses to load something; a test that expects one fails when there is none.
func problem(_ body: () throws -> Void) throws -> String {
    try #require(throws: FileProblem.self, performing: body).reason
}
