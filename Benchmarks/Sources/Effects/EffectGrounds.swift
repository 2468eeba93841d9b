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
            for name in ["plain", "layered"] {
                let file = "\(tools)/bin/\(name)"
                try Self.script.write(toFile: file, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            }
        }

        /// Ten files with something new in them each time.
        private static let script = """
            #!/bin/sh
            read -r now rest </proc/uptime
            for name in 0 1 2 3 4 5 6 7 8 9; do echo "$now $name" >"$1/f$name"; done

            """

        private static func policy(_ tools: String) -> String {
            """
            version: 1
            toolchains:
              - {name: tools, folder: \(tools), programs: [bin/plain, bin/layered]}
            commands:
              - name: plain
                run: [plain]
                operands: ["<text>"]
                verdict: allow
                reason: "writes ten files to its own folder"
                examples: {match: ["plain /tmp"], not_match: ["plain"]}
              - name: layered
                run: [layered]
                operands: ["<text>"]
                verdict: allow
                writes: [build]
                reason: "writes ten files to the workspace"
                examples: {match: ["layered build"], not_match: ["layered"]}

            """
        }
    }
#endif
