internal import ToolKit

/// Names that the server makes: `^[a-z0-9_]{1,64}$`, 128 random bits, so that nobody guesses one that grants something.
package enum Identifier {
    package static func make(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for _ in 0..<2 {
            withUnsafeBytes(of: generator.next() as UInt64) { bytes.append(contentsOf: $0) }
        }
        return "\(prefix)_\(Hex.encode(bytes))"
    }

    /// Whether a text has the form of an identifier; asked before it is looked up anywhere (SECURITY R66).
    package static func isWellFormed(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { 0x61...0x7A ~= $0 || 0x30...0x39 ~= $0 || $0 == 0x5F }
    }
}
