import Crypto
import Foundation
import Glibc
import Synchronization
import ToolKit

/// Contents of effects in memory.
final class MemoryContents: EffectContents {
    private let contents = Mutex<[String: [UInt8]]>([:])

    func keep(_ bytes: [UInt8]) throws -> String {
        let name = Hex.encode(SHA256.hash(data: bytes))
        contents.withLock { $0[name] = bytes }
        return name
    }

    func keep(file descriptor: Int32) throws -> (sha256: String, size: Int) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let got = pread(descriptor, &chunk, chunk.count, off_t(bytes.count)), got > 0 {
            bytes += chunk[..<got]
        }
        return (try keep(bytes), bytes.count)
    }

    func holds(_ sha256: String) -> Bool { contents.withLock { $0[sha256] != nil } }

    func read(_ sha256: String, limit: Int) throws -> [UInt8]? {
        contents.withLock { $0[sha256].map { Array($0.prefix(limit)) } }
    }

    func write(_ sha256: String, to descriptor: Int32) throws -> Bool {
        guard let bytes = try read(sha256, limit: .max) else { return false }
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    func sync(_ hashes: Set<String>) throws {}
}

/// Puts effects onto a folder in the plainest way, for tests that nothing disturbs.
final class PlainApplying: EffectApplying {
    let root: String
    let contents: MemoryContents
    private let turn = Mutex(())
    private let applied = Mutex<[Effect]>([])
    /// Bytes that can be kept for an undo.
    let room = Mutex(Int.max)

    init(root: String, contents: MemoryContents) { (self.root, self.contents) = (root, contents) }

    /// In the order in which they came.
    var effects: [Effect] { applied.withLock { $0 } }

    func conflicts(_ effect: Effect) throws -> [EffectPath] {
        guard access(root, F_OK) == 0 else { throw Snapshot.Unreadable(path: root) }
        return try effect.files.filter { file in
            try Snapshot.state(at: Array(root.utf8) + [UInt8(ascii: "/")] + file.path.bytes) != file.before
        }.map(\.path)
    }

    func apply(_ effect: Effect, id: String, keepsBefore: Bool) throws {
        let kept = effect.files.reduce(0) { $0 + ($1.before?.size ?? 0) }
        guard !keepsBefore || kept <= room.withLock({ $0 }) else {
            throw ToolFailure(TooMuchToKeep.full, "no room", remedy: "none")
        }
        // One after the other.
        try turn.withLock { _ in try applyAlone(effect) }
        applied.withLock { $0.append(effect) }
    }

    private func applyAlone(_ effect: Effect) throws {
        let conflicts = try conflicts(effect)
        guard conflicts.isEmpty else { throw EffectConflict(paths: conflicts) }
        for file in effect.files.reversed() where file.before != nil { unlink(path(file.path)) }
        for folder in effect.folders.reversed() where folder.after == nil { rmdir(path(folder.path)) }
        for folder in effect.folders where folder.before == nil { mkdir(path(folder.path), 0o755) }
        for file in effect.files {
            guard let after = file.after, let bytes = try contents.read(after.sha256, limit: .max) else { continue }
            if after.kind == .link {
                symlink(bytes.map { CChar(bitPattern: $0) } + [0], path(file.path))
            } else {
                let descriptor = open(path(file.path), O_WRONLY | O_CREAT | O_EXCL, 0o600)
                _ = write(descriptor, bytes, bytes.count)
                fchmod(descriptor, mode_t(after.mode))
                close(descriptor)
            }
        }
        for folder in effect.folders.reversed() {
            if let mode = folder.after { chmod(path(folder.path), mode_t(mode)) }
        }
    }

    private func path(_ path: EffectPath) -> [CChar] {
        (Array(root.utf8) + [UInt8(ascii: "/")] + path.bytes).map { CChar(bitPattern: $0) } + [0]
    }
}
