internal import Foundation
internal import Synchronization
internal import ToolKit

/// Names that the server makes: `^[a-z0-9_]{1,64}$`, at least 80 random bits, so that nobody guesses one.
package enum Identifier {
    package static func make(_ prefix: String) -> String {
        reserve.withLock { "\(prefix)_\(Hex.encode($0.take(16)))" }
    }

    /// For what is written down in the order of time and looked up by its name later: 48 bits of milliseconds, then 80
    /// random ones. Names that are made one after the other stand side by side in an index, which makes adding them
    /// cheap.
    ///
    /// - Parameter wall: Unix seconds.
    package static func makeOrdered(_ prefix: String, at wall: Double) -> String {
        let milliseconds = UInt64(max(0, min(wall * 1_000, 281_474_976_710_655)))
        let time = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * $0)) }
        return reserve.withLock { "\(prefix)_\(Hex.encode(time))\(Hex.encode($0.take(10)))" }
    }

    private static let reserve = Mutex(Reserve())

    /// Random bytes of the system, fetched for many identifiers at once. A byte is used once and not kept.
    private struct Reserve {
        private var bytes: [UInt8] = []
        private var next = 0

        mutating func take(_ count: Int) -> [UInt8] {
            if next + count > bytes.count { refill() }
            var taken: [UInt8] = []
            taken.reserveCapacity(count)
            for index in next..<next + count {
                taken.append(bytes[index])
                bytes[index] = 0
            }
            next += count
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
