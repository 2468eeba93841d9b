import Testing

@testable import Sandbox

@Suite("The outer wall's command line")
struct BubblewrapFlagsTests {
    private static let namespaces = [
        "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent",
        "--new-session", "--as-pid-1", "--clearenv", "--hostname", "sandbox", "--cap-drop", "ALL",
        "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
        "--cap-add", "CAP_KILL", "--cap-add", "CAP_SYS_PTRACE", "--cap-add", "CAP_DAC_OVERRIDE",
        "--cap-add", "CAP_SETFCAP", "--cap-add", "CAP_CHOWN", "--cap-add", "CAP_FOWNER", "--cap-add", "CAP_FSETID",
    ]
    private static let merged = [
        "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink", "usr/lib", "/lib",
        "--symlink", "usr/lib64", "/lib64",
    ]
    private static let settings = [
        "--dir", "/etc", "--dir", "/etc/ssl", "--dir", "/etc/pki", "--dir", "/etc/pki/tls", "--dir",
        "/etc/pki/ca-trust",
        "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/ld.so.conf", "/etc/ld.so.conf",
        "--ro-bind-try", "/etc/ld.so.conf.d", "/etc/ld.so.conf.d",
        "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/localtime", "/etc/localtime",
        "--ro-bind-try", "/etc/timezone", "/etc/timezone", "--ro-bind-try", "/etc/nsswitch.conf", "/etc/nsswitch.conf",
        "--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs",
        "--ro-bind-try", "/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf",
        "--ro-bind-try", "/etc/pki/tls/certs", "/etc/pki/tls/certs",
        "--ro-bind-try", "/etc/pki/ca-trust/extracted", "/etc/pki/ca-trust/extracted",
        "--ro-bind-try", "/etc/mime.types", "/etc/mime.types", "--ro-bind-try", "/etc/magic", "/etc/magic",
        "--ro-bind-try", "/etc/terminfo", "/etc/terminfo", "--ro-bind-try", "/etc/java", "/etc/java",
    ]
    private static let folders = [
        "--dev", "/dev", "--proc", "/proc", "--dir", "/tmp", "--dir", "/home", "--dir", "/home/sandbox", "--dir",
        "/run",
        "--dir", "/var", "--dir", "/var/tmp",
    ]
    private static let end = [
        "--ro-bind", "/opt/el/init", "/.execlayer/init", "--remount-ro", "/", "--remount-ro", "/dev",
    ]
    private static func around(_ middle: [String], links: [String] = merged) -> [String] {
        namespaces + ["--tmpfs", "/", "--ro-bind", "/usr", "/usr"] + links + settings + folders + middle + end
    }
    private func flags(_ profile: Profile, _ system: SystemLayout = .merged) -> [String] {
        BubblewrapFlags.flags(for: profile, system: system, supervisor: "/opt/el/init")
    }

    @Test("without a workspace it shows the system and nothing else")
    func bare() { #expect(flags(Profile(workspace: .none, runAs: .daemon)) == Self.around([])) }

    @Test("a read-only workspace below /tmp gets its parents, then itself")
    func readOnly() {
        let profile = Profile(workspace: .readOnly("/tmp/a/ws"), runAs: .daemon)
        #expect(
            flags(profile) == Self.around(["--dir", "/tmp", "--dir", "/tmp/a", "--ro-bind", "/tmp/a/ws", "/tmp/a/ws"]))
    }

    @Test("is the same for root and for a user")
    func sameForBoth() {
        let user = Profile(workspace: .writable("/srv/ws"), runAs: .daemon)
        var root = user
        root.runAs = .other(user: 65_533, group: 65_533, ownerMaps: ["/srv/ws"])
        #expect(flags(user) == flags(root))
    }

    @Test("R33: protected paths come after everything writable, and masks last")
    func order() {
        var profile = Profile(workspace: .writable("/srv/ws"), runAs: .daemon)
        profile.toolchains = ["/opt/node", "/srv/ws/.venv"]
        profile.binds = [.init("/data/cache", at: "/cache", isWritable: true)]
        profile.writableFolders = ["/srv/ws/.build"]
        profile.protectedPaths = ["/srv/ws/.git"]
        profile.masks = [.folder("/srv/ws/home"), .file("/srv/ws/.env")]
        #expect(
            flags(profile)
                == Self.around([
                    "--dir", "/opt", "--ro-bind", "/opt/node", "/opt/node",
                    "--bind", "/data/cache", "/cache",
                    "--dir", "/srv", "--bind", "/srv/ws", "/srv/ws",
                    "--ro-bind", "/srv/ws/.venv", "/srv/ws/.venv",
                    "--bind", "/srv/ws/.build", "/srv/ws/.build",
                    "--ro-bind", "/srv/ws/.git", "/srv/ws/.git",
                    "--perms", "0555", "--tmpfs", "/srv/ws/home", "--remount-ro", "/srv/ws/home",
                    "--ro-bind", "/dev/null", "/srv/ws/.env",
                ]))
    }

    @Test("a system that was not merged into /usr has its folders bound, and only those it has")
    func notMerged() {
        let system = SystemLayout(bin: .folder, sbin: .folder, lib: .folder, lib64: .missing)
        let links = ["--ro-bind", "/bin", "/bin", "--ro-bind", "/sbin", "/sbin", "--ro-bind", "/lib", "/lib"]
        #expect(flags(Profile(workspace: .none, runAs: .daemon), system) == Self.around([], links: links))
    }
}

@Suite("The launcher's command line")
struct LauncherArgumentsTests {
    private let host = SandboxHost(
        programs: .beside(folder: "/opt/el"), user: 0, group: 0, landlock: 6)

    @Test("names the unprivileged user and the folders shown to it before bubblewrap")
    func root() {
        let profile = Profile(
            workspace: .none, runAs: .other(user: 65_533, group: 65_532, ownerMaps: ["/srv/ws", "/root/.nvm"]))
        #expect(
            Launcher.arguments(for: profile, on: host).prefix(9) == [
                "--ids", "65533", "65532", "--owner-map", "/srv/ws", "--owner-map", "/root/.nvm", "--",
                "/usr/bin/bwrap",
            ])
    }

    @Test("needs no options for a user, and ends with the supervisor")
    func user() {
        let arguments = Launcher.arguments(for: Profile(workspace: .none, runAs: .daemon), on: host)
        #expect(arguments.prefix(2) == ["--", "/usr/bin/bwrap"])
        #expect(arguments.last == "/.execlayer/init")
    }
}

@Suite("What the supervisor is told about a profile")
struct InnerWallTests {
    @Test("a read-only workspace is readable, its build folder writable")
    func landlock() {
        var profile = Profile(workspace: .readOnly("/srv/ws"), runAs: .daemon)
        profile.writableFolders = ["/srv/ws/.build"]
        profile.toolchains = ["/opt/node"]
        let wall = InnerWall(profile, system: .merged)
        #expect(wall.readable == ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/opt/node", "/srv/ws"])
        #expect(wall.writable == ["/dev", "/srv/ws/.build"])
    }

    @Test("keeps what lies in a private folder, each once and with all that is mounted on it")
    func kept() {
        var profile = Profile(workspace: .writable("/tmp/a"), runAs: .daemon)
        profile.toolchains = ["/tmp/a/.venv", "/tmp/tools", "/opt/node"]
        profile.binds = [.init("/srv/x", at: "/home/sandbox/x"), .init("/srv/y", at: "/tmp/a")]
        #expect(InnerWall(profile, system: .merged).kept == ["/tmp/a", "/tmp/tools", "/home/sandbox/x"])
    }

    @Test("does not name a folder that the system lacks")
    func missing() {
        let system = SystemLayout(bin: .link, sbin: .link, lib: .link, lib64: .missing)
        let wall = InnerWall(Profile(workspace: .none, runAs: .daemon), system: system)
        #expect(!wall.readable.contains("/lib64"))
    }
}
