/// Names of the files that lie beside a target while a change is made.
enum StagingName {
    /// 64 random bits, so that nobody can put a file or link in its place beforehand.
    static func fresh() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return ".execlayer-" + String(repeating: "0", count: 16 - digits.count) + digits + ".tmp"
    }

    /// Whether ``fresh()`` makes names like this one.
    static func isOne(_ name: String) -> Bool {
        let start = ".execlayer-"
        guard name.utf8.count == start.utf8.count + 20, name.hasPrefix(start), name.hasSuffix(".tmp") else {
            return false
        }
        return name.utf8.dropFirst(start.utf8.count).prefix(16).allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }
}
