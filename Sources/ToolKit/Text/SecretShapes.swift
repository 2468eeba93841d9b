/// A place in a text that looks like a secret.
public struct SecretMatch: Sendable, Hashable {
    public let kind: SecretKind
    /// Offsets in UTF-8 bytes from the start of the text: the secret alone, without its name, quotes or scheme.
    public let range: Range<Int>

    public init(kind: SecretKind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }
}

/// What a secret is by its look.
public enum SecretKind: String, Sendable, Hashable, CaseIterable {
    case bearerToken = "bearer_token"
    case basicCredentials = "basic_credentials"
    case githubToken = "github_token"
    case gitlabToken = "gitlab_token"
    case awsAccessKey = "aws_access_key"
    case slackToken = "slack_token"
    case stripeKey = "stripe_key"
    case googleAPIKey = "google_api_key"
    case serviceToken = "service_token"
    case jsonWebToken = "json_web_token"
    case privateKey = "private_key"
    case urlPassword = "url_password"
    /// Whatever stands behind a name such as `password` or `api_key`; only here can the value be harmless.
    case namedValue = "named_secret"
}

/// Finds secrets by their look: known prefixes, key blocks, credentials in URLs and headers, and values behind a
/// secret's name (SECURITY R63). The audit's redaction and `repo_scan` share it.
///
/// One pass over the bytes, linear in their number. It prefers to take too much: that a named value is a mere
/// placeholder is for the caller to judge.
public enum SecretShapes {
    /// - Returns: Matches in order, none overlapping another.
    public static func find(in text: [UInt8]) -> [SecretMatch] {
        text.withUnsafeBufferPointer { bytes in
            var scanner = SecretScanner(bytes: bytes)
            return scanner.run()
        }
    }

    /// - Returns: Matches in order, none overlapping another; offsets count the UTF-8 of `text`.
    public static func find(in text: some StringProtocol) -> [SecretMatch] {
        var text = String(text)
        return text.withUTF8 { bytes in
            var scanner = SecretScanner(bytes: bytes)
            return scanner.run()
        }
    }

    /// A token that its first characters give away.
    struct Prefix: Sendable {
        let kind: SecretKind
        let start: [UInt8]
        /// How many characters have to follow at least.
        let length: Int
        /// Whether a letter or digit in front means that this is another word.
        let needsBoundary: Bool
        /// Whether what follows has to hold a digit: keeps ordinary words with hyphens out.
        let needsDigit: Bool

        init(
            _ kind: SecretKind, _ start: StaticString, _ length: Int, needsBoundary: Bool = false,
            needsDigit: Bool = false
        ) {
            self.kind = kind
            self.start = Array(UnsafeBufferPointer(start: start.utf8Start, count: start.utf8CodeUnitCount))
            self.length = length
            self.needsBoundary = needsBoundary
            self.needsDigit = needsDigit
        }
    }

    static let prefixes: [Prefix] = [
        Prefix(.githubToken, "ghp_", 20), Prefix(.githubToken, "gho_", 20), Prefix(.githubToken, "ghu_", 20),
        Prefix(.githubToken, "ghs_", 20), Prefix(.githubToken, "ghr_", 20), Prefix(.githubToken, "github_pat_", 20),
        Prefix(.gitlabToken, "glpat-", 16),
        Prefix(.awsAccessKey, "AKIA", 16, needsBoundary: true), Prefix(.awsAccessKey, "ASIA", 16, needsBoundary: true),
        Prefix(.slackToken, "xoxa-", 10), Prefix(.slackToken, "xoxb-", 10), Prefix(.slackToken, "xoxp-", 10),
        Prefix(.slackToken, "xoxr-", 10), Prefix(.slackToken, "xoxs-", 10), Prefix(.slackToken, "xapp-", 16),
        Prefix(.stripeKey, "sk_live_", 10), Prefix(.stripeKey, "sk_test_", 10), Prefix(.stripeKey, "rk_live_", 10),
        Prefix(.serviceToken, "sk-", 20, needsBoundary: true, needsDigit: true),
        Prefix(.googleAPIKey, "AIza", 30, needsBoundary: true),
        Prefix(.serviceToken, "npm_", 30, needsBoundary: true, needsDigit: true),
        Prefix(.serviceToken, "pypi-", 40, needsBoundary: true, needsDigit: true),
        Prefix(.serviceToken, "hf_", 30, needsBoundary: true, needsDigit: true),
        // The daemon's own tokens have 64 hexadecimal digits; a part that a log cut off is still worth hiding.
        Prefix(.serviceToken, "exl_", 20, needsBoundary: true, needsDigit: true),
        Prefix(.serviceToken, "dop_v1_", 30), Prefix(.serviceToken, "whsec_", 16),
    ]

    /// Places in ``prefixes`` by the first byte.
    static let prefixPlaces: [[Int]] = {
        var places = [[Int]](repeating: [], count: 256)
        for (place, prefix) in prefixes.enumerated() { places[Int(prefix.start[0])].append(place) }
        return places
    }()

    /// For each byte whether a secret or its name may be recognised there.
    static let triggers: [Bool] = {
        var triggers = prefixPlaces.map { !$0.isEmpty }
        for byte in "eBb-=:".utf8 { triggers[Int(byte)] = true }
        return triggers
    }()
}
