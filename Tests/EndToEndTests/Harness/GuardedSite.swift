import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// A site on loopback that may be reached, and beside it listeners that may not, each of which tells of whoever comes.
struct GuardedSite: Sendable {
    let playground: Playground
    let port: Int
    /// TCP and UDP, of both versions as far as the machine has them.
    let bad: Int
    let abstract: String
    private let program: Program

    var url: String { "http://localhost:\(port)" }
    /// What came, a line each.
    var log: [String] { program.outputSoFar.split(separator: "\n").dropFirst().map(String.init) }

    private static let site = """
        import http.server, io, socket, sys, threading, zipfile
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, 'w') as out:
            out.writestr('tiny.py', '')
            out.writestr('tiny-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n')
            out.writestr('tiny-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
            out.writestr('tiny-1.0.dist-info/RECORD', '')
        class Site(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                print('GET', self.path, self.headers.get('Host'), flush=True)
                name = 'tiny-1.0-py3-none-any.whl'
                body = {'/simple/tiny/': f'<a href="/{name}">{name}</a>'.encode(), '/' + name: wheel.getvalue()}.get(self.path, b'hello')
                self.send_response(200)
                self.send_header('Content-Type', 'text/html' if body[:1] == b'<' else 'application/octet-stream')
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *words): pass
        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Site)
        def accepts(listener, kind):
            while True:
                client, _ = listener.accept()
                print('BAD', kind, flush=True)
                client.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n'); client.close()
        def receives(listener, kind):
            while True:
                _, client = listener.recvfrom(2048)
                print('BAD', kind, flush=True)
                listener.sendto(b'x', client)
        def start(what, listener, kind): threading.Thread(target=what, args=(listener, kind), daemon=True).start()
        four = socket.create_server(('127.0.0.1', 0)); bad = four.getsockname()[1]
        start(accepts, four, 'tcp4')
        for family, host, kind in [(socket.AF_INET, '127.0.0.1', 'udp4'), (socket.AF_INET6, '::1', 'udp6')]:
            try:
                listener = socket.socket(family, socket.SOCK_DGRAM); listener.bind((host, bad)); start(receives, listener, kind)
            except OSError: pass
        try: start(accepts, socket.create_server(('::1', bad), family=socket.AF_INET6), 'tcp6')
        except OSError: pass
        local = socket.socket(socket.AF_UNIX); local.bind('\\0' + sys.argv[1]); local.listen(); start(accepts, local, 'abstract')
        print('PORTS', server.server_address[1], bad, flush=True)
        server.serve_forever()
        """

    /// What a program tries, in Python: each attempt prints its name and what became of it.
    static let words = """
        import socket
        PROXY = ('127.0.0.1', 3128)
        def attempt(name, what):
            try: result = 'REACHED' if what() else 'refused'
            except Exception: result = 'refused'
            print(name, result)
        def direct(version, host, port):
            attempt(f'tcp{version} {host}', lambda: socket.create_connection((host, port), 2))
        def datagram(version, host, port):
            def send():
                with socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as out:
                    out.settimeout(0.5); out.sendto(b'x' * 30, (host, port)); return out.recv(10)
            attempt(f'udp{version} {host}', send)
        def unix(name):
            out = socket.socket(socket.AF_UNIX); out.settimeout(2); out.connect(name); return True
        def rest(out):
            text = b''
            while piece := out.recv(65536): text += piece
            return text.decode()
        def asking(port): return f'GET / HTTP/1.1\\r\\nHost: localhost:{port}\\r\\nConnection: close\\r\\n\\r\\n'.encode()
        def tunnel(host, port, reads):
            out = socket.create_connection(PROXY, 5)
            out.sendall(f'CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n'.encode())
            if b' 200 ' not in out.recv(12 + len(' Connection established') + 4): return None
            if not reads: return True
            out.sendall(asking(port)); return rest(out)
        def plain(url, host):
            out = socket.create_connection(PROXY, 5)
            out.sendall(f'GET {url} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n'.encode()); return b' 200 ' in out.recv(64)
        def named(host): return bytes([3, len(host)]) + host.encode()
        def socks(packed, port, reads, command=1):
            out = socket.create_connection(PROXY, 5)
            out.sendall(b'\\5\\1\\0'); out.recv(2)
            out.sendall(bytes([5, command, 0]) + packed + port.to_bytes(2, 'big'))
            if out.recv(10)[1] != 0: return None
            if not reads: return True
            out.sendall(asking(port)); return rest(out)

        """

    /// - Parameters:
    ///   - hosts: What the rule about `pyrun` lists.
    ///   - rule: The verdict of the rule about the site's host and port; `nil`: there is none.
    ///   - more: Further fields of the rule about `pyrun`.
    /// - Returns: With `PORT` and `TOOLS` to be filled in.
    static func policy(
        hosts: [String], rule: String? = "allow", more: String = "", pip: Bool = false
    ) -> String {
        let list = hosts.map { "\"\($0)\"" }.joined(separator: ", ")
        var text = """
            version: 1
            toolchains:
              - name: tools
                folder: TOOLS
                programs: [bin/pyrun]
            commands:
              - name: pyrun
                run: [pyrun]
                operands: ["<text>"]
                verdict: allow
                reason: "a test runs a program"

            """
        text += hosts.isEmpty ? "" : "    hosts: [\(list)]\n"
        text += more + "    examples: {match: [\"pyrun pass\"], not_match: [\"pyrun a b\"]}\n"
        if pip {
            text += """
                  - name: pip download
                    run: [python3, "-m", pip, download]
                    flags: ["--retries=0", "--dest <word>", "--index-url=<text>"]
                    operands: ["<word>"]
                    verdict: allow
                    reason: "a test downloads"
                    hosts: [\(list)]
                    examples: {match: ["python3 -m pip download x"], not_match: ["python3 -m pip install x"]}

                """
        }
        guard let rule else { return text }
        return text + """
            hosts:
              - name: the site
                match: [localhost]
                ports: [PORT]
                private: true
                verdict: \(rule)
                reason: "a test's own"
                examples: {match: ["http://localhost:PORT/"]}

            """
    }

    static func with(
        policy: String = policy(hosts: ["localhost"]), listing: String? = nil,
        _ body: (GuardedSite, Daemon) async throws -> Void
    ) async throws {
        let playground = try await Playground.withScripts()
        let abstract = "execlayer-" + UUID().uuidString
        let program = try Program("/usr/bin/python3", ["-c", site, abstract])
        let ports = try #require(
            await program.waitForOutput { text in
                let words = text.split(separator: "\n").first?.split(separator: " ") ?? []
                return text.contains("\n") && words.count == 3 ? words.dropFirst().compactMap { Int($0) } : nil
            })
        try playground.write(
            policy.replacingOccurrences(of: "PORT", with: String(ports[0]))
                .replacingOccurrences(of: "TOOLS", with: playground.folder + "/tools"), to: "home/config/policy.yaml")
        var variables = ["AUTOMATION_RATE_LIMIT_PER_MIN": "1000000"]
        variables["AUTOMATION_ALLOWED_DOMAINS"] = listing
        let daemon = try await Daemon(in: playground, environment: variables)
        try await daemon.enable("sandbox_worker_run")
        try await body(
            GuardedSite(playground: playground, port: ports[0], bad: ports[1], abstract: abstract, program: program),
            daemon)
        await daemon.stop()
        program.signal(SIGKILL)
        _ = await program.ending()
    }

    /// The connections in the record of a call.
    static func ledger(of reply: Daemon.Reply, _ daemon: Daemon) async throws -> [JSONValue] {
        let id = try #require(reply.json["audit_id"]?.stringValue)
        let entry = try await daemon.send(.GET, "/api/v1/execution/audit/\(id)").json["entry"]
        return entry?["connections"]?.arrayValue ?? []
    }
}
