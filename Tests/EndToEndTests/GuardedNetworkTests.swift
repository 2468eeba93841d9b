import Foundation
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, real bubblewrap, and a site of the test's own on loopback. What must not be reached listens beside it,
/// and is reached from outside.
@Suite(
    "A program that a rule lets out", .enabled(if: Sandboxing.isPossible, Sandboxing.reason), .timeLimit(.minutes(5)))
struct GuardedNetworkTests {
    @Test("comes to the hosts that are open, in HTTP, by CONNECT and by SOCKS, and each way is in the record")
    func reaches() async throws {
        try await GuardedSite.with { site, daemon in
            let script = """
                import os, urllib.request
                print(urllib.request.urlopen('\(site.url)/env').read().decode())
                \(GuardedSite.words)
                print(tunnel('localhost', \(site.port), True)[-5:], socks(named('localhost'), \(site.port), True)[-5:])
                print(os.environ['HTTPS_PROXY'], os.environ['all_proxy'], repr(os.environ['no_proxy']))
                """
            let reply = try await KeepTests.run(script, on: daemon)
            #expect(
                reply.json["result"]?["stdout"]
                    == "hello\nhello hello\nhttp://127.0.0.1:3128 socks5h://127.0.0.1:3128 ''\n", "\(reply.json)")
            #expect(reply.json["result"]?["refused_connections"] == nil)
            let ledger = try await GuardedSite.ledger(of: reply, daemon)
            #expect(ledger.map { $0["way"] } == ["http", "connect", "socks"])
            for entry in ledger {
                #expect(entry["host"] == "localhost" && entry["verdict"] == "allow" && entry["rule"] == "the site")
                #expect(entry["port"] == .integer(site.port) && entry["address"] != .null)
                #expect(
                    (entry["bytes_sent"]?.integerValue ?? 0) > 20 && (entry["bytes_received"]?.integerValue ?? 0) > 20)
            }
        }
    }

    @Test(
        "does so with curl, which is told nothing but its environment",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "needs curl"))
    func curl() async throws {
        try await GuardedSite.with { site, daemon in
            let script = """
                import subprocess
                for words in [[], ['-p'], ['--socks5-hostname', '127.0.0.1:3128'], ['--noproxy', '*'], ['-x', '']]:
                    done = subprocess.run(['curl', '-sS', '-m', '5', *words, '\(site.url)/'], capture_output=True)
                    print(done.stdout.decode(), done.returncode)
                """
            let reply = try await KeepTests.run(script, on: daemon)
            // Without its proxy it is alone.
            #expect(reply.json["result"]?["stdout"] == "hello 0\nhello 0\nhello 0\n 7\n 7\n", "\(reply.json)")
        }
    }

    @Test("R29 R38 R39: gets around its proxy in no way, and through it to nobody else")
    func attempts() async throws {
        try await GuardedSite.with { site, daemon in
            let around = """
                direct(4, '127.0.0.1', \(site.bad)); direct(6, '::1', \(site.bad)); direct(4, '127.0.0.1', \(site.port))
                direct(4, '169.254.169.254', 80); direct(4, '93.184.215.14', 80); direct(6, '2606:2800:21f::1', 80)
                datagram(4, '127.0.0.1', \(site.bad)); datagram(6, '::1', \(site.bad)); datagram(4, '9.9.9.9', 53)
                attempt('abstract', lambda: unix('\\0\(site.abstract)')); attempt('name', lambda: socket.getaddrinfo('localhost', 80))
                for family, kind, number in [(2, 3, 1), (10, 3, 58), (17, 3, 768), (16, 3, 0), (2, 3, 255)]:
                    attempt(f'raw {family} {number}', lambda: socket.socket(family, kind, number))

                """
            let through = """
                for host in ['127.0.0.1', '[::1]', '127.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::ffff:127.0.0.1]',
                        'localhost.', 'other.example', '169.254.169.254', '0.0.0.0', 'user@localhost', 'LOCALHOST.localhost']:
                    for port in [\(site.bad), \(site.port)]:
                        attempt('connect ' + host, lambda: tunnel(host, port, False))
                        attempt('http ' + host, lambda: plain(f'http://{host}:{port}/', f'{host}:{port}'))
                        attempt('socks ' + host, lambda: socks(named(host.strip('[]')), port, False))
                for packed in [b'\\1\\x7f\\0\\0\\1', b'\\1\\0\\0\\0\\0', b'\\1\\xa9\\xfe\\xa9\\xfe', b'\\4' + b'\\0' * 15 + b'\\1',
                        b'\\4' + b'\\0' * 10 + b'\\xff\\xff\\x7f\\0\\0\\1', b'\\4\\0\\x64\\xff\\x9b' + b'\\0' * 8 + b'\\x7f\\0\\0\\1']:
                    attempt('socks packed', lambda: socks(packed, \(site.bad), False))
                attempt('other port', lambda: tunnel('localhost', \(site.bad), False))
                attempt('other port in http', lambda: plain('http://localhost:\(site.bad)/', 'localhost:\(site.bad)'))
                attempt('lying host', lambda: plain('http://localhost:\(site.port)/lie', 'inside.example'))
                attempt('lying target', lambda: plain('http://inside.example/lie', 'localhost:\(site.port)'))
                attempt('associate', lambda: socks(b'\\1\\0\\0\\0\\0', 0, False, 3))
                attempt('bind', lambda: socks(named('localhost'), \(site.port), False, 2))

                """
            let reply = try await KeepTests.run(GuardedSite.words + around + through, on: daemon)
            let lines = (reply.json["result"]?["stdout"]?.stringValue ?? "").split(separator: "\n")
            #expect(lines.count == 106, "\(reply.json)")
            for line in lines { #expect(line.hasSuffix(" refused"), "\(line)") }
            #expect(site.log.isEmpty, "\(site.log)")

            let ledger = try await GuardedSite.ledger(of: reply, daemon)
            // Nothing that went around the proxy could be seen by it; all that went through it is there.
            #expect(ledger.count == 90)
            #expect(ledger.allSatisfy { $0["problem"] != nil && $0["address"] == .null })
            #expect(ledger.contains { $0["host"] == "169.254.169.254" && $0["verdict"] == "deny" })
            #expect(ledger.contains { $0["host"] == "localhost" && $0["port"] == .integer(site.bad) })
            let told = reply.json["result"]?["refused_connections"]?.arrayValue ?? []
            #expect(told.count == 10)
            #expect(told.allSatisfy { $0["remedy"]?.stringValue?.isEmpty == false })

            // The controls: the same from outside.
            let outside = try await Program.run(
                "/usr/bin/python3",
                [
                    "-c",
                    GuardedSite.words
                        + "direct(4, '127.0.0.1', \(site.bad)); datagram(4, '127.0.0.1', \(site.bad)); "
                        + "attempt('abstract', lambda: unix('\\0\(site.abstract)'))",
                ])
            #expect(outside.output.split(separator: "\n").allSatisfy { $0.hasSuffix(" REACHED") }, "\(outside.output)")
            #expect(site.log.filter { $0.hasPrefix("BAD") }.count >= 3)
        }
    }

    @Test("R40: does not come to where the daemon answers, at a host that is open at any port")
    func ownPort() async throws {
        try await GuardedSite.with(policy: GuardedSite.policy(hosts: ["localhost"]), listing: "localhost") {
            site, daemon in
            let port = try #require(daemon.base.split(separator: ":").last)
            let script =
                GuardedSite.words + """
                    attempt('site', lambda: tunnel('localhost', \(site.port), False))
                    attempt('daemon', lambda: tunnel('localhost', \(port), False))
                    attempt('daemon by socks', lambda: socks(named('localhost'), \(port), False))
                    attempt('daemon in http', lambda: plain('http://localhost:\(port)/health', 'localhost:\(port)'))
                    """
            let reply = try await KeepTests.run(script, on: daemon)
            #expect(
                reply.json["result"]?["stdout"]
                    == "site REACHED\ndaemon refused\ndaemon by socks refused\ndaemon in http refused\n",
                "\(reply.json)")
        }
    }

    @Test("is refused a host that only one of the two lists names, or that policy asks about, and the answer says why")
    func lists() async throws {
        let script = GuardedSite.words + "attempt('site', lambda: tunnel('localhost', PORT, False))"
        for (policy, expected) in [
            (GuardedSite.policy(hosts: ["localhost"], rule: nil), "no rule lets calls reach"),
            (GuardedSite.policy(hosts: ["other.example"]), "the rule \"pyrun\" does not list it"),
            (GuardedSite.policy(hosts: ["localhost"], rule: "ask"), "nobody can be asked while a program runs"),
        ] {
            try await GuardedSite.with(policy: policy) { site, daemon in
                let reply = try await KeepTests.run(
                    script.replacingOccurrences(of: "PORT", with: String(site.port)), on: daemon)
                #expect(reply.json["result"]?["stdout"] == "site refused\n", "\(reply.json)")
                let told = reply.json["result"]?["refused_connections"]?.arrayValue?.first?["message"]?.stringValue
                #expect(told?.contains(expected) == true, "\(reply.json)")
                #expect(site.log.isEmpty)
            }
        }
    }

    @Test("has no network without hosts in its rule, and none where it only shows what it would do")
    func none() async throws {
        let script = GuardedSite.words + "attempt('proxy', lambda: socket.create_connection(PROXY, 5))"
        try await GuardedSite.with(policy: GuardedSite.policy(hosts: [])) { _, daemon in
            let reply = try await KeepTests.run(script, on: daemon)
            #expect(reply.json["result"]?["stdout"] == "proxy refused\n", "\(reply.json)")
        }
        try await GuardedSite.with { _, daemon in
            let reply = try await KeepTests.run(script, on: daemon)
            #expect(reply.json["result"]?["stdout"] == "proxy REACHED\n", "\(reply.json)")
            let shown = try await daemon.run(
                "sandbox_worker_run", ["command": ["pyrun", .string(script)], "workspace": true])
            #expect(shown.json["result"]?["stdout"] == "proxy refused\n", "\(shown.json)")
        }
    }

    @Test("writes what it fetched into the workspace, where its rule lets it")
    func writes() async throws {
        try await GuardedSite.with(policy: GuardedSite.policy(hosts: ["localhost"], more: "    writes: [out]\n")) {
            site, daemon in
            let script =
                "import urllib.request; open('out/page', 'wb').write(urllib.request.urlopen('\(site.url)/').read())"
            let reply = try await daemon.run("shell_exec", ["command": ["pyrun", .string(script)]])
            #expect(reply.json["result"]?["returncode"] == 0, "\(reply.json)")
            let read = try await daemon.run("filesystem_read", ["path": "out/page"])
            #expect(read.json["result"]?["content"] == "hello", "\(read.json)")
        }
    }

    @Test(
        "R18: is pip, which downloads from the index that is open and from no other",
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/pip"), "needs pip"))
    func pip() async throws {
        try await GuardedSite.with(policy: GuardedSite.policy(hosts: ["localhost"], pip: true)) { site, daemon in
            func download(_ port: Int, _ host: String = "localhost") async throws -> Daemon.Reply {
                try await daemon.run(
                    "sandbox_worker_run",
                    [
                        "command": [
                            "python3", "-m", "pip", "download", "--retries=0", "--dest", "out",
                            .string("--index-url=http://\(host):\(port)/simple"), "tiny",
                        ], "keep": ["out"],
                    ])
            }
            let good = try await download(site.port)
            #expect(good.json["result"]?["returncode"] == 0, "\(good.json)")
            #expect(
                good.json["result"]?["artifacts"]?.arrayValue?.map { $0["name"] } == ["out/tiny-1.0-py3-none-any.whl"])
            for (port, host) in [(site.bad, "localhost"), (site.port, "127.0.0.1")] {
                let bad = try await download(port, host)
                #expect(bad.json["result"]?["returncode"] != 0, "\(bad.json)")
                #expect(bad.json["result"]?["refused_connections"]?.arrayValue?.isEmpty == false, "\(bad.json)")
            }
            #expect(!site.log.contains { $0.hasPrefix("BAD") })
        }
    }

    @Test("is explained by policy check: whom it may reach and what says no")
    func explained() async throws {
        let policy = GuardedSite.policy(hosts: ["localhost", "other.example", "*.pages.example"])
        try await GuardedSite.with(policy: policy) { site, _ in
            let check = try await Program.run(
                Daemon.executable, ["policy", "check", "--", "pyrun", "pass"],
                environment: Daemon.environment(of: site.playground))
            #expect(check.output.contains("may reach http://localhost:\(site.port): reaching"), "\(check.output)")
            #expect(check.output.contains("cannot reach other.example: no rule lets calls reach"), "\(check.output)")
            #expect(check.output.contains("may reach *.pages.example where hosts lets it"), "\(check.output)")
        }
    }
}
