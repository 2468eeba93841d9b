import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A program that reaches for the host")
    struct HostReachTests {
        /// A socket of the host's that really answers: the control of every test that must not reach it.
        final class HostSocket {
            let descriptor: Int32
            let port: UInt16

            /// On a free port of 127.0.0.1.
            init() throws {
                let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                        bind(descriptor, address, size) == 0 && listen(descriptor, 8) == 0
                            && getsockname(descriptor, address, &size) == 0
                    }
                }
                self.descriptor = descriptor
                port = UInt16(bigEndian: address.sin_port)
                try #require(isOpen)
            }

            /// With an abstract name, or a path.
            init(unix name: [UInt8]) throws {
                let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                self.descriptor = descriptor
                port = 0
                let isOpen = Self.unix(name) { bind(descriptor, $0, $1) == 0 && listen(descriptor, 8) == 0 }
                try #require(isOpen)
            }

            deinit { close(descriptor) }

            var answersOnHost: Bool {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
                defer { close(client) }
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                address.sin_port = port.bigEndian
                return withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                    }
                }
            }

            static func answersOnHost(unix name: [UInt8]) -> Bool {
                let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
                defer { close(client) }
                return unix(name) { connect(client, $0, $1) == 0 }
            }

            private static func unix(_ name: [UInt8], _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
                var address = sockaddr_un()
                address.sun_family = sa_family_t(AF_UNIX)
                withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
                let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
                return withUnsafePointer(to: &address) { pointer in
                    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
                }
            }
        }

        @Test("R29: a port of the host's loopback does not answer, one of its own does")
        func loopback() async throws {
            let host = try HostSocket()
            #expect(host.answersOnHost)
            try await Cage.with { cage in
                let script = """
                    import socket
                    a = socket.socket(); a.bind(('127.0.0.1', 0)); a.listen()
                    b = socket.create_connection(a.getsockname()); print('own')
                    for address in (('127.0.0.1', \(host.port)), ('192.0.2.1', 80)):
                        try: socket.create_connection(address, 1); print('reached')
                        except OSError: print('shut')
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "own\nshut\nshut\n")
            }
        }

        @Test("R29: an abstract socket of the host's does not answer, a socket pair does")
        func abstract() async throws {
            let name = "execlayer-test-\(UUID().uuidString)"
            let host = try HostSocket(unix: [0] + Array(name.utf8))
            #expect(HostSocket.answersOnHost(unix: [0] + Array(name.utf8)))
            // With unix sockets, which a rule may allow: the namespaces alone keep it out of reach.
            try await Cage.with(change: { $0.unixSockets = true }) { cage in
                let script = """
                    import socket
                    a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1) == b'x')
                    s = socket.socket(socket.AF_UNIX)
                    try: s.connect('\\0\(name)'); print('reached')
                    except OSError: print('shut')
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "True\nshut\n")
            }
            withExtendedLifetime(host) {}
        }

        /// Makes a unix socket on the host once the program is up, and says whether the program reached it.
        private func reachesLaterSocket(_ cage: Cage) async throws -> String {
            let path = cage.workspace + "/late"
            let script = """
                import os, socket, time
                open('\(cage.workspace)/up', 'w').close()
                while not os.path.exists('\(cage.workspace)/go'): time.sleep(.005)
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    try: s = socket.socket(socket.AF_UNIX, kind)
                    except OSError: print('none', end=' '); continue
                    try: s.connect('\(path)'); print('reached', end=' ')
                    except OSError as e: print('shut', end=' ')
                """
            let task = Task { try await cage.python(script) }
            #expect(try await Census.becomes { FileManager.default.fileExists(atPath: cage.workspace + "/up") })
            let host = try HostSocket(unix: Array(path.utf8))
            chmod(path, 0o777)
            #expect(HostSocket.answersOnHost(unix: Array(path.utf8)))
            #expect(FileManager.default.createFile(atPath: cage.workspace + "/go", contents: nil))
            let text = try await task.value.stdout.text
            withExtendedLifetime(host) {}
            return text
        }

        @Test("R29: a unix socket of the host's is out of reach, also one that is made while the program runs")
        func unix() async throws {
            try await Cage.with { cage in
                let text = try await reachesLaterSocket(cage)
                #expect(text == "none none ")
            }
            // The control: with unix sockets the same program reaches the same socket.
            try await Cage.with(change: { $0.unixSockets = true }) { cage in
                let text = try await reachesLaterSocket(cage)
                #expect(text == "reached shut ")
            }
        }

        @Test("R29: connected pairs work without unix sockets, and those that could take another address are refused")
        func pairs() async throws {
            try await Cage.with { cage in
                let script = """
                    import socket
                    for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM, socket.SOCK_RAW):
                        try:
                            a, b = socket.socketpair(socket.AF_UNIX, kind)
                            a.send(b'x'); print(b.recv(1) == b'x', end=' ')
                            try: a.connect('/tmp/x'); print('moved', end=' ')
                            except OSError: pass
                        except OSError: print('refused', end=' ')
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "True True refused refused ")
            }
        }

        @Test("R29: netlink, raw, packet and other families are refused, and names do not resolve")
        func families() async throws {
            try await Cage.with { cage in
                let script = """
                    import socket
                    tries = [(16, 3, 0), (socket.AF_INET, socket.SOCK_RAW, 1), (17, 3, 0), (38, 5, 0), (40, 1, 0)]
                    for family, kind, protocol in tries:
                        try: socket.socket(family, kind, protocol); print('made')
                        except OSError: print('refused')
                    socket.socket(socket.AF_INET, socket.SOCK_DGRAM); print('udp')
                    try: socket.getaddrinfo('example.org', 80); print('resolved')
                    except OSError: print('unknown')
                    """
                let expected = "refused\nrefused\nrefused\nrefused\nrefused\nudp\nunknown\n"
                let text = try await cage.python(script).stdout.text
                #expect(text == expected)
            }
        }

        @Test("R27: nothing in /proc belongs to the host or can be written, and its own processes are there")
        func proc() async throws {
            try await Cage.with { cage in
                let script = """
                    import os
                    processes = [p for p in os.listdir('/proc') if p.isdigit()]
                    print(len(processes) <= 3, str(os.getpid()) in processes)
                    for name in ('/proc/1/environ', '/proc/1/mem', '/proc/1/root', '/proc/1/fd'):
                        try:
                            found = os.listdir(name) if name.endswith(('root', 'fd')) else open(name, 'rb').read(1)
                            print('open' if found else 'empty')
                        except OSError: print('shut')
                    for name in ('kernel/core_pattern', 'kernel/hostname', 'vm/overcommit_memory'):
                        try: os.close(os.open('/proc/sys/' + name, os.O_WRONLY)); print('writable')
                        except OSError: print('shut')
                    print(open('/proc/sys/kernel/ostype').read().strip())
                    """
                let end = try await cage.python(script)
                let lines = end.stdout.text.split(separator: "\n").map(String.init)
                #expect(lines.first == "True True")
                #expect(lines.dropFirst().prefix(4).allSatisfy { $0 == "shut" || $0 == "empty" })
                #expect(lines.dropFirst(5).prefix(3).allSatisfy { $0 == "shut" })
                // The control: reading what is harmless works.
                #expect(lines.last == "Linux")
            }
        }

        @Test("R28: a terminal takes no characters from a program that pushes them")
        func terminal() async throws {
            try await Cage.with { cage in
                let script = """
                    import fcntl, os, termios
                    master, slave = os.openpty()
                    fcntl.ioctl(slave, termios.TIOCGWINSZ, b'\\0' * 8); print('asked')
                    try: fcntl.ioctl(slave, termios.TIOCSTI, b'x'); print('pushed')
                    except OSError: print('refused')
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "asked\nrefused\n")
            }
        }

        @Test("R33: the workspace cannot be renamed, removed, unmounted or covered, and can be written")
        func root() async throws {
            try await Cage.with { cage in
                let script = """
                    import ctypes, os
                    root = '\(cage.workspace)'
                    open(root + '/new', 'w').write('x'); print(os.path.exists(root + '/new'))
                    for deed in (lambda: os.rename(root, root + '-gone'), lambda: os.rmdir(root)):
                        try: deed(); print('done')
                        except OSError: print('refused')
                    libc = ctypes.CDLL(None)
                    print(libc.umount2(root.encode(), 2), libc.mount(b'none', root.encode(), b'tmpfs', 0, None))
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "True\nrefused\nrefused\n-1 -1\n")
            }
        }

        @Test("R25: no namespace, module, keyring, trace or foreign table is to be had")
        func calls() async throws {
            try await Cage.with { cage in
                let script = """
                    import ctypes
                    libc = ctypes.CDLL(None, use_errno=True)
                    x86 = ctypes.sizeof(ctypes.c_void_p) == 8 and __import__('os').uname().machine == 'x86_64'
                    numbers = dict(ptrace=101, keyctl=250, bpf=321, userfaultfd=323, io_uring_setup=425,
                        open_by_handle_at=304, perf_event_open=298, init_module=175, kexec_load=246) if x86 else {}
                    print(libc.unshare(0x10000000), libc.unshare(0x00020000))
                    print([name for name, number in numbers.items() if libc.syscall(number, 0, 0, 0, 0, 0) >= 0])
                    print(libc.getpid() > 0)
                    """
                let text = try await cage.python(script).stdout.text
                #expect(text == "-1 -1\n[]\nTrue\n")
            }
        }
    }
}
