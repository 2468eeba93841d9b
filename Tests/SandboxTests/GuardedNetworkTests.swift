import Foundation
import Glibc
import Synchronization
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A call with a network of its own")
    struct GuardedNetworkTests {
        /// Stands where the proxy does: answers whoever connects with one line, from outside.
        final class Answerer: Sendable {
            private let word: String
            private let listener = Mutex<Int32>(-1)
            private let served = Mutex(0)

            init(_ word: String) { self.word = word }

            deinit { end() }

            /// To be closed for the thread to end.
            func end() {
                let descriptor = listener.withLock { listener in
                    defer { listener = -1 }
                    return listener
                }
                guard descriptor >= 0 else { return }
                shutdown(descriptor, Int32(SHUT_RDWR))
                close(descriptor)
            }

            var connections: Int { served.withLock { $0 } }

            @Sendable func take(_ descriptor: Int32) {
                listener.withLock { $0 = descriptor }
                // Waiting for connections, as a thread of its own may.
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
                let word = word + "\n"
                Thread { [weak self] in
                    while true {
                        let client = accept(descriptor, nil, nil)
                        guard client >= 0 else { return }
                        self?.served.withLock { $0 += 1 }
                        _ = word.withCString { write(client, $0, strlen($0)) }
                        close(client)
                    }
                }.start()
            }
        }

        static let ask = """
            import socket
            print(socket.create_connection(("127.0.0.1", 3128), 5).makefile().readline().strip())
            """

        @Test("speaks to the daemon at its one port")
        func answered() async throws {
            try await Cage.with { cage in
                let answerer = Answerer("from outside")
                let end = try await cage.python(Self.ask) { $0.network = answerer.take }
                #expect(end.stdout.text == "from outside\n", "\(end)")
                #expect(answerer.connections == 1)
                answerer.end()
            }
        }

        @Test("finds nobody there without asking for it, and nobody at any other place")
        func alone() async throws {
            try await Cage.with { cage in
                let plain = try await cage.python(Self.ask)
                #expect(!plain.isSuccess && plain.stderr.text.contains("Connection refused"))
                let answerer = Answerer("from outside")
                let script = """
                    import errno, socket
                    for kind, family, place in [
                        (socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", 3127)),
                        (socket.SOCK_STREAM, socket.AF_INET, ("93.184.215.14", 80)),
                        (socket.SOCK_STREAM, socket.AF_INET, ("169.254.169.254", 80)),
                        (socket.SOCK_STREAM, socket.AF_INET, ("10.0.0.1", 80)),
                        (socket.SOCK_STREAM, socket.AF_INET6, ("::1", 3128)),
                        (socket.SOCK_STREAM, socket.AF_INET6, ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", 80)),
                        (socket.SOCK_DGRAM, socket.AF_INET, ("9.9.9.9", 53)),
                        (socket.SOCK_DGRAM, socket.AF_INET6, ("2620:fe::fe", 53)),
                    ]:
                        try:
                            with socket.socket(family, kind) as out:
                                out.settimeout(5)
                                out.connect(place)
                            print("connected")
                        except OSError as error:
                            print(errno.errorcode[error.errno])
                    """
                let end = try await cage.python(script) { $0.network = answerer.take }
                #expect(
                    end.stdout.text.split(separator: "\n") == [
                        "ECONNREFUSED", "ENETUNREACH", "ENETUNREACH", "ENETUNREACH", "ECONNREFUSED",
                        "ENETUNREACH", "ENETUNREACH", "ENETUNREACH",
                    ], "\(end)")
                #expect(answerer.connections == 0)
                answerer.end()
            }
        }

        @Test("R29: shares neither port nor loopback with another call of its profile")
        func separate() async throws {
            try await Cage.with { cage in
                let (one, two) = (Answerer("one"), Answerer("two"))
                // Each opens a port, tells the other's number by a file and tries the other's.
                func script(_ own: Int, _ other: Int) -> String {
                    """
                    import os, socket, time
                    own = socket.create_server(("127.0.0.1", \(own)))
                    open("ready-\(own)", "w").close()
                    end = time.monotonic() + 10
                    while not os.path.exists("ready-\(other)") and time.monotonic() < end: time.sleep(0.01)
                    def reach(port):
                        try:
                            return socket.create_connection(("127.0.0.1", port), 5) and "reached"
                        except OSError as error:
                            return error.strerror
                    print(os.path.exists("ready-\(other)"), reach(\(own)), reach(\(other)))
                    \(Self.ask)
                    """
                }
                async let first = cage.python(script(4_001, 4_002)) { $0.network = one.take }
                async let second = cage.python(script(4_002, 4_001)) { $0.network = two.take }
                let texts = try await [first.stdout.text, second.stdout.text]
                #expect(texts == ["True reached Connection refused\none\n", "True reached Connection refused\ntwo\n"])
                #expect(one.connections == 1 && two.connections == 1)
                one.end()
                two.end()
            }
        }

        @Test("with all unix sockets, has abstract ones of its own")
        func abstract() async throws {
            let name: [UInt8] = [0] + Array("execlayer-\(UUID().uuidString)".utf8)
            let host = try HostReachTests.HostSocket(unix: name)
            #expect(HostReachTests.HostSocket.answersOnHost(unix: name))
            try await Cage.with(change: { $0.unixSockets = true }) { cage in
                let answerer = Answerer("x")
                let script = """
                    import socket
                    out = socket.socket(socket.AF_UNIX)
                    own = socket.socket(socket.AF_UNIX)
                    own.bind("\\0own")
                    own.listen()
                    try:
                        socket.socket(socket.AF_UNIX).connect("\\0own")
                        print("own")
                        out.connect("\\0\(String(decoding: name.dropFirst(), as: UTF8.self))")
                        print("host")
                    except OSError as error:
                        print(error.strerror)
                    """
                let end = try await cage.python(script) { $0.network = answerer.take }
                #expect(end.stdout.text == "own\nConnection refused\n", "\(end)")
                answerer.end()
            }
            _ = host
        }

        @Test("lends its folder all the same, has layers and standard input all the same")
        func beside() async throws {
            try await Cage.with(runAs: Cage.host.runAs(workspace: nil), change: { $0.workspace = .none }) { cage in
                let answerer = Answerer("out")
                var call = ConfinedCall(
                    "/usr/bin/python3", ["-I", "-S", "-c", Self.ask + "\nprint(input())\nopen('a', 'w').close()"],
                    folder: "/home/sandbox")
                call.standardInput = Array("typed\n".utf8)
                call.lendsFolder = true
                call.network = answerer.take
                let end = try await cage.pool.run(call, in: cage.profile)
                #expect(end.stdout.text == "out\ntyped\n", "\(end)")
                let folder = try #require(end.folder)
                #expect(faccessat(folder.descriptor, "a", F_OK, 0) == 0)
                answerer.end()
            }
        }

        @Test("has neither power over its network nor the listener itself")
        func powerless() async throws {
            try await Cage.with { cage in
                let answerer = Answerer("x")
                let script = """
                    import fcntl, os, socket, struct
                    def attempt(what):
                        try:
                            what()
                            return "done"
                        except OSError as error:
                            return os.strerror(error.errno)
                    out = socket.socket()
                    down = struct.pack("16sh14x", b"lo", 0)
                    print(attempt(lambda: fcntl.ioctl(out, 0x8914, down)))
                    print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)))
                    print(attempt(lambda: socket.create_server(("127.0.0.1", 3128), reuse_port=True)))
                    print(sorted(os.listdir("/proc/self/fd"))[:3], len(os.listdir("/proc/self/fd")))
                    """
                let end = try await cage.python(script) { $0.network = answerer.take }
                #expect(
                    end.stdout.text == """
                        Operation not permitted
                        Address family not supported by protocol
                        Address already in use
                        ['0', '1', '2'] 5

                        """, "\(end)")
                answerer.end()
            }
        }

        @Test("that does not start leaves no descriptor; nor do many that did")
        func descriptors() async throws {
            try await Cage.with { cage in
                _ = try await cage.shell("true")
                let before = Census.descriptors
                for _ in 0..<20 {
                    let (none, one) = (Answerer("x"), Answerer("x"))
                    let end = try await cage.run("/usr/bin/no-such-program") { $0.network = none.take }
                    #expect(end.ending == .notStarted(.noSuchProgram))
                    #expect(try await cage.shell("true", change: { $0.network = one.take }).isSuccess)
                    none.end()
                    one.end()
                }
                #expect(try await Census.becomes { Census.descriptors <= before })
            }
        }
    }
}
