/// Names of the files that lie beside a target while a change is made.
enum StagingName {
    /// 64 random bits, so that nobody can put a file or link in its place beforehand.
    static func fresh() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return ".execlayer-" + String(repeating: "0", count: 16 - digits.count) + digits + ".tmp"
    }
}
