import Foundation
import Glibc
import Machine
import ToolKit

/// The randomness of a test, printed so that a failure can be repeated with `EXECLAYER_SEED`.
struct Seed: RandomNumberGenerator {
    private var state: UInt64

    init(for test: String) {
        let given = ProcessInfo.processInfo.environment["EXECLAYER_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 1...999_999_999)
        print("\(test): EXECLAYER_SEED=\(seed)")
        state = seed
    }

    init(_ seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// How long the long fault tests are: in full with `./test --soak`, a tenth otherwise.
enum Rounds {
    static func count(_ full: Int) -> Int {
        ProcessInfo.processInfo.environment["EXECLAYER_SOAK"] == "1" ? full : max(1, full / 10)
    }
}

/// A workspace in memory: what tells, beside the real one, which tree must come out.
struct Model {
    enum Node: Equatable {
        case file([UInt8], mode: UInt16)
        case link([UInt8])
        case folder(mode: UInt16)

        var isFolder: Bool { if case .folder = self { true } else { false } }
    }

    var nodes: [EffectPath: Node] = [:]

    /// Names that programs make and people do not.
    private static let oddNames: [[UInt8]] = [
        [0x0A], [0xFF, 0xFE], bytes(" "), bytes("-rf"), bytes("a\nb"), bytes("\u{202E}txt"), bytes("é"), [0x1B, 0x5B],
        bytes("$(x)"), bytes("*"), bytes("~"), bytes("..."),
    ]

    static func random(files: Int, _ seed: inout Seed) -> Model {
        var model = Model()
        var folders: [EffectPath?] = [nil]
        for number in 0..<files {
            if number % 12 == 0 {
                let parent = folders.randomElement(using: &seed) ?? nil
                let path = EffectPath.name(bytes("d\(number)"), in: parent)
                model.nodes[path] = .folder(mode: [0o755, 0o700, 0o775, 0o2755].randomElement(using: &seed) ?? 0o755)
                folders.append(path)
            }
            let path = model.freshName(in: folders.randomElement(using: &seed) ?? nil, &seed)
            model.nodes[path] = Self.newFile(&seed)
        }
        return model
    }

    private static func newFile(_ seed: inout Seed) -> Node {
        if Int.random(in: 0..<15, using: &seed) == 0 {
            return .link(bytes("to/\(UInt16.random(in: 0...99, using: &seed))"))
        }
        let count = [0, 5, 40, 400, 4_000].randomElement(using: &seed) ?? 5
        let letter = UInt8.random(in: 0x20...0x7E, using: &seed)
        let start = bytes("\(UInt64.random(in: 0...9_999, using: &seed)) ")
        return .file(
            start + [UInt8](repeating: letter, count: count),
            mode: [0o644, 0o755, 0o600, 0o400, 0o640].randomElement(using: &seed) ?? 0o644)
    }

    private func freshName(in folder: EffectPath?, _ seed: inout Seed) -> EffectPath {
        let odd = Int.random(in: 0..<20, using: &seed) == 0 ? Self.oddNames.randomElement(using: &seed) ?? [] : []
        return .name(odd + bytes("f\(UInt32.random(in: 0...UInt32.max, using: &seed))"), in: folder)
    }

    /// Does random things to it, as a script would.
    mutating func change(times: Int, _ seed: inout Seed) {
        var (paths, folders): ([EffectPath], [EffectPath?]) = ([], [])
        for time in 0..<times {
            if time % 25 == 0 { paths = nodes.keys.sorted() }
            if time % 5 == 0 || folders.isEmpty { folders = [nil] + paths.filter { nodes[$0]?.isFolder == true } }
            guard let path = paths.randomElement(using: &seed), let node = nodes[path] else { continue }
            folders.removeAll { $0.map { nodes[$0]?.isFolder != true } ?? false }
            switch Int.random(in: 0..<10, using: &seed) {
            case 0, 1: if !node.isFolder { nodes[path] = Self.newFile(&seed) }
            case 2: remove(path)
            case 3, 4: nodes[freshName(in: folders.randomElement(using: &seed) ?? nil, &seed)] = Self.newFile(&seed)
            case 5: chmod(path, node, &seed)
            case 6: move(path, to: freshName(in: folders.randomElement(using: &seed) ?? nil, &seed))
            case 7: nodes[freshName(in: folders.randomElement(using: &seed) ?? nil, &seed)] = .folder(mode: 0o755)
            case 8:
                // A file becomes a folder, or the reverse.
                remove(path)
                nodes[path] = node.isFolder ? Self.newFile(&seed) : .folder(mode: 0o755)
                if !node.isFolder { nodes[freshName(in: path, &seed)] = Self.newFile(&seed) }
            default:
                remove(path)
                nodes[path] = node.isFolder ? .folder(mode: 0o711) : Self.newFile(&seed)
            }
        }
    }

    private mutating func remove(_ path: EffectPath) {
        nodes = nodes.filter { $0.key != path && !$0.key.isInside(path) }
    }

    private mutating func chmod(_ path: EffectPath, _ node: Node, _ seed: inout Seed) {
        let mode: UInt16 = [0o755, 0o700, 0o711, 0o750].randomElement(using: &seed) ?? 0o755
        switch node {
        case .file(let content, _): nodes[path] = .file(content, mode: mode)
        case .folder: nodes[path] = .folder(mode: mode)
        case .link: break
        }
    }

    private mutating func move(_ path: EffectPath, to target: EffectPath) {
        guard target != path, !target.isInside(path) else { return }
        for (inner, node) in nodes where inner == path || inner.isInside(path) {
            nodes[inner] = nil
            let rest = inner.bytes.dropFirst(path.bytes.count)
            nodes[EffectPath(target.bytes + rest) ?? target] = node
        }
    }

    /// Makes it on the disk, in an empty folder.
    func write(to root: String) {
        for (path, node) in nodes.sorted(by: { $0.key < $1.key }) {
            let chars = (bytes(root + "/") + path.bytes).map { CChar(bitPattern: $0) } + [0]
            switch node {
            case .folder: mkdir(chars, 0o755)
            case .link(let target): symlink(target.map { CChar(bitPattern: $0) } + [0], chars)
            case .file(let content, let mode):
                let file = open(chars, O_WRONLY | O_CREAT | O_EXCL, 0o600)
                _ = Glibc.write(file, content, content.count)
                fchmod(file, mode_t(mode))
                close(file)
            }
        }
        for (path, node) in nodes {
            guard case .folder(let mode) = node else { continue }
            Glibc.chmod((bytes(root + "/") + path.bytes).map { CChar(bitPattern: $0) } + [0], mode_t(mode))
        }
    }

    /// What makes this one into the other; the store keeps the new contents.
    func effect(to other: Model, keepingIn store: ContentStore) throws -> Effect {
        var files: [FileEffect] = []
        var folders: [FolderEffect] = []
        for path in Set(nodes.keys).union(other.nodes.keys) {
            let (before, after) = (nodes[path], other.nodes[path])
            guard before != after else { continue }
            let states = (try Self.state(before, nil), try Self.state(after, store))
            if states.0 != states.1 { files.append(FileEffect(path, before: states.0, after: states.1)) }
            let modes = (Self.folderMode(before), Self.folderMode(after))
            if modes.0 != modes.1 { folders.append(FolderEffect(path, before: modes.0, after: modes.1)) }
        }
        return Effect(files: files, folders: folders)
    }

    private static func folderMode(_ node: Node?) -> UInt16? {
        if case .folder(let mode) = node { mode } else { nil }
    }

    private static func state(_ node: Node?, _ store: ContentStore?) throws -> FileState? {
        switch node {
        case .file(let content, let mode):
            FileState(.file, size: content.count, sha256: try hash(content, store), mode: mode)
        case .link(let target): FileState(.link, size: target.count, sha256: try hash(target, store), mode: 0o777)
        default: nil
        }
    }

    private static func hash(_ content: [UInt8], _ store: ContentStore?) throws -> String {
        try store?.keep(content) ?? Hashing.sha256(content)
    }

    /// Whether a tree on the disk is exactly this.
    func differences(from tree: Tree) -> [String] {
        var different: [String] = []
        for (path, node) in nodes {
            let entry = tree.entries[path.bytes]
            let isSame =
                switch node {
                case .folder(let mode): entry?.mode == S_IFDIR | mode_t(mode)
                case .link(let target): entry.map { $0.mode & S_IFMT == S_IFLNK && $0.content == target } ?? false
                case .file(let content, let mode): entry?.mode == S_IFREG | mode_t(mode) && entry?.content == content
                }
            if !isSame { different.append(path.shown) }
        }
        for path in tree.entries.keys where EffectPath(path).map({ nodes[$0] == nil }) ?? true {
            different.append(String(decoding: path, as: UTF8.self))
        }
        return Array(different.prefix(10))
    }
}
