import Foundation
import Testing
import ToolKit

/// A daemon beside a repository with one commit, with `git_commit` switched on and an author configured.
struct Committing {
    let playground: Playground
    let repository: Repository
    let daemon: Daemon

    static let author: JSONValue = ["git_author_name": "Ada Example", "git_author_email": "ada@example.org"]

    /// - Parameter prepare: Before the daemon starts.
    static func with(
        in playground: Playground? = nil, author: JSONValue? = Committing.author,
        preparing prepare: (Playground, Repository) async throws -> Void = { _, _ in },
        _ body: (Committing) async throws -> Void
    ) async throws {
        let playground = try playground ?? Playground()
        let repository = try await Repository(in: playground)
        try await prepare(playground, repository)
        let daemon = try await Daemon(in: playground, environment: ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"])
        try await daemon.enable("git_commit")
        if let author { #expect(try await daemon.configure(author).status == 200) }
        try await body(Committing(playground: playground, repository: repository, daemon: daemon))
        await daemon.stop()
    }

    func write(_ text: String, to path: String) throws { try playground.write(text, to: "workspace/" + path) }

    /// A call that has to succeed; its `result`.
    @discardableResult
    func commit(_ message: String, _ paths: [String]? = nil, cwd: String? = nil) async throws -> JSONValue {
        let reply = try await attempt(message, paths, cwd: cwd)
        try #require(reply.json["success"] == true, "\(String(decoding: reply.bytes, as: UTF8.self))")
        return reply.json["result"] ?? .null
    }

    func attempt(_ message: String, _ paths: [String]? = nil, cwd: String? = nil) async throws -> Daemon.Reply {
        var arguments: [String: JSONValue] = ["message": .string(message)]
        if let paths { arguments["paths"] = .array(paths.map(JSONValue.string)) }
        if let cwd { arguments["cwd"] = .string(cwd) }
        return try await daemon.run("git_commit", .object(arguments))
    }

    func git(_ arguments: String...) async throws -> String {
        let ended = try await Program.run(
            "/usr/bin/git", arguments,
            environment: ["HOME": playground.folder, "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/bin:/bin"],
            folder: playground.workspace)
        try #require(ended.status == 0, "git \(arguments): \(ended.errors)")
        return ended.output.trimmingCharacters(in: .newlines)
    }

    /// Files of the newest commit.
    var newest: [String] {
        get async throws {
            try await git("-c", "core.quotePath=false", "show", "-z", "--name-only", "--format=", "HEAD")
                .split(separator: "\0").map { $0.trimmingCharacters(in: .newlines) }.filter { !$0.isEmpty }
        }
    }

    /// Everything below `.git` by path, contents and link targets included.
    func control() throws -> [String: Data] {
        let root = playground.workspace + "/.git"
        var found: [String: Data] = [:]
        for path in FileManager.default.subpaths(atPath: root) ?? [] {
            let full = root + "/" + path
            let kind = try FileManager.default.attributesOfItem(atPath: full)[.type] as? FileAttributeType
            switch kind {
            case .typeRegular: found[path] = FileManager.default.contents(atPath: full)
            case .typeSymbolicLink:
                found[path] = Data(try FileManager.default.destinationOfSymbolicLink(atPath: full).utf8)
            default: found[path] = Data()
            }
        }
        return found
    }

    /// Whether a commit may change what lies there (SECURITY R5).
    static func mayChange(_ path: String) -> Bool {
        path == "index" || path.hasPrefix("objects/") || path.hasPrefix("refs/heads/") || path.hasPrefix("logs")
    }
}
