/// Names of the files that lie beside a target while a change is made.
enum StagingName {
    /// What may become of it when a crash leaves it behind.
    enum Kind: String {
        /// New content, or an old one whose successor is whole and in its place: nothing is lost with it.
        case spare = ".tmp"
        /// Maybe the only copy of something: the old content of a swap, a folder that was to give way to a file. It
        /// is left for a person to look at.
        case kept = ".kept"
    }

    private static let start = ".execlayer-"
    private static let digits = 16

    /// 64 random bits, so that nobody can put a file or link in its place beforehand.
    static func fresh(_ kind: Kind = .spare) -> String {
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        return start + String(repeating: "0", count: digits - number.count) + number + kind.rawValue
    }

    /// What ``fresh(_:)`` was asked for when it made this name; `nil` for a name that it never makes.
    static func kind(of name: String) -> Kind? {
        guard name.utf8.starts(with: start.utf8) else { return nil }
        let rest = name.utf8.dropFirst(start.utf8.count)
        guard rest.prefix(digits).count == digits,
            rest.prefix(digits).allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 })
        else { return nil }
        return Kind(rawValue: String(decoding: rest.dropFirst(digits), as: UTF8.self))
    }

    /// A quick no for names that are none of ours.
    static func mayBegin(_ name: UnsafePointer<CChar>) -> Bool {
        name[0] == 0x2E && name[1] == 0x65 && name[2] == 0x78
    }
}
