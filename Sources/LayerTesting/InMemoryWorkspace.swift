internal import Synchronization
public import ToolKit

/// Files in memory, which effects are put onto: all of one or nothing.
public final class InMemoryWorkspace: EffectApplying {
    private struct Content {
        var files: [EffectPath: FileState] = [:]
        /// What the files hold, by hash, as a disk would: whatever else is kept of them.
        var disk: [String: [UInt8]] = [:]
        /// Called once, in the middle of the next apply.
        var interruption: (@Sendable () throws -> Void)?
        var applied: [String] = []
    }

    public let contents = InMemoryContents()
    private let content = Mutex(Content())

    public init(_ files: [String: String] = [:]) throws {
        for (name, text) in files { try write(text, to: name) }
    }

    public static func path(_ name: String) throws -> EffectPath {
        guard let path = EffectPath(Array(name.utf8)) else {
            throw ToolFailure("bad_path", "\(name) is no path", remedy: "name a file")
        }
        return path
    }

    /// Of a file that would hold this; its content is kept.
    private func state(_ text: String) throws -> FileState {
        FileState(.file, size: text.utf8.count, sha256: try contents.keep(Array(text.utf8)), mode: 0o644)
    }

    public func write(_ text: String, to name: String) throws {
        let (path, state) = (try Self.path(name), try state(text))
        content.withLock { content in
            content.files[path] = state
            content.disk[state.sha256] = Array(text.utf8)
        }
    }

    /// Every file with its text.
    public var texts: [String: String] {
        content.withLock { content in
            Dictionary(
                uniqueKeysWithValues: content.files.map { path, state in
                    (path.shown, String(decoding: content.disk[state.sha256] ?? [], as: UTF8.self))
                })
        }
    }

    public func read(_ path: EffectPath, limit: Int) -> [UInt8]? {
        content.withLock { content in
            content.files[path].flatMap { content.disk[$0.sha256] }.map { Array($0.prefix(limit)) }
        }
    }

    /// The calls that applied something, in order.
    public var applied: [String] { content.withLock { $0.applied } }

    /// What making files these texts would do; `nil` deletes. What they would hold is kept.
    public func effect(_ changes: [String: String?]) throws -> Effect {
        let before = content.withLock { $0.files }
        return Effect(
            files: try changes.map { name, text in
                let path = try Self.path(name)
                return FileEffect(path, before: before[path], after: try text.map { try state($0) })
            })
    }

    public func interrupt(_ body: @escaping @Sendable () throws -> Void) {
        content.withLock { $0.interruption = body }
    }

    public func apply(_ effect: Effect, id: String, keepsBefore: Bool) throws {
        let interruption = content.withLock { content in
            defer { content.interruption = nil }
            return content.interruption
        }
        try interruption?()
        let conflicts = try conflicts(effect)
        guard conflicts.isEmpty else { throw EffectConflict(paths: conflicts) }
        var disk: [String: [UInt8]] = [:]
        for file in effect.files {
            guard let after = file.after else { continue }
            guard let bytes = try contents.read(after.sha256, limit: .max) else {
                throw ToolFailure("content_missing", "a content is not kept", remedy: "keep it")
            }
            disk[after.sha256] = bytes
        }
        let found = disk
        try content.withLock { content in
            for file in effect.files {
                if keepsBefore, let before = file.before { _ = try contents.keep(content.disk[before.sha256] ?? []) }
                content.files[file.path] = file.after
            }
            content.disk.merge(found) { _, new in new }
            content.applied.append(id)
        }
    }

    public func conflicts(_ effect: Effect) throws -> [EffectPath] {
        content.withLock { content in
            effect.files.filter { content.files[$0.path] != $0.before }.map(\.path)
        }
    }
}
