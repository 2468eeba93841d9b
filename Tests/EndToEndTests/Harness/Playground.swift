import Foundation

/// A home, a workspace and what else a test needs on disk, in a folder of its own that goes with it.
final class Playground: Sendable {
    let folder: String
    var home: String { folder + "/home" }
    var workspace: String { folder + "/workspace" }

    /// - Parameter place: Another place than the temporary folder, which toolchains may not lie in.
    init(below place: String = NSTemporaryDirectory()) throws {
        folder = place + (place.hasSuffix("/") ? "" : "/") + "execlayer-e2e-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: workspace, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ text: String, to path: String) throws {
        let full = folder + "/" + path
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: full))
    }

    func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path)), as: UTF8.self)
    }

    /// A script of the shell that can be started.
    func place(program path: String, _ script: String) throws {
        try write("#!/bin/sh\n\(script)\n", to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/" + path)
    }

    /// Copies by another process: a program that another test starts meanwhile would inherit the file open for writing, and
    /// until it lets go nobody can start the copy.
    func copy(program: String, to path: String) async throws {
        let copied = try await Program.run("/usr/bin/install", ["-D", program, folder + "/" + path])
        guard copied.status == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// - Parameter target: As it stands in the link.
    func link(_ path: String, to target: String) throws {
        let full = folder + "/" + path
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: full, withDestinationPath: target)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder + "/" + path) }

    /// Whether a program that runs now has written a file of this name into a folder that it may write: until it ends that
    /// lies in its layer, not in the workspace.
    func isBeingWritten(_ name: String) -> Bool {
        let layers = home + "/data/effects/layers"
        let files = FileManager.default
        return (try? files.contentsOfDirectory(atPath: layers))?.contains { call in
            (try? files.contentsOfDirectory(atPath: layers + "/" + call))?.contains {
                files.fileExists(atPath: "\(layers)/\(call)/\($0)/\(name)")
            } ?? false
        } ?? false
    }
}
