/// Tells by the name of a field, variable or header whether its value is a secret (SECURITY R63).
public enum SecretNames {
    /// Whether what is stored under `key` has to be kept from logs and answers.
    ///
    /// Reads `camelCase`, `snake_case`, `kebab-case`, `SCREAMING_CASE` and words run together: `clientSecret`,
    /// `X-Execution-Token`, `PGPASSWORD`, `aws_secret_access_key`. What merely speaks about a secret is none:
    /// `token_count`, `max_tokens`, `password_policy`, `tokenizer`.
    public static func isSecret(_ key: String) -> Bool {
        var key = key
        return key.withUTF8 { bytes in
            mayBeSecret(bytes) && isSecret(words: words(of: bytes))
        }
    }

    /// A quick no for nearly every name, before any word is cut out of it.
    static func mayBeSecret(_ key: UnsafeBufferPointer<UInt8>) -> Bool {
        guard key.count >= 3 else { return false }
        var window = UInt32(key[0] | 0x20) << 8 | UInt32(key[1] | 0x20)
        for byte in key.dropFirst(2) {
            window = (window << 8 | UInt32(byte | 0x20)) & 0xFF_FFFF
            switch window {
            case 0x706173, 0x707764, 0x736563, 0x746F6B, 0x6B6579, 0x637265, 0x617574, 0x636F6F, 0x6A7774:
                return true  // pas, pwd, sec, tok, key, cre, aut, coo, jwt
            default: continue
            }
        }
        return false
    }

    static func isSecret(words: [String]) -> Bool {
        guard let last = words.last, !harmlessEndings.contains(last) else { return false }
        for (place, word) in words.enumerated() {
            let before = place > 0 ? words[place - 1] : ""
            if nouns.contains(word) || endings.contains(where: { word.hasSuffix($0) }) { return true }
            switch word {
            case "key", "keys": if keyOwners.contains(before) { return true }
            case "tokens": if tokenOwners.contains(before) { return true }
            case "auth": if words.count == 1 || before == "basic" || before == "proxy" { return true }
            case "pass": if words.count == 1 || passOwners.contains(before) { return true }
            default: continue
            }
        }
        return false
    }

    /// The words of a name in lower case; digits separate like any other sign.
    static func words(of key: UnsafeBufferPointer<UInt8>) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        func close() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for (index, byte) in key.enumerated() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                let afterLower = index > 0 && isLower(key[index - 1])
                let startsWord =
                    index > 0 && isUpper(key[index - 1]) && index + 1 < key.count && isLower(key[index + 1])
                if afterLower || startsWord { close() }
                word.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...: word.append(byte)
            default: close()
            }
        }
        close()
        return words
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    private static let nouns: Set<String> = [
        "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token", "credential",
        "credentials", "authorization", "cookie", "cookies", "jwt",
    ]

    /// Names written as one word.
    private static let endings = [
        "password", "passwd", "secret", "apikey", "accesskey", "secretkey", "privatekey", "signingkey", "authtoken",
        "accesstoken", "refreshtoken", "bearertoken", "sessiontoken", "apitoken", "idtoken",
    ]

    private static let keyOwners: Set<String> = [
        "api", "access", "private", "secret", "signing", "encryption", "account", "master", "ssh", "deploy", "service",
        "auth", "session", "shared", "license", "hmac", "aes", "rsa",
    ]

    private static let tokenOwners: Set<String> = ["access", "refresh", "api", "auth", "bearer", "session"]

    private static let passOwners: Set<String> = [
        "db", "database", "user", "admin", "root", "smtp", "mail", "ftp", "mysql", "postgres", "pg", "redis", "ssh",
        "login", "basic", "auth",
    ]

    /// What a name ends with that tells about a secret instead of holding it.
    private static let harmlessEndings: Set<String> = [
        "count", "counts", "limit", "limits", "length", "len", "size", "type", "types", "name", "names", "id", "ids",
        "url", "uri", "endpoint", "path", "file", "filename", "dir", "expires", "expiry", "expiration", "ttl",
        "seconds",
        "minutes", "ms", "at", "age", "budget", "usage", "policy", "field", "required", "enabled", "supported",
        "configured", "kind", "format", "prompt", "label", "placeholder", "rotation", "scope", "scopes", "ui",
    ]
}
