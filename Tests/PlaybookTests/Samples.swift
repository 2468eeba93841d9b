internal import Foundation
internal import Gate
internal import LayerTesting
internal import Store
internal import ToolKit
internal import Tools

enum Sample {
    static func tools() throws -> PlaybookTools {
        PlaybookTools(try ToolCatalog(builtInTools()), roots: ["/srv/work"])
    }

    static func definition(_ name: String = "one", _ steps: Int = 1) -> PlaybookDefinition {
        PlaybookDefinition(
            name: name, description: "what it does", category: "checks", tags: ["a", "b"],
            variables: ["path": PlaybookVariable(.string, description: "where")],
            steps: (0..<steps).map { number in
                .init(
                    toolName: "filesystem_read", arguments: ["path": "{path}", "limit": .integer(number + 1)],
                    description: "step", retriesOnFailure: true, maxRetries: 2, expect: ["text": "x"])
            })
    }

    static func playbook(_ number: Int = 1, name: String? = nil, createdAt: Double = 1_000) -> Playbook {
        Playbook(
            id: "pb_\(number)", definition: definition(name ?? "playbook \(number)"), createdBy: "ann",
            createdAt: createdAt)
    }

    /// Why a playbook is refused: `field reason`, sorted.
    static func problems(_ json: JSONValue) throws -> [String] {
        let tools = try tools()
        do throws(ArgumentProblems) {
            _ = try PlaybookDefinition(json: json, checkedBy: tools)
            return []
        } catch {
            return error.problems.map { "\($0.field) \($0.reason)" }
        }
    }

    static func step(_ tool: String, _ arguments: JSONValue) -> JSONValue {
        ["tool_name": .string(tool), "args": arguments]
    }

    static func with(_ steps: JSONValue..., variables: JSONValue? = nil) -> JSONValue {
        var members: [String: JSONValue] = ["name": "one", "steps": .array(steps)]
        members["variables"] = variables
        return .object(members)
    }
}

enum TemporaryFolder {
    static func with(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("books-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }
}

/// The two stores, which have to keep the same promise.
enum StoreKind: String, CaseIterable, Sendable {
    case memory
    case database

    func with(_ body: (any PlaybookStore) async throws -> Void) async throws {
        switch self {
        case .memory: try await body(InMemoryPlaybooks())
        case .database:
            try await TemporaryFolder.with { folder in
                let state = try StateDatabase(path: folder + "/state.sqlite")
                try await body(state)
                try state.close()
            }
        }
    }
}
