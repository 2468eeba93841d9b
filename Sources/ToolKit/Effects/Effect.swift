internal import Crypto

/// What a call does to the workspace: every file and link that becomes another, and the folders around them.
///
/// A value without contents; those are found by their hashes in ``EffectContents``. Two equal effects have equal digests.
public struct Effect: Sendable, Hashable {
    /// By path; no two name the same place, and nothing in it stays as it was.
    public let files: [FileEffect]
    /// Likewise.
    public let folders: [FolderEffect]

    public static let none = Effect(files: [])

    /// - Parameters:
    ///   - files: In any order; no two of the same path. What changes nothing is left out.
    ///   - folders: Likewise.
    public init(files: [FileEffect], folders: [FolderEffect] = []) {
        self.files = files.filter { $0.before != $0.after }.sorted { $0.path < $1.path }
        self.folders = folders.filter { $0.before != $0.after }.sorted { $0.path < $1.path }
    }

    public var isEmpty: Bool { files.isEmpty && folders.isEmpty }

    /// What takes it back.
    public var inverse: Effect { Effect(files: files.map(\.inverse), folders: folders.map(\.inverse)) }

    /// This effect and then another one, as one.
    public func followed(by next: Effect) -> Effect {
        var files = Dictionary(self.files.map { ($0.path, $0) }) { first, _ in first }
        for file in next.files {
            files[file.path] = FileEffect(
                file.path, before: files[file.path].map(\.before) ?? file.before, after: file.after)
        }
        var folders = Dictionary(self.folders.map { ($0.path, $0) }) { first, _ in first }
        for folder in next.folders {
            folders[folder.path] = FolderEffect(
                folder.path, before: folders[folder.path].map(\.before) ?? folder.before, after: folder.after)
        }
        return Effect(files: Array(files.values), folders: Array(folders.values))
    }

    /// A deleted file by the added one that has its content: renames, as answers show them. Of several candidates the
    /// first by path; each deleted file is the source of one.
    public var renames: [EffectPath: EffectPath] {
        var sources: [FileContent: [EffectPath]] = [:]
        for file in files.reversed() where file.after == nil {
            if let before = file.before { sources[FileContent(before), default: []].append(file.path) }
        }
        var renames: [EffectPath: EffectPath] = [:]
        for file in files where file.before == nil {
            // An empty file is like any other empty file.
            guard let after = file.after, after.size > 0 else { continue }
            if let source = sources[FileContent(after)]?.popLast() { renames[file.path] = source }
        }
        return renames
    }

    private struct FileContent: Hashable {
        let kind: FileState.Kind
        let sha256: String

        init(_ state: FileState) { (kind, sha256) = (state.kind, state.sha256) }
    }

    /// SHA-256 over the canonical form: what an approval of an effect is bound to. 64 lower-case hexadecimal digits.
    public var digest: String { Hex.encode(SHA256.hash(data: JSONWriter.write(json))) }

    /// The canonical form, from which ``init(json:)`` makes an equal effect.
    public var json: JSONValue {
        [
            "files": .array(
                files.map { file in
                    var members: [String: JSONValue] = ["path": .string(Hex.encode(file.path.bytes))]
                    members["before"] = file.before.map(Self.json)
                    members["after"] = file.after.map(Self.json)
                    return .object(members)
                }),
            "folders": .array(
                folders.map { folder in
                    var members: [String: JSONValue] = ["path": .string(Hex.encode(folder.path.bytes))]
                    members["before"] = folder.before.map { .integer(Int($0)) }
                    members["after"] = folder.after.map { .integer(Int($0)) }
                    return .object(members)
                }),
        ]
    }

    private static func json(_ state: FileState) -> JSONValue {
        [
            "kind": .string(state.kind.rawValue), "size": .integer(state.size), "sha256": .string(state.sha256),
            "mode": .integer(Int(state.mode)),
        ]
    }

    /// - Returns: `nil` for anything that ``json`` never is.
    public init?(json: JSONValue) {
        guard let files = json["files"]?.arrayValue, let folders = json["folders"]?.arrayValue else { return nil }
        var readFiles: [FileEffect] = []
        var readFolders: [FolderEffect] = []
        for file in files {
            guard let path = Self.path(file), let before = Self.state(file["before"]),
                let after = Self.state(file["after"])
            else { return nil }
            readFiles.append(FileEffect(path, before: before.state, after: after.state))
        }
        for folder in folders {
            guard let path = Self.path(folder) else { return nil }
            readFolders.append(
                FolderEffect(
                    path, before: folder["before"]?.integerValue.flatMap(UInt16.init(exactly:)),
                    after: folder["after"]?.integerValue.flatMap(UInt16.init(exactly:))))
        }
        self.init(files: readFiles, folders: readFolders)
    }

    private static func path(_ value: JSONValue) -> EffectPath? {
        value["path"]?.stringValue.flatMap(Hex.decode).flatMap(EffectPath.init)
    }

    private static func state(_ value: JSONValue?) -> (state: FileState?, isThere: Bool)? {
        guard let value else { return (nil, false) }
        guard let kind = value["kind"]?.stringValue.flatMap(FileState.Kind.init(rawValue:)),
            let size = value["size"]?.integerValue, let sha256 = value["sha256"]?.stringValue,
            let mode = value["mode"]?.integerValue.flatMap(UInt16.init(exactly:))
        else { return nil }
        return (FileState(kind, size: size, sha256: sha256, mode: mode), true)
    }
}
