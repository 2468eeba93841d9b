extension Playground {
    /// A playground whose policy lets one program pass, `pyrun`, which runs its only argument as a Python program. No file
    /// lets `python3 -c` itself pass, so it is a program of a toolchain.
    static func withScripts() async throws -> Playground {
        // Toolchains may not lie in the temporary folder.
        let playground = try Playground(below: "/var/tmp")
        // Copied by another process, or a program that another test starts meanwhile would hold it open for writing.
        try playground.write("#!/bin/sh\nexec /usr/bin/python3 -c \"$1\"\n", to: "pyrun")
        try await playground.copy(program: playground.folder + "/pyrun", to: "tools/bin/pyrun")
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
