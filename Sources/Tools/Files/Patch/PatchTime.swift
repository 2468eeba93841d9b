/// The time behind a name in a plain diff.
enum PatchTime {
    /// Whether it is the first instant of 1970 in some time zone: how `diff -N` says that there was no file.
    static func isEpoch(_ stamp: ArraySlice<UInt8>) -> Bool {
        let parts = stamp.split(separator: UInt8(ascii: " "))
        guard parts.count == 3, let zone = minutes(ofZone: parts[2]) else { return false }
        let isNewYear = parts[0].elementsEqual("1970-01-01".utf8)
        guard isNewYear || parts[0].elementsEqual("1969-12-31".utf8) else { return false }
        let clock = parts[1].split(separator: UInt8(ascii: ":"))
        guard clock.count == 3, let hours = number(clock[0]), let minutes = number(clock[1]) else { return false }
        let seconds = clock[2].filter { $0 != UInt8(ascii: ".") }
        guard seconds.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return false }
        return hours * 60 + minutes - (isNewYear ? 0 : 1_440) == zone
    }

    /// `+0100` or `-03:30`.
    private static func minutes(ofZone zone: ArraySlice<UInt8>) -> Int? {
        let digits = zone.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let hours = number(digits[0..<2]), let minutes = number(digits[2..<4]) else {
            return nil
        }
        switch zone.first {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count == 2, digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
