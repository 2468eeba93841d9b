import Foundation
import Synchronization
import ToolKit

/// A fresh folder with files in it, removed at the end, and a plain conformer that walks it. `hides` stands in for the
/// policy.
final class FixtureWorkspace: WorkspaceFiles {
    let root: URL
    private let hides: @Sendable (String) -> Bool
    /// After so many entries every walk claims that its time is over.
    private let patience: Int
    private let denied = Mutex<Set<String>>([])

    init(
        _ files: [String: String] = [:], patience: Int = .max,
        hides: @escaping @Sendable (String) -> Bool = { _ in false }
    ) throws {
        self.patience = patience
        root = FileManager.default.temporaryDirectory.appendingPathComponent("workspace-tools-\(UUID().uuidString)")
        self.hides = hides
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        for (path, text) in files { try write(Array(text.utf8), to: path) }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ bytes: [UInt8], to path: String) throws {
        let url = root.appendingPathComponent(path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func link(_ path: String, to destination: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: root.appendingPathComponent(path).path, withDestinationPath: destination)
    }

    /// From now on the system denies reading it.
    func deny(_ path: String) { denied.withLock { _ = $0.insert(path) } }

    func context(timeLimit: Duration = .seconds(60)) -> ToolContext {
        ToolContext(files: self, host: NoHost(), deadline: .now + timeLimit)
    }

    func facts(of path: WorkspacePath) throws -> FileFacts? { facts(path) }

    func isReadable(_ path: WorkspacePath) throws -> Bool { !hides(path.description) }

    func target(of path: WorkspacePath) throws -> FileTarget {
        throw ToolFailure("read_only", "a read-only tool asked where a change would land", remedy: "none")
    }

    private func url(_ path: WorkspacePath) -> URL {
        path.isRoot ? root : root.appendingPathComponent(path.description)
    }

    private func facts(_ path: WorkspacePath) -> FileFacts? {
        guard let found = try? FileManager.default.attributesOfItem(atPath: url(path).path) else { return nil }
        let type = found[.type] as? FileAttributeType
        let kind: FileFacts.Kind =
            type == .typeRegular
            ? .file : type == .typeDirectory ? .folder : type == .typeSymbolicLink ? .link : .special
        let size = (found[.size] as? NSNumber)?.intValue ?? 0
        let time = (found[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return FileFacts(
            kind: kind, size: size, mode: 0o644, modifiedAt: time,
            identity: FileIdentity(device: 0, inode: 0, size: size, changedNanoseconds: 0, modifiedNanoseconds: 0))
    }

    func read(_ path: WorkspacePath, offset: Int, limit: Int) throws -> FileSlice {
        guard let facts = facts(path), facts.kind == .file else { throw FileFailure.notFound(path) }
        guard !denied.withLock({ $0.contains(path.description) }) else { throw FileFailure.denied(path) }
        guard let data = try? Data(contentsOf: url(path)) else { throw FileFailure.denied(path) }
        let part = data.dropFirst(offset).prefix(limit)
        return FileSlice(bytes: Array(part), facts: facts, isTruncated: offset + part.count < data.count)
    }

    func commit(_ changes: [FileChange]) throws {
        throw ToolFailure("read_only", "a read-only tool tried to write", remedy: "none")
    }

    func walk(
        _ folder: WorkspacePath, limits: WalkLimits, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> WalkSummary {
        var summary = WalkSummary()
        _ = try walk(folder, limits, &summary, visit)
        return summary
    }

    /// Answers whether to go on.
    private func walk(
        _ folder: WorkspacePath, _ limits: WalkLimits, _ summary: inout WalkSummary,
        _ visit: (WalkEntry) throws -> WalkDecision
    ) throws -> Bool {
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: url(folder).path)) ?? [])
            .sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        for name in names {
            let path = folder.appending(component: name)
            guard !hides(path.description) else {
                summary.hidden += 1
                continue
            }
            if summary.visited == limits.entries || summary.visited == patience {
                summary.stoppedBy = summary.visited == limits.entries ? "entries" : "deadline"
                return false
            }
            summary.visited += 1
            guard let facts = facts(path) else { continue }
            let entry = WalkEntry(
                path: path, kind: facts.kind, facts: { facts },
                read: { limit in try self.read(path, offset: 0, limit: limit) })
            switch try visit(entry) {
            case .stop: return false
            case .skipFolder: continue
            case .goOn:
                if facts.kind == .folder, try !walk(path, limits, &summary, visit) { return false }
            }
        }
        return true
    }
}

struct NoHost: HostFacts {
    func text(of path: String, for aspect: Access.HostAspect) throws -> String { throw CallInterrupted.cancelled }
    func names(in path: String, for aspect: Access.HostAspect) throws -> [String] { [] }
    func destination(of path: String, for aspect: Access.HostAspect) throws -> String? { nil }
    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) { (0, 0) }
}

extension Tool {
    /// The call as the gate would pass it on: canonical arguments, decoded.
    func decoded(_ arguments: [String: JSONValue]) throws -> Arguments {
        try ArgumentDecoder.decode(
            Arguments.self, from: try Arguments.schema.canonical(arguments, roots: ["/workspace"]))
    }

    func run(_ arguments: [String: JSONValue] = [:], in context: ToolContext) async throws -> JSONValue {
        try await call(arguments: decoded(arguments), in: context).result
    }
}
