/// The rules about programs that are in force without any others, and that a new `policy.yaml` starts from. They let
/// programs pass that only read, and the build and test programs of known languages, whose code runs confined.
package enum DefaultCommands {
    /// The `commands:` of a policy file, loaded by the same strict reader as any other, examples included.
    package static let yaml = header + families.joined(separator: "\n")

    /// Read once; a failure would be a mistake in this folder, and stops start-up like any other.
    static let rules = Result<[CommandRule], FileProblem> { () throws(FileProblem) in
        try PolicyDecoder.decode(Array(("version: 1\n" + yaml).utf8)).commands ?? []
    }

    private static let families = [
        git, gitDiffs, gitLists, text, compare, search, find, python, node, swiftAndRust, goAndMake,
    ]

    private static let header = """
        # Rules about programs. A command that no rule matches is denied. Flags pass in exactly the spelling listed, and
        # no rule can let a shell or a wrapper such as sudo or xargs pass. docs/configuration.md describes every field.
        commands:

        """
}
