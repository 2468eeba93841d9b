import Testing
import ToolKit

@Suite("A text that holds a secret") struct SecretShapesTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let text: String
        let kind: SecretKind
        let secret: String
        var testDescription: String { text }

        init(_ text: String, _ kind: SecretKind, _ secret: String) {
            self.text = text
            self.kind = kind
            self.secret = secret
        }
    }

    static let github = "ghp_" + String(repeating: "aB3d", count: 9)
    static let own = "exl_" + String(repeating: "0a9f", count: 16)
    static let examples: [Example] = [
        Example("pushed with \(github).", .githubToken, github),
        Example("github_pat_11ABCDEFG0123456789_abcdef", .githubToken, "github_pat_11ABCDEFG0123456789_abcdef"),
        Example("id AKIAIOSFODNN7EXAMPLE here", .awsAccessKey, "AKIAIOSFODNN7EXAMPLE"),
        Example("xoxb-123456789012-abcdefghij", .slackToken, "xoxb-123456789012-abcdefghij"),
        Example("sk_live_" + "4eC39HqLyjWDarjtT1", .stripeKey, "sk_live_" + "4eC39HqLyjWDarjtT1"),
        Example("use sk-proj-abcdef1234567890abcdef", .serviceToken, "sk-proj-abcdef1234567890abcdef"),
        Example(
            "AIzaSyA1234567890abcdefghijklmnopqrstuv", .googleAPIKey, "AIzaSyA1234567890abcdefghijklmnopqrstuv"),
        Example(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-9", .jsonWebToken, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-9"),
        Example("Authorization: Bearer abc.def", .namedValue, "abc.def"),
        Example("curl -H 'Authorization: Bearer s3cr3t'", .namedValue, "s3cr3t"),
        Example("then bearer abcdef123456 was sent", .bearerToken, "abcdef123456"),
        Example("with Basic dXNlcjpwYXNz inside", .basicCredentials, "dXNlcjpwYXNz"),
        Example("postgres://app:hunter2@db:5432/x", .urlPassword, "hunter2"),
        Example("https://0123456789abcdef0123@github.com/x", .urlPassword, "0123456789abcdef0123"),
        Example("password=hunter2 rest", .namedValue, "hunter2"),
        Example(#"{"password": "hun\"ter2", "x": 1}"#, .namedValue, #"hun\"ter2"#),
        Example(#"{\"client_secret\":\"abc\",\"x\":1}"#, .namedValue, "abc"),
        Example("clientSecret: 'abc def'", .namedValue, "abc def"),
        Example("?api_key=abc&x=1", .namedValue, "abc"),
        Example("password: correct horse battery\nnext: 1", .namedValue, "correct horse battery"),
        Example("x-api-key: abc", .namedValue, "abc"),
        Example("PGPASSWORD=abc psql", .namedValue, "abc"),
        Example("export AWS_SECRET_ACCESS_KEY=wJalr/XUtn", .namedValue, "wJalr/XUtn"),
        Example("login --password hunter2 --verbose", .namedValue, "hunter2"),
        Example("let apiKey: String = \"abc\"", .namedValue, "abc"),
        Example("token = \"\(github)\"", .githubToken, github),
        Example("X-Execution-Token: abc", .namedValue, "abc"),
        Example("sent \(own) along", .serviceToken, own),
        Example("curl -u jane:hunter2 https://host/", .namedValue, "hunter2"),
        Example("curl --user 'jane:hunter 2' https://host/", .namedValue, "hunter 2"),
        Example("curl -u ${NAME}:hunter2 x", .namedValue, "hunter2"),
        Example("curl -u :hunter2 x", .namedValue, "hunter2"),
        Example("pass=hunter2", .namedValue, "hunter2"),
    ]

    @Test("is found, kind and place", arguments: examples)
    func isFound(_ example: Example) throws {
        let bytes = Array(example.text.utf8)
        let found = SecretShapes.find(in: bytes).map { ($0.kind, String(decoding: bytes[$0.range], as: UTF8.self)) }
        #expect(found.contains { $0.0 == example.kind && $0.1 == example.secret }, "\(found)")
    }

    @Test("a key block is taken whole, across its lines")
    func keyBlock() {
        let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"
        let text = "before\n\(block)\nafter"
        #expect(SecretShapes.find(in: text) == [SecretMatch(kind: .privateKey, range: 7..<7 + block.utf8.count)])
    }

    @Test("a key block without an end is taken to the end of the text")
    func openKeyBlock() {
        let text = "-----BEGIN PRIVATE KEY-----\nMIIE"
        #expect(SecretShapes.find(in: text).map(\.range) == [0..<text.utf8.count])
    }

    @Test("a key block behind a secret's name is still taken whole")
    func namedKeyBlock() {
        let text = "KEY_SECRET=\"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\"\n"
        #expect(SecretShapes.find(in: text).map(\.kind) == [.privateKey])
    }

    @Test(
        "ordinary text is left alone",
        arguments: [
            "the risk-assessment-of-the-year-and-everything-else", "a task-list", "basic information about things",
            "bearer authentication", "http://localhost:8080/a@b", "git@github.com:x/y.git", "author: Jane",
            "max_tokens: 5", "token_count=7", "tokenizer = bpe", "primary_key: id", "key: value",
            "-----BEGIN CERTIFICATE-----", "password=${DB_PASSWORD}", "password: null", "token = $TOKEN",
            "eyJ.x", "AKIA", "MAKIAIOSFODNN7EXAMPLE", "https://user@host/", "secretary: Ann",
            "docker run -u 1000:1000 x", "date -u +%H:%M", "curl -u $NAME:$PASSWORD x", "curl -u jane x",
            "exl_open_file",
            "-u https://host/",
        ])
    func ordinaryText(_ text: String) {
        #expect(SecretShapes.find(in: text).isEmpty)
    }

    @Test("matches come in order and never overlap, whatever the bytes")
    func noOverlap() {
        var random = SystemRandomNumberGenerator()
        let pieces = Self.examples.map(\.text) + ["\n", "=", ":", "\"", "--", "eyJ", "://", "@", "\\", "\u{0}", "é"]
        for _ in 0..<2_000 {
            let text = (0..<8).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let count = text.utf8.count
            var end = 0
            for match in SecretShapes.find(in: text) {
                #expect(match.range.lowerBound >= end && match.range.upperBound <= count, "\(text)")
                end = match.range.upperBound
            }
        }
    }

    @Test(
        "a hostile text costs linear time",
        arguments: [
            "eyJ", "sk-", "ghp_", "://a:", "password: ${", "bearer a", "--token ", "\"", "-----BEGIN PRIVATE KEY",
            "token=\"", "-u a:", "-u \"", "exl_",
        ])
    func linearTime(_ piece: String) {
        let text = Array(String(repeating: piece, count: 1_000_000 / piece.utf8.count).utf8)
        let time = ContinuousClock().measure { _ = SecretShapes.find(in: text) }
        #expect(time < .seconds(5))
    }
}

@Suite("A name") struct SecretNamesTests {
    @Test(
        "of a secret is known",
        arguments: [
            "password", "PASSWORD", "dbPassword", "db_password", "DB-PASSWORD", "PGPASSWORD", "passwd", "secret",
            "clientSecret", "client_secret", "apiKey", "API_KEY", "api-key", "apikey", "APIKey", "accessKey",
            "private_key", "token", "accessToken", "access_tokens", "X-Execution-Token", "Authorization",
            "proxy-authorization", "credentials", "aws_secret_access_key", "token2", "set-cookie", "password_hash",
            "jwt", "passphrase", "AUTH", "pass", "PASS",
        ])
    func secret(_ name: String) { #expect(SecretNames.isSecret(name)) }

    @Test(
        "that only speaks about one is not",
        arguments: [
            "token_count", "max_tokens", "tokens", "tokenizer", "tokenCount", "author", "authority", "key",
            "public_key",
            "primaryKey", "keyboard", "password_policy", "secretary", "pass_rate", "compass", "path", "",
            "aws_access_key_id",
            "token_type", "passed", "cookiecutter", "passenger", "broken", "secretariat", "totalTokens",
        ])
    func harmless(_ name: String) { #expect(!SecretNames.isSecret(name)) }
}
