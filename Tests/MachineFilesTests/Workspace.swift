import Foundation
import Glibc
import Machine
import ToolKit

/// A fresh folder with a workspace and a place outside of it; removed at its end.
final class Workspace: Sendable {
    let base: String
    let root: WorkspaceRoot

    var path: String { base + "/ws" }
    var outside: String { base + "/outside" }

    init() throws {
        base = FileManager.default.temporaryDirectory.path + "/files-" + UUID().uuidString
        for folder in ["/ws", "/ws-evil", "/outside"] {
            try FileManager.default.createDirectory(atPath: base + folder, withIntermediateDirectories: true)
        }
        try Data("outside secret\n".utf8).write(to: URL(fileURLWithPath: base + "/outside/secret.txt"))
        try Data("evil secret\n".utf8).write(to: URL(fileURLWithPath: base + "/ws-evil/secret.txt"))
        root = try WorkspaceRoot(opening: base + "/ws")
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    func put(_ name: String, _ text: String = "content\n", mode: Int = 0o644) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
        chmod(url.path, mode_t(mode))
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }

    func text(_ name: String) -> String? { Self.text(at: path + "/" + name) }

    static func text(at path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    func names(in folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + folder).sorted()
    }

    func status(_ name: String) -> stat {
        var status = stat()
        lstat(path + "/" + name, &status)
        return status
    }

    func files(
        _ access: Access, rules: any PathRules = Rules(), masked: [WorkspacePath] = [],
        faults: @escaping CommitFaults = { _ in }
    ) -> BeneathFiles {
        BeneathFiles(root: root, access: access, rules: rules, masked: masked, faults: faults)
    }

    func read(_ name: String, rules: any PathRules = Rules()) throws -> String {
        let path = try WorkspacePath(name)
        let slice = try files(.read(path), rules: rules).read(path, offset: 0, limit: 1_048_576)
        return String(decoding: slice.bytes, as: UTF8.self)
    }

    func write(
        _ name: String, _ text: String, rules: any PathRules = Rules(), mode: FileChange.Mode = .keep,
        base: FileChange.Base = .anything, createsParents: Bool = false
    ) throws {
        let path = try WorkspacePath(name)
        try files(.write(path), rules: rules).commit([
            FileChange(
                path: path, deed: .write(Array(text.utf8)), mode: mode, base: base, createsParents: createsParents)
        ])
    }
}

/// Allows everything but what is named.
struct Rules: PathRules {
    var stricter: [String: PathVerdict] = [:]

    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict {
        stricter[path.description] ?? path.name.flatMap { stricter[$0] } ?? .allow
    }
}

/// The code of the failure that `body` throws, `nil` when it throws none.
func failure(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let failure as ToolFailure {
        return failure.code
    } catch {
        return "\(error)"
    }
}
