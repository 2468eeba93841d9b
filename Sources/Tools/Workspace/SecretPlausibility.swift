internal import ToolKit

/// Tells a secret that was left in a file from a placeholder, an identifier or a type.
///
/// Redaction takes everything that looks like one; a report that cries at every `password: String` is not read.
enum SecretPlausibility {
    /// - Parameter isSettings: Whether the file is one where values stand without quotes, such as `.env`.
    static func isPlausible(_ match: SecretMatch, in bytes: [UInt8], isSettings: Bool) -> Bool {
        let value = bytes[match.range]
        switch match.kind {
        case .privateKey: return value.count >= 120
        case .namedValue:
            let before = match.range.lowerBound > 0 ? bytes[match.range.lowerBound - 1] : 0
            guard isSettings || before == 0x22 || before == 0x27 || before == 0x60 else { return false }
            return !isPlaceholder(value) && looksRandom(value)
        case .urlPassword: return !isPlaceholder(value) && value.count >= 4
        default: return !isExample(value)
        }
    }

    /// Files of settings rather than of code.
    static func isSettings(_ name: String) -> Bool {
        let name = name.lowercased()
        if name.hasPrefix(".env") || name == ".npmrc" || name == ".netrc" || name == ".pypirc" { return true }
        let endings = [".env", ".ini", ".cfg", ".conf", ".properties", ".yml", ".yaml", ".toml", ".tfvars"]
        return endings.contains { name.hasSuffix($0) }
    }

    private static let placeholders = [
        "changeme", "change_me", "change-me", "example", "placeholder", "your", "dummy", "sample", "xxxx", "todo",
        "redacted", "insert", "replace", "password", "passwd", "secret", "test", "fake", "foobar", "12345", "default",
        "postgres", "hunter2", "<", "***", "...", "${", "{{", "$(", "%(", "#{", "env.", "environ", "getenv",
    ]
    private static let wholePlaceholders: Set<String> = ["user", "admin", "root", "guest", "pass", "none", "token"]

    private static func isPlaceholder(_ value: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: value.prefix(512), as: UTF8.self).lowercased()
        return wholePlaceholders.contains(text) || placeholders.contains { text.contains($0) }
    }

    private static func isExample(_ value: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: value.prefix(512), as: UTF8.self).lowercased()
        return ["example", "xxxxxx", "000000", "123456789012"].contains { text.contains($0) }
    }

    /// At least 8 characters without spaces, of mixed kinds, and with more variety than a word.
    private static func looksRandom(_ value: ArraySlice<UInt8>) -> Bool {
        guard (8...4_096).contains(value.count), value.first != UInt8(ascii: "/"), value.first != UInt8(ascii: "$")
        else {
            return false
        }
        var digits = 0
        var upper = 0
        var lower = 0
        var signs = 0
        for byte in value {
            switch byte {
            case ...0x20: return false
            case 0x30...0x39: digits += 1
            case 0x41...0x5A: upper += 1
            case 0x61...0x7A: lower += 1
            case UInt8(ascii: "("), UInt8(ascii: ")"): return false
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"): continue
            default: signs += 1
            }
        }
        let kinds = [digits, upper, lower, signs].count { $0 > 0 }
        let bits = entropy(value)
        // A name such as `reset_token_v2` has one digit and little variety; keys have many of both.
        return kinds >= 2 && (digits + signs >= 2 || (upper > 1 && value.count >= 16 && bits >= 3.5)) && bits >= 2.5
    }

    /// Shannon's, in bits a byte.
    private static func entropy(_ value: ArraySlice<UInt8>) -> Double {
        var counts = [Int](repeating: 0, count: 256)
        for byte in value { counts[Int(byte)] += 1 }
        let total = Double(value.count)
        return counts.lazy.filter { $0 > 0 }.reduce(0) { sum, count in
            sum - Double(count) / total * Self.log2(Double(count) / total)
        }
    }

    /// Near enough for a threshold, without a mathematics library: exponent plus a series for the rest.
    private static func log2(_ number: Double) -> Double {
        let fraction = (number.significand - 1) / (number.significand + 1)
        let square = fraction * fraction
        let series = fraction * (1 + square * (1 / 3 + square * (1 / 5 + square * (1 / 7 + square / 9))))
        return Double(number.exponent) + 2 * series / 0.693147180559945
    }
}
