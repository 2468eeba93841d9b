/// Every program that rules speak of, looked up once when the policy is loaded. A name that is not in it starts
/// nothing, and no PATH is ever asked (SECURITY R11).
package struct ProgramTable: Sendable {
    private let findings: [String: ProgramSearch.Finding]
    private let names: [String: String]
    package let toolchains: [Toolchain]
    /// What children find in their PATH: system folders and those of listed programs, nothing inside the workspace.
    package let searchPath: [String]

    /// Blocks.
    ///
    /// - Parameters:
    ///   - names: Those that rules speak of.
    ///   - roots: Absolute spellings of the workspace root.
    package init(names: some Sequence<String>, toolchains: [Toolchain], search: ProgramSearch, roots: [String] = []) {
        var findings: [String: ProgramSearch.Finding] = [:]
        for name in names { findings[name] = search.find(name, toolchains: toolchains) }
        for (name, other) in Self.substitutes where findings[name] == .missing {
            findings[name] = search.find(other, toolchains: toolchains)
        }
        var spelled: [String: String] = [:]
        for (name, finding) in findings {
            guard case .found(let program) = finding else { continue }
            for spelling in program.spellings { spelled[spelling] = name }
        }
        self.findings = findings
        self.names = spelled
        self.toolchains = toolchains
        var folders: [String] = []
        for toolchain in toolchains where !roots.contains(where: { (toolchain.folder + "/").hasPrefix($0 + "/") }) {
            for program in toolchain.programs {
                let parts = ("\(toolchain.folder)/\(program)").split(separator: "/")
                folders.append("/" + parts.dropLast().joined(separator: "/"))
            }
        }
        var seen: Set<String> = []
        searchPath = (folders + search.folders).filter { seen.insert($0).inserted }
    }

    /// Older clients say `python`, and a system may only have `python3`.
    private static let substitutes = ["python": "python3", "pip": "pip3"]

    /// The name that rules know the first word of a command by.
    ///
    /// - Parameter word: A bare name, or an absolute path of a program in the table.
    /// - Returns: `nil` for every other spelling.
    func name(of word: String) -> String? {
        guard ShellSafe.isPlain(word) else { return nil }
        return word.utf8.contains(UInt8(ascii: "/")) ? names[word] : word
    }

    package func finding(_ name: String) -> ProgramSearch.Finding {
        ShellSafe.isASCII(name) ? findings[name] ?? .missing : .missing
    }
}
