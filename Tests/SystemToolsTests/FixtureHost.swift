import ToolKit

/// A machine made of texts.
struct FixtureHost: HostFacts {
    var texts: [String: String] = [:]
    var folders: [String: [String]] = [:]
    var links: [String: String] = [:]

    func text(of path: String, for aspect: Access.HostAspect) throws -> String {
        guard let text = texts[path] else { throw ToolFailure("not_readable", "no such file", remedy: "none") }
        return text
    }

    func names(in path: String, for aspect: Access.HostAspect) throws -> [String] { (folders[path] ?? []).sorted() }

    func destination(of path: String, for aspect: Access.HostAspect) throws -> String? { links[path] }

    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) {
        (10 * 1_073_741_824, 5 * 1_073_741_824)
    }

    var context: ToolContext { ToolContext(files: NoFiles(), host: self, deadline: .now + .seconds(60)) }
}

struct NoFiles: WorkspaceFiles {
    struct Touched: Error {}

    func read(_ path: WorkspacePath, offset: Int, limit: Int) throws -> FileSlice { throw Touched() }
    func facts(of path: WorkspacePath) throws -> FileFacts? { throw Touched() }
    func isReadable(_ path: WorkspacePath) throws -> Bool { throw Touched() }
    func target(of path: WorkspacePath) throws -> FileTarget { throw Touched() }
    func commit(_ changes: [FileChange]) throws { throw Touched() }
    func walk(
        _ folder: WorkspacePath, limits: WalkLimits, visit: (WalkEntry) throws -> WalkDecision
    ) throws -> WalkSummary { throw Touched() }
}

extension Tool {
    func decoded(_ arguments: [String: JSONValue]) throws -> Arguments {
        try ArgumentDecoder.decode(Arguments.self, from: try Arguments.schema.canonical(arguments, roots: []))
    }

    func run(_ arguments: [String: JSONValue] = [:], in context: ToolContext) async throws -> JSONValue {
        try await call(arguments: decoded(arguments), in: context).result
    }
}
