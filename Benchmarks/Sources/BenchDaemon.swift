internal import Foundation

/// Starts the daemon as a person would, on a home and a workspace of its own.
struct BenchDaemon {
    static let token = "bench-0123456789abcdef0123456789abcdef"
    static let fileSize = 4_096

    let executable: String
    let home: String
    let workspace: String

    init(_ options: BenchOptions, home name: String, workspace folder: String = "workspace") throws {
        executable = options.daemon
        home = options.folder + "/" + name
        workspace = options.folder + "/" + folder
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileManager.default.createDirectory(atPath: workspace, withIntermediateDirectories: true)
        try Self.fileContents.write(toFile: workspace + "/page.txt", atomically: true, encoding: .utf8)
    }

    /// Lines of text, like a source file.
    static let fileContents = String(
        String(repeating: "let answer = try reader.next(upTo: limit)\n", count: 98).prefix(fileSize))

    func start() throws -> RunningServer {
        let port = try LoopbackClient.freePort()
        return try RunningServer(
            program: executable,
            arguments: ["serve", "--workspace", workspace, "--home", home, "--host", "127.0.0.1", "--port", "\(port)"],
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": home, "EXECUTION_TOKEN": Self.token,
                "AUTOMATION_RATE_LIMIT_PER_MIN": "1000000",
            ],
            output: home + "/output.txt", port: port)
    }

    static func call(dryRun: Bool) -> String {
        #"{"tool_name":"filesystem_read","args":{"path":"page.txt"},"dry_run":\#(dryRun),"agent_id":"bench"}"#
    }

    static let runPath = "/api/v1/execution/run"
}
