#if os(Linux)
    internal import Foundation

    /// A workspace of many files, the daemon in front of it, and commands that read it or write to it.
    struct EffectGrounds {
        let daemon: BenchDaemon

        /// - Parameter files: Of 20 lines each, a hundred in a folder of `src`.
        init(_ options: BenchOptions, files: Int) throws {
            daemon = try BenchDaemon(options, home: "effects-\(files)", workspace: "tree-\(files)")
            for folder in 0..<files / 100 {
                let path = "\(daemon.workspace)/src/d\(folder)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                for file in 0..<100 {
                    let text = String(repeating: "line \(folder) of \(file)\n", count: 20)
                    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/f\(file)"))
                }
            }
            for folder in [daemon.workspace + "/build", daemon.home + "/config"] {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            let tools = options.folder + "/tools"
            try Self.policy(tools).write(
                toFile: daemon.home + "/config/policy.yaml", atomically: true, encoding: .utf8)
            try FileManager.default.createDirectory(atPath: tools + "/bin", withIntermediateDirectories: true)
            for (name, script) in Self.scripts {
                let file = "\(tools)/bin/\(name)"
                try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            }
        }

        /// Ten files with something new in them each time; all names; the text of the files below a folder.
        private static let scripts = [
            "plain": ten, "layered": ten, "walk": "exec find \"$1\" -name none",
            "search": "exec grep -r -l 'line 3 of 33' \"$1\"",
        ]
        private static let ten = """
            read -r now rest </proc/uptime
            for name in 0 1 2 3 4 5 6 7 8 9; do echo "$now $name" >"$1/f$name"; done
            """

        private static func policy(_ tools: String) -> String {
            let programs = scripts.keys.sorted()
            let rules = programs.map { name in
                """
                  - name: \(name)
                    run: [\(name)]
                    operands: ["<text>"]
                    verdict: allow
                    reason: "measured"\(name == "layered" ? "\n    writes: [build]" : "")
                    examples: {match: ["\(name) x"], not_match: ["\(name) x y"]}
                """
            }
            return """
                version: 1
                toolchains:
                  - {name: tools, folder: \(tools), programs: [\(programs.map { "bin/" + $0 }.joined(separator: ", "))]}
                commands:
                \(rules.joined(separator: "\n"))

                """
        }
    }
#endif
