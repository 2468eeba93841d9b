package import ToolKit

/// Lists the workspace's files and describes how it is built.
package struct WorkspaceIndex: Tool {
    package struct Arguments: ToolArguments {
        package let maxEntries: Int
        package let maxFileSize: Int

        package static let schema = ArgumentSchema(
            .optional("max_entries", .integer(1...20_000), default: 2_000, "At most so many files are listed."),
            .optional(
                "max_file_size", .integer(1...1_000_000_000), default: 500_000,
                "Larger files, in bytes, are counted and not listed."))
    }

    package let name = "workspace_index"
    package let description =
        "Lists the workspace's files with size and time, and sums up its folders and entry points. Writes nothing."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Index the workspace", readOnly: true)

    package init() {}

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .search(.root) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        [
            "summary": .string(
                "list at most \(arguments.maxEntries) files of at most \(arguments.maxFileSize) bytes and sum up the "
                    + "folders; nothing is written"),
            "folder": ".",
            "max_entries": .integer(arguments.maxEntries),
            "max_file_size": .integer(arguments.maxFileSize),
            "honours_gitignore": true,
            "writes": false,
        ]
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        var entries: [JSONValue] = []
        var digest = WorkspaceDigest()
        var tooLarge = 0
        var isTruncated = false
        let summary = try ProjectWalk(context: context, folder: .root).run { entry, summary in
            digest.add(entry.path)
            guard entries.count < arguments.maxEntries else {
                isTruncated = true
                return true
            }
            let facts: FileFacts?
            do {
                facts = try entry.facts()
            } catch is ToolFailure {
                facts = nil
            }
            guard let facts else {
                summary.unreadable += 1
                return true
            }
            guard facts.size <= arguments.maxFileSize else {
                tooLarge += 1
                return true
            }
            entries.append([
                "path": .string(entry.path.description), "size": .integer(facts.size),
                "last_modified": .number(facts.modifiedAt),
            ])
            return true
        }
        var result: [String: JSONValue] = [
            "workspace_path": ".",
            "count": .integer(entries.count),
            "entries": .array(entries),
            "digest": .string(digest.markdown(folders: summary.folders)),
            "truncated": .bool(isTruncated || summary.stoppedBy != nil),
            "files": .integer(summary.files),
            "skipped": [
                "too_large": .integer(tooLarge), "ignored": .integer(summary.ignored),
                "hidden": .integer(summary.hidden), "unreadable": .integer(summary.unreadable),
                "links": .integer(summary.links),
            ],
        ]
        result["stopped_by"] = summary.stoppedBy.map { .string($0) }
        return ToolOutput(.object(result), summary: "\(entries.count) of \(summary.files) files listed")
    }
}
