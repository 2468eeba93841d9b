internal import Foundation
internal import Gate
internal import Machine
internal import ToolKit

/// The honeytokens of an installation: made at its first start, kept in `tokens.json` with mode 0600, and shown to programs
/// in a folder of their own. They look like what they pretend to be, and nobody but this daemon knows that they are false.
struct HoneytokenFile {
    /// One generation.
    private struct Values: Codable {
        var accessKey: String
        var secretKey: String
        var deployToken: String
        var account: String

        var tokens: [Honeytoken] {
            [
                Honeytoken(.home, accessKey), Honeytoken(.home, secretKey), Honeytoken(.environment, deployToken),
            ]
        }
    }

    private struct Content: Codable {
        var current: Values
        /// Still recognised: they may be in somebody's hands.
        var former: [Values]
    }

    /// Former generations that are recognised.
    private static let memory = 7

    private let folder: String
    private var file: String { folder + "/tokens.json" }

    init(in folder: String) { self.folder = folder }

    /// What is planted, and what is looked for.
    struct Planted: Sendable {
        let tokens: Honeytokens
        let credentials: PlantedCredentials
    }

    /// Makes what is missing.
    ///
    /// - Throws: ``HomeProblem``.
    func planted() throws(HomeProblem) -> Planted {
        do {
            let content = try load() ?? write(Content(current: Self.fresh(), former: []))
            let values = content.current
            return Planted(
                tokens: Honeytokens(
                    values.tokens + content.former.flatMap(\.tokens), companion: values.account),
                credentials: PlantedCredentials(
                    folder: try lay(values),
                    environment: ["DEPLOY_ACCOUNT_ID": values.account, "DEPLOY_API_TOKEN": values.deployToken]))
        } catch {
            throw HomeProblem(
                message: "the honeytokens in \(folder) cannot be read or made: \(error)",
                remedy: "let this user write there; when tokens.json is damaged, remove it, and new ones are made")
        }
    }

    /// Other values from the next start on. Those of before are still recognised.
    func rotate() throws {
        let before = try load()
        let former = ([before?.current].compactMap { $0 } + (before?.former ?? [])).prefix(Self.memory)
        _ = try write(Content(current: Self.fresh(), former: Array(former)))
    }

    private func load() throws -> Content? {
        guard let stored = try SmallFile.read(file, limit: 65_536) else { return nil }
        return try JSONDecoder().decode(Content.self, from: Data(stored.bytes))
    }

    private func write(_ content: Content) throws -> Content {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try AtomicFile(file).write(Array(try JSONEncoder().encode(content)))
        return content
    }

    /// The folder that programs find. Anew at each start: nobody's wall stands then.
    private func lay(_ values: Values) throws -> String {
        let shown = folder + "/aws"
        let files = FileManager.default
        if files.fileExists(atPath: shown) { try files.removeItem(atPath: shown) }
        try files.createDirectory(
            atPath: shown, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let text = """
            [production]
            aws_access_key_id = \(values.accessKey)
            aws_secret_access_key = \(values.secretKey)
            region = eu-central-1

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: shown + "/credentials"))
        // Behind a folder that only the daemon's user may enter, and whoever is shown it.
        try files.setAttributes([.posixPermissions: 0o444], ofItemAtPath: shown + "/credentials")
        try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: shown)
        return shown
    }

    private static func fresh() -> Values {
        Values(
            accessKey: "AKIA" + random(16, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
            secretKey: random(40, of: letters + "+/"), deployToken: "dpt_live_" + random(36, of: letters),
            account: "acct-" + random(24, of: "0123456789abcdef"))
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    private static func random(_ count: Int, of alphabet: String) -> String {
        let characters = Array(alphabet)
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).compactMap { _ in characters.randomElement(using: &generator) })
    }
}
