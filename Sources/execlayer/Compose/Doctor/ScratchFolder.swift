internal import Foundation

/// A folder of doctor's own for what it attacks: never the operator's files. It goes with the value.
final class ScratchFolder: Sendable {
    /// Absolute, links resolved.
    let path: String

    /// - Throws: Also when the name is taken: what others made there is not used.
    init() throws {
        // Short, because the path of a unix socket has room for 107 bytes.
        let folder = NSTemporaryDirectory() + "execlayer-doctor-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        path = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Parameter name: Relative; the folders above it are made.
    func write(_ text: String, to name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// A new folder of this user alone, whose path it returns.
    func folder(_ name: String) throws -> String {
        let folder = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

    func names(in folder: String) -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + folder)) ?? [])
    }
}
