internal import Foundation

/// nginx serving one static file of the size that the daemon reads: the floor for anything that answers over HTTP.
enum BenchNginx {
    static func start(in parent: String) throws -> RunningServer {
        let folder = parent + "/nginx"
        try FileManager.default.createDirectory(atPath: folder + "/html", withIntermediateDirectories: true)
        try BenchDaemon.fileContents.write(toFile: folder + "/html/page.txt", atomically: true, encoding: .utf8)
        let port = try LoopbackClient.freePort()
        let names = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        let configuration = """
            \(getuid() == 0 ? "user root;" : "")
            worker_processes auto;
            daemon off;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                \(names.map { "\($0)_temp_path temporary_\($0);" }.joined(separator: " "))
                server { listen 127.0.0.1:\(port); root html; }
            }

            """
        try configuration.write(toFile: folder + "/nginx.conf", atomically: true, encoding: .utf8)
        let server = try RunningServer(
            program: try find(), arguments: ["-e", folder + "/error.log", "-p", folder, "-c", "nginx.conf"],
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin"], output: folder + "/output.txt", port: port)
        try server.awaitAnswer(of: "/page.txt")
        return server
    }

    private static func find() throws -> String {
        let places = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw BenchFailure("nginx is not installed")
        }
        return place
    }
}
