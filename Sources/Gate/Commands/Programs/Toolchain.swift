/// A folder outside the system folders whose programs the operator lets run: `~/.cargo`, `/opt/swift`, a `.venv`. It is
/// mounted read-only for commands.
package struct Toolchain: Sendable, Hashable {
    package let name: String
    /// Absolute.
    package let folder: String
    /// Below the folder; the last component is the program's name. Nothing else in the folder is ever looked up, so a
    /// toolchain cannot put itself in front of `ls`. Without any the folder is only shown, as a cache of packages is.
    package let programs: [String]
    /// Variables that its programs need, such as `CARGO_HOME`.
    package let environment: [String: String]

    package init(name: String, folder: String, programs: [String], environment: [String: String] = [:]) {
        self.name = name
        self.folder = folder
        self.programs = programs
        self.environment = environment
    }

    /// Of the program of that name, absolute.
    func path(of name: String) -> String? {
        programs.first { ($0.split(separator: "/").last ?? "").utf8.elementsEqual(name.utf8) }.map { "\(folder)/\($0)" }
    }

    /// Variables that would decide which code a program loads, or that the daemon sets itself.
    static func isRefused(variable name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy { 0x41...0x5A ~= $0 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "_") }
        let prefixes = ["LD_", "DYLD_", "GIT_", "BASH_", "PYTHON", "NODE_", "PERL", "RUBY", "XDG_", "LC_"]
        return !isPlain || name.isEmpty || refusedNames.contains(name)
            || prefixes.contains { name.utf8.starts(with: $0.utf8) }
    }

    private static let refusedNames: Set<String> = [
        "PATH", "HOME", "LANG", "TMPDIR", "SHELL", "ENV", "IFS", "PS4", "PAGER", "EDITOR", "VISUAL", "USER", "LOGNAME",
        "GCONV_PATH", "JAVA_TOOL_OPTIONS", "MAKEFLAGS", "RUSTC_WRAPPER",
    ]
}
