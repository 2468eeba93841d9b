import Testing
import ToolKit

@testable import Tools

@Suite("Figures of the machine") struct SystemInfoTests {
    static let host = FixtureHost(texts: [
        "/proc/stat": "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n",
        "/proc/meminfo": "MemTotal:        2048000 kB\nMemFree: 1 kB\nMemAvailable:     512000 kB\n",
        "/proc/loadavg": "0.50 1.25 2.00 1/234 5678\n", "/proc/uptime": "3600.25 7000.00\n",
        "/proc/sys/kernel/hostname": "box\n", "/proc/sys/kernel/osrelease": "6.1.0\n",
        "/usr/lib/os-release": "NAME=x\nPRETTY_NAME=\"Debian 12\"\n",
    ])

    @Test("are read from /proc")
    func figures() async throws {
        let result = try await SystemInfo().run(in: Self.host.context)
        #expect(
            result == [
                "cpu_percent": 20.0, "cpu_count": 2, "load_average": [0.5, 1.25, 2.0], "memory_total_mb": 2000.0,
                "memory_available_mb": 500.0, "memory_percent": 75.0, "disk_total_gb": 10.0, "disk_free_gb": 5.0,
                "uptime_seconds": 3600.25, "hostname": "box", "os": "Debian 12", "kernel": "6.1.0",
            ])
    }

    @Test("tell the load since the call before")
    func loadBetweenCalls() async throws {
        let tool = SystemInfo()
        _ = try await tool.run(in: Self.host.context)
        var later = Self.host
        later.texts["/proc/stat"] = "cpu  190 0 100 710 100 0 0 0 0 0\n"
        #expect(try await tool.run(in: later.context)["cpu_percent"] == 90.0)
    }

    @Test("repeat the load when no time has passed")
    func noTimeBetweenCalls() async throws {
        let tool = SystemInfo()
        _ = try await tool.run(in: Self.host.context)
        #expect(try await tool.run(in: Self.host.context)["cpu_percent"] == 20.0)
    }

    @Test("are null where the machine does not tell")
    func missing() async throws {
        let result = try await SystemInfo().run(in: FixtureHost().context)
        #expect(result["cpu_percent"] == .null && result["memory_percent"] == .null && result["disk_free_gb"] == 5.0)
    }

    @Test("come from this machine as well")
    func strangeTexts() async throws {
        var host = Self.host
        for path in host.texts.keys { host.texts[path] = ":::\n\n(\ncpu  x y\nMemTotal: -\n" }
        #expect(try await SystemInfo().run(in: host.context)["cpu_percent"] == .null)
    }
}

@Suite("A list of processes") struct ProcessListTests {
    static let host = FixtureHost(
        texts: [
            "/proc/1/stat": "1 (init) S 0 1", "/proc/20/stat": "20 (a (b) c) R 1",
            "/proc/3/stat": "3 (kworker/0:1) I 2",
            "/proc/5/stat": "garbage",
        ],
        folders: ["/proc": ["1", "20", "3", "5", "7", "self", "meminfo"]])

    @Test("goes by number and leaves out what ended meanwhile")
    func processes() async throws {
        let result = try await ProcessList().run(in: Self.host.context)
        #expect(
            result["processes"] == [
                ["pid": 1, "name": "init", "status": "sleeping"], ["pid": 3, "name": "kworker/0:1", "status": "idle"],
                ["pid": 20, "name": "a (b) c", "status": "running"],
            ])
        #expect(result["count"] == 3 && result["total"] == 5)
    }

    @Test("ends at the limit and says so")
    func limit() async throws {
        let result = try await ProcessList().run(["limit": 1], in: Self.host.context)
        #expect(result["count"] == 1 && result["truncated"] == true)
    }

    @Test("takes 1 to 1000", arguments: [0, 1_001, -1])
    func range(_ limit: Int) {
        #expect(throws: ArgumentProblems.self) { try ProcessList().decoded(["limit": .integer(limit)]) }
    }
}

@Suite("A list of services") struct ServiceListTests {
    @Test("of systemd tells state and description")
    func systemd() async throws {
        let host = FixtureHost(
            texts: [
                "/lib/systemd/system/ssh.service": "[Unit]\nDescription=OpenBSD Secure Shell server\n",
                "/lib/systemd/system/cron.service": "[Unit]\nDescription=Cron\n",
                "/lib/systemd/system/getty@.service": "[Unit]\nDescription=Getty\n",
                "/etc/systemd/system/cron.service": "[Unit]\nDescription=Our cron\n",
            ],
            folders: [
                "/run/systemd/system": ["x"],
                "/etc/systemd/system": ["cron.service", "sshd.service", "off.service", "multi-user.target.wants"],
                "/lib/systemd/system": ["ssh.service", "cron.service", "getty@.service", "dbus.socket", "off.service"],
                "/sys/fs/cgroup/system.slice": ["ssh.service", "getty@tty1.service", "cgroup.procs"],
            ],
            links: [
                "/etc/systemd/system/sshd.service": "/lib/systemd/system/ssh.service",
                "/etc/systemd/system/off.service": "/dev/null",
            ])
        let result = try await ServiceList().run(in: host.context)
        #expect(
            result["services"] == [
                ["name": "cron", "state": "not running", "description": "Our cron"],
                ["name": "getty@tty1", "state": "running", "description": "Getty"],
                ["name": "off", "state": "masked", "description": ""],
                ["name": "ssh", "state": "running", "description": "OpenBSD Secure Shell server"],
            ])
        #expect(result["manager"] == "systemd" && result["count"] == 4)
    }

    @Test("of systemd without cgroups says that it does not know")
    func noCgroups() async throws {
        let host = FixtureHost(
            texts: ["/lib/systemd/system/a.service": ""],
            folders: ["/run/systemd/system": ["x"], "/lib/systemd/system": ["a.service"]])
        #expect(
            try await ServiceList().run(in: host.context)["services"]
                == [["name": "a", "state": "unknown", "description": ""]])
    }

    @Test("without a service manager names the scripts and claims nothing about them")
    func initScripts() async throws {
        let host = FixtureHost(
            texts: ["/etc/init.d/cron": "#!/bin/sh\n# Short-Description:  Regular programs\n"],
            folders: ["/etc/init.d": ["cron", "README", "x"], "/lib/systemd/system": ["ssh.service"]])
        let result = try await ServiceList().run(in: host.context)
        #expect(
            result["services"] == [
                ["name": "cron", "state": "unknown", "description": "Regular programs"],
                ["name": "x", "state": "unknown", "description": ""],
            ])
        #expect(result["note"]?.stringValue != nil)
    }

    @Test("is empty where there is nothing")
    func nothing() async throws {
        let result = try await ServiceList().run(in: FixtureHost().context)
        #expect(result["count"] == 0 && result["manager"] == "none")
    }
}

@Suite("A list of connections") struct NetConnectionsTests {
    private static let header = "  sl  local_address rem_address   st tx_queue rx_queue\n"

    @Test("reads addresses of both families")
    func addresses() async throws {
        let host = FixtureHost(texts: [
            "/proc/net/tcp": Self.header + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:0\n"
                + "   1: 0100007F:1F90 0200A8C0:C350 01 x\n",
            "/proc/net/tcp6": Self.header
                + "   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A x\n"
                + "   1: 0000000000000000FFFF00000100007F:0050 B80D01200000000000000000010000FF:0051 06 x\n",
            "/proc/net/udp": Self.header + "  12: 00000000:0044 00000000:0000 07 x\n",
        ])
        let result = try await NetConnections().run(in: host.context)
        let lines = (result["connections"]?.arrayValue ?? []).map { entry in
            ["family", "type", "status", "laddr", "raddr"].map { entry[$0]?.stringValue ?? "?" }.joined(separator: " ")
        }
        #expect(
            lines == [
                "AF_INET tcp LISTEN 127.0.0.1:8080 ", "AF_INET tcp ESTABLISHED 127.0.0.1:8080 192.168.0.2:50000",
                "AF_INET6 tcp LISTEN [::1]:80 ",
                "AF_INET6 tcp TIME_WAIT [::ffff:127.0.0.1]:80 [2001:db8::ff00:1]:81",
                "AF_INET udp NONE 0.0.0.0:68 ",
            ])
    }

    @Test("passes over lines that it cannot read")
    func garbage() async throws {
        let host = FixtureHost(texts: [
            "/proc/net/tcp": Self.header + "x\n0: zz:1 00000000:0000 0A\n0: 0100007F 1 2 3\n0: 0100:1 0100:1 0A x\n\n"
        ])
        #expect(try await NetConnections().run(in: host.context)["count"] == 0)
    }

    @Test("ends at 1000 and says so")
    func bounded() async throws {
        let line = "   0: 0100007F:1F90 00000000:0000 0A x\n"
        let host = FixtureHost(texts: ["/proc/net/tcp": Self.header + String(repeating: line, count: 1_500)])
        let result = try await NetConnections().run(in: host.context)
        #expect(result["count"] == 1_000 && result["total"] == 1_500 && result["truncated"] == true)
    }

    @Test("is an error where no table can be read")
    func unreadable() async throws {
        await #expect(throws: ToolFailure.self) { try await NetConnections().run(in: FixtureHost().context) }
    }

    @Test(
        "spells IPv6 addresses in their one way",
        arguments: zip(
            [
                [0x2001, 0xDB8, 0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 2, 0, 3, 0, 4, 0],
                [0xFE80, 0, 0, 0, 1, 2, 3, 4],
            ],
            ["2001:db8:0:1::1", "::", "1:0:2:0:3:0:4:0", "fe80::1:2:3:4"]))
    func spelling(_ groups: [Int], _ text: String) {
        #expect(IPv6Text.of(groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }) == text)
    }
}

@Suite("A tool of another system") struct ForeignToolTests {
    @Test("says that it needs Windows and what helps")
    func unavailable() {
        for availability in [WindowsEventlogRead().availability, DefenderStatusRead().availability] {
            guard case .unavailable(let reason, let remedy, _) = availability else {
                Issue.record("claims to be available")
                continue
            }
            #expect(reason == "needs Windows" && !remedy.isEmpty)
        }
    }

    @Test("is an error when it is called all the same")
    func called() async throws {
        await #expect(throws: ToolFailure.self) { try await WindowsEventlogRead().run(in: FixtureHost().context) }
        await #expect(throws: ToolFailure.self) { try await DefenderStatusRead().run(in: FixtureHost().context) }
    }
}

@Suite("The plan of a system tool") struct SystemPlanTests {
    @Test("touches nothing and says what would be read")
    func plans() async throws {
        let context = FixtureHost().context
        for tool: any Tool in [SystemInfo(), ProcessList(), ServiceList(), NetConnections()] {
            #expect(try await plan(tool, context)["summary"]?.stringValue?.isEmpty == false)
        }
    }

    @Test("names one aspect of the machine and no file")
    func access() throws {
        #expect(try access(SystemInfo()) == .observe(.system))
        #expect(try access(ProcessList()) == .observe(.processes))
        #expect(try access(ServiceList()) == .observe(.services))
        #expect(try access(NetConnections()) == .observe(.connections))
    }

    private func plan(_ tool: some Tool, _ context: ToolContext) async throws -> [String: JSONValue] {
        try await tool.plan(for: tool.decoded([:]), in: context)
    }

    private func access(_ tool: some Tool) throws -> Access { try tool.access(for: tool.decoded([:])) }
}
