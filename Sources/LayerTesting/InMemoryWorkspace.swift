internal import Synchronization
public import ToolKit

/// Files in memory, which effects are put onto: all of one or nothing.
public final class InMemoryWorkspace: EffectApplying {
    private struct Content {
        var files: [EffectPath: FileState] = [:]
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

    public func state(_ text: String, mode: UInt16 = 0o644) throws -> FileState {
        FileState(.file, size: text.utf8.count, sha256: try contents.keep(Array(text.utf8)), mode: mode)
    }

    public func write(_ text: String, to name: String) throws {
        let (path, state) = (try Self.path(name), try state(text))
        content.withLock { $0.files[path] = state }
    }

    /// Every file with its text.
    public var texts: [String: String] {
        let files = content.withLock { $0.files }
        return Dictionary(
            uniqueKeysWithValues: files.map { path, state in
                let bytes = (try? contents.read(state.sha256, limit: .max)) ?? nil
                return (path.shown, bytes.map { String(decoding: $0, as: UTF8.self) } ?? "gone")
            })
    }

    /// The calls that applied something, in order.
    public var applied: [String] { content.withLock { $0.applied } }

    /// What making files these texts would do; `nil` deletes.
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
        content.withLock { content in
            for file in effect.files { content.files[file.path] = file.after }
            content.applied.append(id)
        }
    }

    public func conflicts(_ effect: Effect) throws -> [EffectPath] {
        content.withLock { content in
            effect.files.filter { content.files[$0.path] != $0.before }.map(\.path)
        }
    }
}
