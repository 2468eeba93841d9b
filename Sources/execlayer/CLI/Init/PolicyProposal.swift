internal import ToolKit

/// What `init` found and the `policy.yaml` that follows from it.
struct PolicyProposal: Sendable {
    /// Where the file belongs, absolute.
    let file: String
    let workspace: String
    let tests: [ProjectSurvey.TestCommand]
    var toolchains: [ToolchainProposal]
    let rules: [CommandProposal]
    var notes: [String]
    /// The whole file.
    var text = ""
    /// What an existing file lacks of it; `nil` when there is none, empty when it lacks nothing.
    var missing: String?
    var isWritten = false

    /// - Parameter standard: The default policy, whose last part are the rules about programs.
    static func text(
        toolchains: [ToolchainProposal], rules: [CommandProposal], standard: String, workspace: String
    ) -> String {
        var text = """
            # What agents may do in \(JSONWriter.quoted(workspace)), proposed by execlayer init.
            # The daemon reads this file within a second of every change, and refuses one that it does not understand.
            # execlayer policy check explains a verdict; execlayer policy check -- npm test asks about a command.

            # Folders outside the system whose programs may run, mounted read-only. Only the programs listed are started
            # by name; everything in a folder can be read by every program, so list no folder that holds secrets.

            """
        text +=
            toolchains.isEmpty
            ? "toolchains: []\n\n" : "toolchains:\n" + toolchains.map(\.yaml).joined(separator: "\n") + "\n"
        text += standard
        if !rules.isEmpty {
            text += "\n  # Commands of this project.\n" + rules.map(\.yaml).joined(separator: "\n")
        }
        while text.hasSuffix("\n\n") { text.removeLast() }
        return text
    }

    /// What was found, a sentence or a line each.
    var summary: [String] {
        var lines = ["workspace \(workspace)"]
        for test in tests {
            let place = test.folder == "." ? "" : " cwd=\(test.folder)"
            lines.append(
                "  tests: " + (test.isRunner ? "run_tests runner" : "shell_exec command")
                    + "=\"\(test.command)\"\(place)")
        }
        if tests.isEmpty { lines.append("  no way to start tests was found") }
        for toolchain in toolchains {
            let programs = toolchain.programs.map { Disk.name($0) }.joined(separator: ", ")
            lines.append(
                "  toolchain \(toolchain.name): \(toolchain.folder)" + (programs.isEmpty ? "" : " (\(programs))"))
        }
        for rule in rules { lines.append("  rule \(rule.name): \(rule.match.joined(separator: ", "))") }
        lines += notes.map { "  note: \($0)" }
        return lines + [outcome]
    }

    private var outcome: String {
        if isWritten { return "written: \(file)" }
        guard let missing else { return "nothing was written; execlayer init --write writes \(file)" }
        return missing.isEmpty
            ? "\(file) exists and has all of this; it was left as it is"
            : "\(file) exists and was left as it is; what it lacks is shown, to be put into it by hand"
    }

    var json: JSONValue {
        [
            "success": true, "file": .string(file), "workspace": .string(workspace), "written": .bool(isWritten),
            "exists": .bool(missing != nil), "policy": .string(text), "missing": JSONValue(missing),
            "tests": .array(
                tests.map {
                    [
                        "folder": .string($0.folder), "command": .string($0.command),
                        "tool": .string($0.isRunner ? "run_tests" : "shell_exec"),
                    ]
                }),
            "toolchains": .array(toolchains.map(\.json)), "rules": .array(rules.map(\.json)),
            "notes": .array(notes.map(JSONValue.string)),
        ]
    }
}
