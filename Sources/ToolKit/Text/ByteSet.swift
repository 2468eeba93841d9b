/// A set of byte values.
public struct ByteSet: Sendable, Hashable {
    private var words: SIMD4<UInt64> = .zero

    public init() {}

    /// - Parameter className: Of POSIX, `alpha` for `[:alpha:]`; `nil` for an unknown one.
    init?(className: String) {
        let members: (UInt8) -> Bool
        let isLower = { (byte: UInt8) in (0x61...0x7A).contains(byte) }
        let isUpper = { (byte: UInt8) in (0x41...0x5A).contains(byte) }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let isAlnum = { (byte: UInt8) in isLower(byte) || isUpper(byte) || isDigit(byte) }
        switch className {
        case "alpha": members = { isLower($0) || isUpper($0) }
        case "lower": members = isLower
        case "upper": members = isUpper
        case "digit": members = isDigit
        case "alnum": members = isAlnum
        case "xdigit": members = { isDigit($0) || (0x61...0x66).contains($0 | 0x20) }
        case "space": members = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        case "blank": members = { $0 == 0x20 || $0 == 0x09 }
        case "cntrl": members = { $0 < 0x20 || $0 == 0x7F }
        case "print": members = { (0x20...0x7E).contains($0) }
        case "graph": members = { (0x21...0x7E).contains($0) }
        case "punct": members = { (0x21...0x7E).contains($0) && !isAlnum($0) }
        default: return nil
        }
        for byte in UInt8.min...UInt8.max where members(byte) { insert(byte) }
    }

    public mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    mutating func formUnion(_ other: ByteSet) { words |= other.words }

    public func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] & 1 << UInt64(byte & 63) != 0 }
}
