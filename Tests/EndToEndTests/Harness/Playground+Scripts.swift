extension Playground {
    /// A playground whose policy lets one program pass, `pyrun`, which runs its only argument as a Python program. No file
    /// lets `python3 -c` itself pass, so it is a program of a toolchain.
    static func withScripts() throws -> Playground {
        // Toolchains may not lie in the temporary folder.
        let playground = try Playground(below: "/var/tmp")
        try playground.place(program: "tools/bin/pyrun", "exec /usr/bin/python3 -c \"$1\"")
        try playground.writeScriptPolicy()
        return playground
    }

    func writeScriptPolicy() throws {
        try write(
            """
            version: 1
            toolchains:
              - name: tools
                folder: \(folder)/tools
                programs: [bin/pyrun]
            commands:
              - name: pyrun
                run: [pyrun]
                operands: ["<text>"]
                verdict: allow
                reason: "a test runs a program"
                examples: {match: ["pyrun pass"], not_match: ["pyrun a b"]}

            """, to: "home/config/policy.yaml")
    }
}
