internal import ToolKit

/// Creates or replaces one text file.
struct FilesystemWrite: Tool {
    let name = "filesystem_write"
    let description = "Creates or replaces one text file of the workspace; owner and mode of an existing file stay."
    let risk = Risk.high
    let isEnabledByDefault = false
    let isIdempotent = true
    let annotations = ToolAnnotations(title: "Write a file", readOnly: false, destructive: true)

    struct Arguments: ToolArguments {
        var path: WorkspacePath
        var content: String
        var createParents: Bool

        static let schema = ArgumentSchema(
            .required("path", .path, aliases: ["file"], "The file, relative to the workspace"),
            .required("content", .content(maxLength: 4_194_304), aliases: ["text"], "The whole new content"),
            .optional(
                "create_parents", .boolean, default: true, "Whether missing folders on the way are made"))
    }

    func access(for arguments: Arguments) -> Access { .write(arguments.path) }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let target = try context.files.target(of: arguments.path)
        if let missing = target.missingFolders.first, !arguments.createParents { throw FileFailure.notFound(missing) }
        let new = Array(arguments.content.utf8)
        var plan: [String: JSONValue] = [
            "path": .string(target.path.description),
            "size_after": .integer(new.count),
            "creates_folders": .array(target.missingFolders.map { .string($0.description) }),
        ]
        guard let facts = target.facts else {
            plan["change"] = "created"
            return plan.adding(UnifiedDiff.text(old: nil, new: new, path: target.path.description))
        }
        plan["change"] = "replaced"
        plan["size_before"] = .integer(facts.size)
        guard target.isReadable else {
            plan["diff_withheld"] = "policy does not let this caller read the file as it is"
            return plan
        }
        guard facts.size <= Self.comparedSize else {
            plan["diff_truncated"] = true
            return plan
        }
        let old = try context.files.read(arguments.path, offset: 0, limit: facts.size).bytes
        if old == new { plan["change"] = "unchanged" }
        return plan.adding(UnifiedDiff.text(old: old, new: new, path: target.path.description))
    }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let content = Array(arguments.content.utf8)
        try context.files.commit([
            FileChange(
                path: arguments.path, deed: .write(content), base: .anything, createsParents: arguments.createParents)
        ])
        return ToolOutput(
            ["path": .string(arguments.path.description), "written": .integer(content.count)],
            summary: "wrote \(content.count) bytes")
    }

    /// Of a larger file the plan shows no diff.
    private static let comparedSize = 8_388_608
}

extension [String: JSONValue] {
    /// With the diff, or with the word that there is none to show.
    fileprivate func adding(_ diff: UnifiedDiff.Text?) -> [String: JSONValue] {
        var plan = self
        plan["diff"] = JSONValue(diff?.text)
        plan["diff_truncated"] = .bool(diff?.isTruncated ?? false)
        if diff == nil { plan["binary"] = true }
        return plan
    }
}
