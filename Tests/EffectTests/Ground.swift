import CPlatform
import Foundation
import Glibc
import Machine
import Surroundings
import Testing
import ToolKit

/// A fresh workspace with a store, a journal and a place outside; removed at its end.
final class Ground: Sendable {
    let base: String
    let root: WorkspaceRoot
    let store: ContentStore
    private let isOwner: Bool

    var path: String { base + "/ws" }
    var outside: String { base + "/outside" }
    var journal: String { base + "/journal" }

    /// - Parameter base: Of a ground that another process has laid out; a new one for `nil`.
    init(at base: String? = nil) throws {
        isOwner = base == nil
        self.base = base ?? FileManager.default.temporaryDirectory.path + "/effects-" + UUID().uuidString
        for folder in ["/ws", "/outside", "/contents", "/journal"] {
            try FileManager.default.createDirectory(atPath: self.base + folder, withIntermediateDirectories: true)
        }
        try Data("outside secret\n".utf8).write(to: URL(fileURLWithPath: self.base + "/outside/secret.txt"))
        root = try WorkspaceRoot(opening: self.base + "/ws")
        store = try ContentStore(folder: self.base + "/contents")
    }

    deinit {
        guard isOwner else { return }
        // Folders may keep even their owner out.
        let names = FileManager.default.enumerator(atPath: base)?.compactMap { $0 as? String } ?? []
        for name in names where status(at: base + "/" + name).st_mode & S_IFMT == S_IFDIR {
            chmod(base + "/" + name, 0o700)
        }
        try? FileManager.default.removeItem(atPath: base)
    }

    func applier(_ faults: @escaping ApplyFaults = { _ in }) throws -> EffectApplier {
        try EffectApplier(root: root, contents: store, journal: journal, faults: faults)
    }

    func put(_ name: String, _ text: String = "content\n", mode: mode_t = 0o644) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // Closed in every process that other tests start meanwhile: who has it open for writing is in an effect's way.
        let file = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let content = bytes(text)
        #expect(Glibc.write(file, content, content.count) == content.count)
        fchmod(file, mode)
        close(file)
    }

    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + name).map { String(decoding: $0, as: UTF8.self) }
    }

    func status(_ name: String) -> stat { status(at: path + "/" + name) }

    private func status(at path: String) -> stat {
        var status = stat()
        lstat(path, &status)
        return status
    }

    /// A state whose content the store holds.
    func file(_ text: String, mode: UInt16 = 0o644) throws -> FileState {
        FileState(.file, size: text.utf8.count, sha256: try store.keep(Array(text.utf8)), mode: mode)
    }

    func link(_ target: String) throws -> FileState {
        FileState(.link, size: target.utf8.count, sha256: try store.keep(Array(target.utf8)), mode: 0o777)
    }

    var tree: Tree { Tree(path) }

    /// What is left of staging and of the journal; nothing, as a rule.
    var remains: [String] {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let journals = (try? FileManager.default.contentsOfDirectory(atPath: journal)) ?? []
        return names.filter { $0.contains(".execlayer-") } + journals
    }
}

/// The bytes of a path.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func effectPath(_ text: String) throws -> EffectPath { try #require(EffectPath(bytes(text))) }

extension FileEffect {
    init(_ path: String, _ before: FileState?, _ after: FileState?) throws {
        self.init(try effectPath(path), before: before, after: after)
    }
}

extension FolderEffect {
    init(_ path: String, _ before: UInt16?, _ after: UInt16?) throws {
        self.init(try effectPath(path), before: before, after: after)
    }
}

/// Everything below a folder, as bytes and permissions.
struct Tree: Equatable {
    struct Entry: Equatable {
        let mode: mode_t
        /// Of a file its content, of a link its target.
        let content: [UInt8]
        let modified: Int
    }

    private(set) var entries: [[UInt8]: Entry] = [:]

    init(_ path: String) { visit(bytes(path), as: []) }

    private mutating func visit(_ folder: [UInt8], as prefix: [UInt8]) {
        guard let stream = opendir(folder.map { CChar(bitPattern: $0) } + [0]) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    Array(
                        UnsafeBufferPointer(
                            start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))))
                }
            }
            if name == bytes(".") || name == bytes("..") { continue }
            let path = folder + bytes("/") + name
            let chars = path.map { CChar(bitPattern: $0) } + [0]
            var status = stat()
            guard lstat(chars, &status) == 0 else { continue }
            var content: [UInt8] = []
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                let file = open(chars, O_RDONLY)
                content = [UInt8](repeating: 0, count: Int(status.st_size))
                _ = read(file, &content, content.count)
                close(file)
            case S_IFLNK:
                content = [UInt8](repeating: 0, count: 4_096)
                let length = readlinkInto(&content, chars)
                content = Array(content.prefix(max(0, length)))
            default: break
            }
            let relative = prefix.isEmpty ? name : prefix + bytes("/") + name
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            entries[relative] = Entry(
                mode: status.st_mode, content: content,
                modified: isFolder ? 0 : status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
            if isFolder { visit(path, as: relative) }
        }
    }

    private func readlinkInto(_ room: inout [UInt8], _ path: [CChar]) -> Int {
        room.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink(path, $0, chars.count) } ?? 0
            }
        }
    }

    /// Without the times of what is listed: those change where something was applied and undone.
    func withoutTimes(of paths: Set<[UInt8]>) -> Tree {
        var tree = self
        for path in paths {
            guard let entry = entries[path] else { continue }
            tree.entries[path] = Entry(mode: entry.mode, content: entry.content, modified: 0)
        }
        return tree
    }

    /// A few of the paths that differ, for messages.
    func differences(from other: Tree) -> [String] {
        Set(entries.keys).union(other.entries.keys).filter { entries[$0] != other.entries[$0] }
            .prefix(10).map { String(decoding: $0, as: UTF8.self) }
    }
}
