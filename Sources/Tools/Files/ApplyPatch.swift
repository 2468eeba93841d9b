internal import ToolKit

/// Applies a unified or git diff, all of it or nothing.
struct ApplyPatch: Tool {
    let name = "apply_patch"
    let description =
        "Applies a unified or git diff to files of the workspace: all hunks of all files, or nothing changes. "
        + "Offsets are allowed, fuzz is not."
    let risk = Risk.high
    let isEnabledByDefault = false
    let isIdempotent = false
    let annotations = ToolAnnotations(title: "Apply a patch", readOnly: false, destructive: true)

    struct Arguments: ToolArguments {
        var patch: String
        var cwd: WorkspacePath

        static let schema = ArgumentSchema(
            .required("patch", .content(maxLength: 4_194_304), aliases: ["content"], "A unified or git diff"),
            .optional("cwd", .path, default: ".", "The folder that the names in the patch are relative to"))
    }

    func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        let patch = try Patch.parse(arguments.patch, in: arguments.cwd)
        let folder = arguments.cwd.isRoot ? [] : [Access.Place(arguments.cwd, .read)]
        // A name that goes and comes again, or is read by several renames, is judged once.
        var seen: Set<Access.Place> = []
        var access = Access(places: (folder + patch.files.flatMap(\.places)).filter { seen.insert($0).inserted })
        access.deletions = patch.files.count { $0.taken != nil }
        access.bytesWritten = patch.files.reduce(0) { size, file in
            size + file.hunks.reduce(0) { $0 + $1.new.reduce(0) { $0 + $1.count } }
        }
        return access
    }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        do {
            let changes = try PatchedTree.of(arguments, in: context, isPlan: true)
            // Where a file must not be looked into, nobody can say.
            let applies: JSONValue = changes.isChecked ? true : nil
            if changes.isChecked { try context.files.check(changes.changes) }
            return ["applies": applies, "files": .array(changes.files.map(\.described))]
        } catch let failure as ToolFailure where Self.misfits.contains(failure.code) {
            return ["applies": false, "reason": .string(failure.message), "remedy": .string(failure.remedy)]
        }
    }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let changes = try PatchedTree.of(arguments, in: context, isPlan: false)
        try context.files.commit(changes.changes)
        return ToolOutput(
            ["ok": true, "files": .array(changes.files.map(\.described))],
            summary: "patched \(changes.files.count) file\(changes.files.count == 1 ? "" : "s")")
    }

    /// Failures that say of the files as they are that the patch is none for them.
    private static let misfits: Set<String> = ["patch_does_not_apply", "folder_not_empty"]
}
