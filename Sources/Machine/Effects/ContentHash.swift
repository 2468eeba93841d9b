internal import Crypto
internal import ToolKit

/// SHA-256 of bytes that come in pieces.
struct ContentHash {
    private var hash = SHA256()

    mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    func finished() -> String { Hex.encode(hash.finalize()) }

    static func of(_ bytes: [UInt8]) -> String { Hex.encode(SHA256.hash(data: bytes)) }
}
