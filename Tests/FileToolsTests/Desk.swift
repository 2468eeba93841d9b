import Foundation
import Machine
import ToolKit

/// A fresh workspace and the tools' view of it; removed at its end.
final class Desk: Sendable {
    let path: String
    private let root: WorkspaceRoot

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/desk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        root = try WorkspaceRoot(opening: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func put(_ name: String, _ bytes: some Sequence<UInt8>, mode: Int = 0o644) throws {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    }

    func put(_ name: String, _ text: String, mode: Int = 0o644) throws { try put(name, text.utf8, mode: mode) }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path + "/" + name)[.posixPermissions] as? Int
    }

    /// Every file with its content, staging names included.
    func tree() -> [String: String] {
        var tree: [String: String] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
            if !isFolder.boolValue { tree[name] = text(name) ?? "?" }
        }
        return tree
    }

    private func context(_ access: Access, _ rules: any PathRules) -> ToolContext {
        ToolContext(
            files: BeneathFiles(root: root, access: access, rules: rules), host: NoHost(),
            deadline: .now + .seconds(60))
    }

    /// Goes the way of a call: canonical arguments, decoding, access, and the tool held to that access.
    func call<T: Tool>(
        _ tool: T, _ arguments: [String: JSONValue], rules: any PathRules = AllowAll()
    ) async throws -> JSONValue {
        let decoded = try decode(tool, arguments)
        let access = try tool.access(for: decoded)
        return try await tool.call(arguments: decoded, in: context(access, rules)).result
    }

    func plan<T: Tool>(
        _ tool: T, _ arguments: [String: JSONValue], rules: any PathRules = AllowAll()
    ) async throws -> JSONValue {
        let decoded = try decode(tool, arguments)
        let access = try tool.access(for: decoded)
        return .object(try await tool.plan(for: decoded, in: context(access, rules)))
    }

    private func decode<T: Tool>(_ tool: T, _ arguments: [String: JSONValue]) throws -> T.Arguments {
        let canonical = try T.Arguments.schema.canonical(arguments, roots: root.spellings)
        return try ArgumentDecoder.decode(T.Arguments.self, from: canonical)
    }
}

struct AllowAll: PathRules {
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { .allow }
}

/// Asks before `.env` is touched.
struct AskForSecrets: PathRules {
    func verdict(_ path: WorkspacePath, _ use: Access.PathUse) -> PathVerdict { path.name == ".env" ? .ask : .allow }
}

private struct NoHost: HostFacts {
    func text(of path: String, for aspect: Access.HostAspect) throws -> String { "" }
    func names(in path: String, for aspect: Access.HostAspect) throws -> [String] { [] }
    func destination(of path: String, for aspect: Access.HostAspect) throws -> String? { nil }
    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) { (0, 0) }
}

/// The failure that `body` throws, `nil` when it throws none.
func failure(_ body: () async throws -> Void) async -> ToolFailure? {
    do {
        try await body()
        return nil
    } catch let failure as ToolFailure {
        return failure
    } catch {
        return ToolFailure("\(type(of: error))", "\(error)", remedy: "")
    }
}
