/// An address of the internet protocol, as a number: what a socket connects to and what is judged.
public enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    /// The upper and the lower half.
    case v6(UInt64, UInt64)

    /// Reads the one canonical spelling: four decimal numbers without leading zeros, or RFC 5952 in lower case without a
    /// zone. Every other spelling that some reader takes for an address is none here (SECURITY R38).
    public init?(canonical text: some StringProtocol) {
        if let four = Self.dotted(text) {
            self = .v4(four)
        } else if let six = Self.colons(text), six.description == text {
            self = six
        } else {
            return nil
        }
    }

    /// From the bytes of a socket's address, four or sixteen.
    public init?(bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self = .v6(
                bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    public var bytes: [UInt8] {
        switch self {
        case .v4(let number): stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
        case .v6(let upper, let lower):
            [upper, lower].flatMap { half in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
            }
        }
    }

    static func dotted(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard 1...3 ~= part.count, part.allSatisfy({ 0x30...0x39 ~= $0 }), part.count == 1 || part.first != 0x30
            else { return nil }
            let value = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
            guard value <= 255 else { return nil }
            number = number << 8 | value
        }
        return number
    }

    private static func colons(_ text: some StringProtocol) -> IPAddress? {
        guard text.utf8.count <= 39 else { return nil }
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var groups: [[UInt16]] = []
        for half in halves {
            var numbers: [UInt16] = []
            for part in half.split(separator: ":", omittingEmptySubsequences: false) where !half.isEmpty {
                guard 1...4 ~= part.utf8.count, part.utf8.allSatisfy(isHex), let number = UInt16(part, radix: 16)
                else { return nil }
                numbers.append(number)
            }
            groups.append(numbers)
        }
        let given = groups.reduce(0) { $0 + $1.count }
        guard halves.count == 2 ? given <= 7 : given == 8 else { return nil }
        let all = groups[0] + Array(repeating: 0, count: 8 - given) + (groups.count == 2 ? groups[1] : [])
        return .v6(
            all[..<4].reduce(0) { $0 << 16 | UInt64($1) }, all[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x66: true
        default: false
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical spelling, without brackets.
    public var description: String {
        switch self {
        case .v4: return bytes.map { String($0) }.joined(separator: ".")
        case .v6(let upper, let lower):
            let groups = [upper, lower].flatMap { half in
                stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: half >> $0) }
            }
            guard let zeros = Self.longestZeros(groups) else {
                return groups.map { String($0, radix: 16) }.joined(separator: ":")
            }
            let sides = [groups[..<zeros.lowerBound], groups[zeros.upperBound...]]
            return sides.map { $0.map { String($0, radix: 16) }.joined(separator: ":") }.joined(separator: "::")
        }
    }

    /// The first of the longest runs of at least two zero groups.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest: Range<Int>?
        var place = 0
        while place < groups.count {
            let end = groups[place...].firstIndex { $0 != 0 } ?? groups.count
            if end - place >= 2, end - place > longest?.count ?? 1 { longest = place..<end }
            place = max(end, place + 1)
        }
        return longest
    }
}
