internal import Crypto
internal import Synchronization
public import ToolKit

/// Contents of effects without a disk.
public final class InMemoryContents: EffectContents {
    private let held = Mutex<[String: [UInt8]]>([:])

    public init() {}

    public func keep(_ bytes: [UInt8]) throws -> String {
        let sha256 = Hex.encode(SHA256.hash(data: bytes))
        held.withLock { $0[sha256] = bytes }
        return sha256
    }

    public func keep(file descriptor: Int32) throws -> (sha256: String, size: Int) {
        throw ToolFailure("no_files", "there are no files here", remedy: "keep bytes")
    }

    public func holds(_ sha256: String) -> Bool { held.withLock { $0[sha256] != nil } }

    public func read(_ sha256: String, limit: Int) throws -> [UInt8]? {
        held.withLock { $0[sha256].map { Array($0.prefix(limit)) } }
    }

    public func write(_ sha256: String, to descriptor: Int32) throws -> Bool { false }

    public func sync(_ hashes: Set<String>) throws {}

    public var hashes: Set<String> { held.withLock { Set($0.keys) } }

    public func remove(_ hashes: some Sequence<String>) {
        held.withLock { held in for sha256 in hashes { held[sha256] = nil } }
    }

    public func sweep(keeping needed: Set<String>) { held.withLock { $0 = $0.filter { needed.contains($0.key) } } }
}
