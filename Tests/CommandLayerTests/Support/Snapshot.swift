import Crypto
import Glibc
import ToolKit

/// Everything in a folder as it is, found by looking at every file: what effects are compared with.
struct Snapshot: Equatable {
    private(set) var files: [EffectPath: FileState] = [:]
    private(set) var folders: [EffectPath: UInt16] = [:]
    /// FIFOs, sockets and devices.
    private(set) var specials: [EffectPath] = []

    struct Unreadable: Error { var path: String }

    /// - Parameter isLeftOut: Names that are not looked at, with what is in them.
    init(of root: String, leavingOut isLeftOut: ([UInt8]) -> Bool = { _ in false }) throws {
        try read(Array(root.utf8), at: nil, isLeftOut)
    }

    private mutating func read(_ folder: [UInt8], at place: EffectPath?, _ isLeftOut: ([UInt8]) -> Bool) throws {
        guard let stream = opendir(Self.chars(folder)) else {
            throw Unreadable(path: String(decoding: folder, as: UTF8.self))
        }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    Array(
                        UnsafeBufferPointer(
                            start: start, count: strlen(UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))))
                }
            }
            if name != [0x2E], name != [0x2E, 0x2E], !isLeftOut(name) { names.append(name) }
        }
        closedir(stream)
        for name in names {
            let path = folder + [UInt8(ascii: "/")] + name
            let inner = EffectPath.name(name, in: place)
            var facts = stat()
            guard lstat(Self.chars(path), &facts) == 0 else { continue }
            let mode = UInt16(facts.st_mode & 0o7777)
            switch facts.st_mode & S_IFMT {
            case S_IFDIR:
                folders[inner] = mode
                try read(path, at: inner, isLeftOut)
            case S_IFLNK, S_IFREG: files[inner] = try Self.state(at: path)
            default: specials.append(inner)
            }
        }
    }

    /// What a file or link is; `nil` when there is none.
    static func state(at path: [UInt8]) throws -> FileState? {
        var facts = stat()
        guard lstat(chars(path), &facts) == 0 else { return nil }
        switch facts.st_mode & S_IFMT {
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: 8_192)
            let length = readlink(chars(path), &target, target.count)
            return state(.link, Array(target.prefix(max(0, length))), 0o777)
        case S_IFREG: return state(.file, try content(path), UInt16(facts.st_mode & 0o7777))
        default: return nil
        }
    }

    private static func state(_ kind: FileState.Kind, _ bytes: [UInt8], _ mode: UInt16) -> FileState {
        FileState(kind, size: bytes.count, sha256: Hex.encode(SHA256.hash(data: bytes)), mode: mode)
    }

    private static func content(_ path: [UInt8]) throws -> [UInt8] {
        let descriptor = open(chars(path), O_RDONLY)
        guard descriptor >= 0 else { throw Unreadable(path: String(decoding: path, as: UTF8.self)) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw Unreadable(path: String(decoding: path, as: UTF8.self)) }
        return [UInt8](unsafeUninitializedCapacity: Int(facts.st_size)) { buffer, count in
            while count < buffer.count,
                case let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count),
                got > 0
            {
                count += got
            }
        }
    }

    private static func chars(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    /// What makes the other one of this.
    func effect(to other: Snapshot) -> Effect {
        let paths = Set(files.keys).union(other.files.keys)
        let places = Set(folders.keys).union(other.folders.keys)
        return Effect(
            files: paths.map { FileEffect($0, before: files[$0], after: other.files[$0]) },
            folders: places.map { FolderEffect($0, before: folders[$0], after: other.folders[$0]) })
    }
}

extension Effect {
    /// One line for each change, for failures.
    var lines: [String] {
        func text(_ state: FileState?) -> String {
            state.map { "\($0.kind.rawValue) \($0.size) \($0.sha256.prefix(6)) \($0.modeText)" } ?? "-"
        }
        func text(_ mode: UInt16?) -> String { mode.map { String($0, radix: 8) } ?? "-" }
        return files.map { "\(String(reflecting: $0.path.shown)): \(text($0.before)) > \(text($0.after))" }
            + folders.map { "\(String(reflecting: $0.path.shown))/: \(text($0.before)) > \(text($0.after))" }
    }

    /// By their paths: `added a`, `folder made b`.
    var words: [String] {
        files.map { "\($0.change.rawValue) \($0.path.shown)" }
            + folders.map { folder in
                let word = folder.before == nil ? "made" : folder.after == nil ? "removed" : "mode"
                return "folder \(word) \(folder.path.shown)"
            }
    }
}
