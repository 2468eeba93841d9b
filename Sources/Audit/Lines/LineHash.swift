internal import Crypto
internal import ToolKit

/// A SHA-256 value: of a line, of a subtree, of the whole log. Thirty-two bytes in place, no allocation.
package struct LineHash: Sendable, Hashable {
    private var storage: SIMD32<UInt8>

    private init(_ digest: SHA256Digest) {
        storage = digest.withUnsafeBytes { $0.loadUnaligned(as: SIMD32<UInt8>.self) }
    }

    /// `nil` unless there are exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        storage = SIMD32(bytes)
    }

    /// `nil` unless the text is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        guard hex.utf8.count == 64, let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// What the first line names as its predecessor: 64 zeros.
    package static let none = LineHash(zero: ())

    private init(zero: Void) { storage = SIMD32(repeating: 0) }

    package var bytes: [UInt8] { withUnsafeBytes(of: storage) { Array($0) } }

    package var hex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(64)
        appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }

    func appendHex(to buffer: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digits in
            withUnsafeBytes(of: storage) { bytes in
                for index in 0..<32 {
                    digits[2 * index] = Self.digit(bytes[index] >> 4)
                    digits[2 * index + 1] = Self.digit(bytes[index] & 0xF)
                }
            }
            buffer.append(contentsOf: digits)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? value + 0x30 : value + 0x57 }
}

extension LineHash {
    package static func of(_ bytes: [UInt8]) -> LineHash {
        bytes.withUnsafeBytes { of($0) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> LineHash {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        return LineHash(hasher.finalize())
    }

    /// The hash of a line as stored: over everything before its `hash` member, and the closing brace.
    static func ofLine(_ content: UnsafeRawBufferPointer) -> LineHash {
        var hasher = SHA256()
        hasher.update(bufferPointer: content)
        withUnsafeBytes(of: UInt8(ascii: "}")) { hasher.update(bufferPointer: $0) }
        return LineHash(hasher.finalize())
    }

    /// RFC 6962, 2.1: a leaf and an inner node never hash alike.
    static func leaf(_ line: LineHash) -> LineHash {
        withUnsafeTemporaryAllocation(byteCount: 33, alignment: 1) { buffer in
            buffer[0] = 0
            withUnsafeBytes(of: line.storage) {
                UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0)
            }
            return of(UnsafeRawBufferPointer(buffer))
        }
    }

    static func node(_ left: LineHash, _ right: LineHash) -> LineHash {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 1) { buffer in
            buffer[0] = 1
            withUnsafeBytes(of: left.storage) {
                UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0)
            }
            withUnsafeBytes(of: right.storage) {
                UnsafeMutableRawBufferPointer(rebasing: buffer[33...]).copyMemory(from: $0)
            }
            return of(UnsafeRawBufferPointer(buffer))
        }
    }
}
