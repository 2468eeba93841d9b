import Foundation

/// A folder with files; one of its own making is removed at its end.
final class PatchFolder {
    let path: String
    private let isOwn: Bool

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/agree-" + UUID().uuidString
        isOwn = true
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    init(at path: String) {
        self.path = path
        isOwn = false
    }

    deinit { if isOwn { try? FileManager.default.removeItem(atPath: path) } }

    func put(_ files: [String: PatchCase.File]) throws {
        for (name, file) in files {
            let full = path + "/" + name
            try FileManager.default.createDirectory(
                atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(file.bytes).write(to: URL(fileURLWithPath: full))
            try FileManager.default.setAttributes(
                [.posixPermissions: file.isExecutable ? 0o755 : 0o644], ofItemAtPath: full)
        }
    }

    func files() -> [String: PatchCase.File] {
        var files: [String: PatchCase.File] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? .init() {
            let full = path + "/" + name
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            files[name] = PatchCase.File(
                bytes: FileManager.default.contents(atPath: full).map(Array.init) ?? [],
                isExecutable: FileManager.default.isExecutableFile(atPath: full))
        }
        return files
    }
}
