internal import Foundation
internal import Synchronization
internal import ToolKit

/// Names that the server makes: `^[a-z0-9_]{1,64}$`, at least 80 random bits, so that nobody guesses one.
package enum Identifier {
    package static func make(_ prefix: String) -> String {
        let random = reserve.withLock { $0.take() }
        return text(prefix, random)
    }

    /// For what is written down in the order of time and looked up by its name later: 48 bits of milliseconds, then 80
    /// random ones. Names that are made one after the other stand side by side in an index, which makes adding them
    /// cheap.
    ///
    /// - Parameter wall: Unix seconds.
    package static func makeOrdered(_ prefix: String, at wall: Double) -> String {
        let milliseconds = UInt64(max(0, min(wall * 1_000, 281_474_976_710_655)))
        var bytes = reserve.withLock { $0.take() }
        for place in 0..<6 { bytes[place] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * place)) }
        return text(prefix, bytes)
    }

    /// The prefix, `_` and the bytes as hexadecimal digits, in one piece of memory.
    private static func text(_ prefix: String, _ bytes: SIMD16<UInt8>) -> String {
        var prefix = prefix
        return prefix.withUTF8 { prefix in
            String(unsafeUninitializedCapacity: prefix.count + 33) { characters in
                _ = characters.update(fromContentsOf: prefix)
                characters[prefix.count] = UInt8(ascii: "_")
                var place = prefix.count + 1
                for index in 0..<16 {
                    characters[place] = Hex.digit(bytes[index] >> 4)
                    characters[place + 1] = Hex.digit(bytes[index] & 0xF)
                    place += 2
                }
                return place
            }
        }
    }

    private static let reserve = Mutex(Reserve())

    /// Random bytes of the system, fetched for many identifiers at once. A byte is used once and not kept.
    private struct Reserve {
        private var bytes: [UInt8] = []
        private var next = 0

        mutating func take() -> SIMD16<UInt8> {
            if next + 16 > bytes.count { refill() }
            var taken = SIMD16<UInt8>()
            for index in 0..<16 {
                taken[index] = bytes[next + index]
                bytes[next + index] = 0
            }
            next += 16
            return taken
        }

        private mutating func refill() {
            // As many as one call of getentropy gives.
            bytes = [UInt8](repeating: 0, count: 256)
            next = 0
            let failed = bytes.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) != 0 }
            guard failed else { return }
            var generator = SystemRandomNumberGenerator()
            for index in bytes.indices { bytes[index] = UInt8.random(in: .min ... .max, using: &generator) }
        }
    }

    /// Whether a text has the form of an identifier; asked before it is looked up anywhere (SECURITY R66).
    package static func isWellFormed(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F }
    }
}
