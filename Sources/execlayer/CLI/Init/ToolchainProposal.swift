internal import ToolKit

/// A folder with programs that the project needs and that lies outside the system folders, or in the workspace.
struct ToolchainProposal: Sendable, Hashable {
    var name: String
    /// Absolute.
    let folder: String
    /// Below the folder.
    let programs: [String]
    var environment: [String: String] = [:]
    /// Where it was found, one clause for the comment above it.
    let origin: String

    /// An element of `toolchains:`.
    var yaml: String {
        var lines = [
            "  # \(origin)", "  - name: \(JSONWriter.quoted(name))", "    folder: \(JSONWriter.quoted(folder))",
        ]
        lines.append("    programs: [\(programs.map { JSONWriter.quoted($0) }.joined(separator: ", "))]")
        if !environment.isEmpty {
            lines.append("    environment:")
            lines += environment.sorted { $0.key < $1.key }.map { "      \($0.key): \(JSONWriter.quoted($0.value))" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        [
            "name": .string(name), "folder": .string(folder), "programs": .array(programs.map(JSONValue.string)),
            "environment": .object(environment.mapValues(JSONValue.string)), "origin": .string(origin),
        ]
    }

    /// Those of `names` that are executable files in `bin` or `usr/bin` below the folder.
    static func programs(_ names: [String], in folder: String) -> [String] {
        for bin in ["bin", "usr/bin"] {
            let found = names.map { bin + "/" + $0 }.filter { Disk.isExecutable(folder + "/" + $0) }
            if !found.isEmpty { return found }
        }
        return []
    }
}
