internal import Foundation
internal import Synchronization
internal import Testing
internal import ToolKit

@testable internal import Machine
@testable internal import Sandbox

/// A folder as a program may leave it, with one honest file `good.txt` that has to be kept whatever lies beside it.
final class HostileFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/keep-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write("good\n", to: "good.txt")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws {
        let full = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: full))
    }

    /// A name that is not UTF-8.
    func write(rawName name: [UInt8]) throws {
        let bytes = (Array((path + "/").utf8) + name + [0]).map { CChar(bitPattern: $0) }
        let descriptor = open(bytes, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        try #require(descriptor >= 0)
        close(descriptor)
    }

    func gather(_ patterns: String..., into keeper: MemoryKeeper = MemoryKeeper()) async throws -> KeptFiles {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(descriptor >= 0)
        let folder = LentFolder(owning: descriptor)
        return await FolderHarvest(of: try patterns.map(KeepPattern.init), into: keeper).gather(from: folder)
    }
}

/// Keeps in memory, within two bounds.
final class MemoryKeeper: ArtifactKeeper {
    let largestFile: Int
    private let files: Int
    private let state = Mutex<[String: [UInt8]]>([:])

    init(largestFile: Int = 1 << 20, files: Int = 100) {
        self.largestFile = largestFile
        self.files = files
    }

    var kept: [String: [UInt8]] { state.withLock { $0 } }

    func keep(_ name: String, from source: any ArtifactSource) async throws(ArtifactRefusal) -> Artifact {
        guard kept.count < files else { throw ArtifactRefusal("that is enough", isFinal: true) }
        guard let bytes = try? source.read(offset: 0, count: largestFile + 1) else {
            throw ArtifactRefusal("unreadable")
        }
        state.withLock { $0[name] = bytes }
        return Artifact(id: "art_\(kept.count)", name: name, size: bytes.count, sha256: "")
    }
}

extension KeptFiles {
    var names: [String] { artifacts.map(\.name) }

    func reason(_ name: String) -> String? { omissions.first { $0.name == name }?.reason }
}
