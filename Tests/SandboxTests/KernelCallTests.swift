import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A program that asks the kernel for more")
    struct KernelCallTests {
        /// Prints a line `name error` for each attempt; 0 is success. Each is harmless where it is allowed, and fails there with
        /// another error than the filter's, or not at all.
        private static let attempts = #"""
            import ctypes, errno, fcntl, os, platform, socket
            libc = ctypes.CDLL(None, use_errno=True)
            x86 = platform.machine() == 'x86_64'
            def call(number, *arguments):
                ctypes.set_errno(0)
                result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
                return ctypes.get_errno() if result == -1 else 0
            def report(name, error): print(name, errno.errorcode.get(error, error))
            def attempt(action):
                try: action()
                except OSError as error: return error.errno
                return 0
            own = os.getpid()
            report('ptrace', call(101 if x86 else 117, 16, 0x3ffffff0))
            report('process_vm_readv', call(310 if x86 else 270, own, 0, 0, 0, 0, 0))
            report('kcmp', call(312 if x86 else 272, own, own, 2, 0, 0))
            report('pidfd_getfd', call(438, -1, 0, 0))
            report('keyctl', call(250 if x86 else 219, 99, 0, 0, 0, 0))
            report('add_key', call(248 if x86 else 217, 0, 0, 0, 0, 0))
            report('name_to_handle_at', call(303 if x86 else 264, -1, 0, 0, 0, 0))
            report('unshare', call(272 if x86 else 97, 0))
            report('setns', call(308 if x86 else 268, -1, 0))
            report('personality', call(135 if x86 else 92, 0x0040000))
            report('clone3', call(435, 0, 0))
            report('openat2', call(437, -1, 0, 0, 0))
            report('set-user-ID', attempt(lambda: os.close(os.open('/tmp/own', os.O_CREAT | os.O_WRONLY, 0o4700))))
            report('plain file', attempt(lambda: os.close(os.open('/tmp/own', os.O_CREAT | os.O_WRONLY, 0o700))))
            report('chmod set-group-ID', attempt(lambda: os.chmod('/tmp/own', 0o2700)))
            report('plain chmod', attempt(lambda: os.chmod('/tmp/own', 0o600)))
            for name, family, kind in (
                ('netlink', socket.AF_NETLINK, socket.SOCK_RAW), ('inet', socket.AF_INET, socket.SOCK_STREAM)):
                report(name, attempt(lambda: socket.socket(family, kind).close()))
            report('pair', attempt(lambda: [s.close() for s in socket.socketpair()]))
            """#

        private static func read(_ text: String) -> [String: String] {
            var errors: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let end = line.lastIndex(of: " ") ?? line.endIndex
                errors[String(line[..<end])] = String(line[end...].dropFirst())
            }
            return errors
        }

        @Test("R25: is refused what reaches other processes, keys, namespaces, memory layouts and raw sockets")
        func filter() async throws {
            try await Cage.with { cage async throws in
                let inside = Self.read(try await cage.python(Self.attempts).stdout.text)
                let refused = [
                    "ptrace", "process_vm_readv", "kcmp", "pidfd_getfd", "keyctl", "add_key", "name_to_handle_at",
                    "unshare", "setns", "personality", "set-user-ID", "chmod set-group-ID",
                ]
                for name in refused { #expect(inside[name] == "EPERM", "\(name)") }
                for name in ["clone3", "openat2"] { #expect(inside[name] == "ENOSYS", "\(name)") }
                #expect(inside["netlink"] == "EAFNOSUPPORT")
                // The control: what programs need every day passes the same filter.
                for name in ["plain file", "plain chmod", "pair"] { #expect(inside[name] == "0", "\(name)") }
            }
        }

        @Test("R25: those refusals are the filter's: the same program outside gets none of them")
        func control() async throws {
            let file = Outside.scratch()
            defer { unlink(file) }
            let outside = Self.read(try Outside.python(Self.attempts.replacing("/tmp/own", with: file)))
            for (name, error) in outside { #expect(!["EPERM", "EAFNOSUPPORT"].contains(error), "\(name)") }
            for name in ["clone3", "openat2"] { #expect(outside[name] != "ENOSYS", "\(name)") }
            #expect(outside.count == 19)
        }

        #if arch(x86_64)
            @Test("R25: is ended when it calls as another architecture would, whose numbers the filter does not know")
            func otherArchitecture() async throws {
                // `mov eax, 20; int 0x80; ret`: getpid of 32-bit programs.
                let script = #"""
                    import ctypes, mmap
                    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
                    page.write(CODE)
                    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
                    print('asks', flush=True)
                    print(function() > 0)
                    """#
                let own = #"b'\xb8\x14\x00\x00\x00\xcd\x80\xc3'"#
                // The control: `mov eax, 39; syscall; ret`, the same call by its own number.
                let native = #"b'\xb8\x27\x00\x00\x00\x0f\x05\xc3'"#
                try await Cage.with { cage async throws in
                    let end = try await cage.python(script.replacing("CODE", with: own))
                    #expect(end.stdout.text == "asks\n")
                    #expect(end.ending == .signalled(31))
                    let control = try await cage.python(script.replacing("CODE", with: native))
                    #expect(control.stdout.text == "asks\nTrue\n")
                }
            }
        #endif

        @Test("R25: what the mounts would allow, Landlock refuses by itself")
        func landlock() async throws {
            // Anybody may make the device 0/0, which means a deletion to an overlay; no mount option forbids it.
            func script(_ folder: String) -> String {
                """
                import os, stat
                def attempt(kind):
                    try: os.mknod('\(folder)/made', kind | 0o600, 0); os.unlink('\(folder)/made'); return 0
                    except OSError as error: return error.errno
                print(attempt(stat.S_IFCHR), attempt(stat.S_IFIFO), attempt(stat.S_IFREG))
                """
            }
            try await Cage.with { cage async throws in
                #expect(try await cage.python(script(cage.workspace)).stdout.text == "13 0 0\n")
                // The control: nothing but Landlock is in the way.
                #expect(try Outside.python(script(cage.workspace)) == "0 0 0\n")
            }
        }

        @Test("R25: a kernel without Landlock has no sandbox, and the remedy says which kernel has")
        func withoutLandlock() throws {
            // The control: this very host has one.
            #expect(HostRemedy.problem(of: Cage.host) == nil)
            var host = Cage.host
            host.landlock = 0
            let problem = try #require(HostRemedy.problem(of: host))
            guard case .unavailable(let reason, let remedy) = problem else {
                Issue.record("a sandbox without Landlock: \(problem)")
                return
            }
            #expect(reason == "the kernel has no Landlock")
            #expect(remedy.contains("Linux 5.13"))
        }

        @Test("R27: /proc/1 tells nothing of its own, and /proc/sys cannot be written")
        func processFiles() async throws {
            let script = """
                import os
                def attempt(action):
                    try: return action()
                    except OSError as error: return type(error).__name__
                for name in ('environ', 'maps', 'mem', 'auxv'):
                    print(name, attempt(lambda: len(open('/proc/1/' + name, 'rb').read(1))))
                for name in ('root', 'cwd', 'exe'): print(name, attempt(lambda: os.readlink('/proc/1/' + name)))
                print('fd', attempt(lambda: len(os.listdir('/proc/1/fd'))))
                print(bool(os.statvfs('/proc/sys').f_flag & os.ST_RDONLY), os.access('/proc/sys/kernel/hostname', os.W_OK))
                # The control: its own it may read.
                print(len(open('/proc/self/environ', 'rb').read(1)), os.readlink('/proc/self/cwd') == os.getcwd())
                """
            try await Cage.with { cage async throws in
                let lines = try await cage.python(script).stdout.text.split(separator: "\n").map(String.init)
                // It keeps no descriptor and has an empty environment, for whoever may look.
                let told = lines.dropLast(2).filter {
                    !$0.hasSuffix("PermissionError") && !["environ 0", "fd 0"].contains($0)
                }
                #expect(lines.count == 10)
                #expect(told.isEmpty)
                #expect(lines.suffix(2) == ["True False", "1 True"])
            }
        }

        @Test("R28: cannot type into a terminal")
        func terminal() async throws {
            let script = """
                import errno, fcntl, os, termios
                _, terminal = os.openpty()
                print(os.isatty(terminal), len(termios.tcgetattr(terminal)))
                for request in (termios.TIOCSTI, 0x541C, termios.TIOCSETD):
                    try: fcntl.ioctl(terminal, request, bytes(4)); print('done')
                    except OSError as error: print(errno.errorcode[error.errno])
                """
            try await Cage.with { cage async throws in
                #expect(try await cage.python(script).stdout.text == "True 7\nEPERM\nEPERM\nEPERM\n")
            }
            // The control: the kernel itself would say something else to at least one of them.
            let outside = try Outside.python(script)
            #expect(outside.hasPrefix("True 7\n"))
            #expect(!outside.hasSuffix("EPERM\nEPERM\nEPERM\n"))
        }

        @Test("R33: the root of a writable workspace can neither be moved, removed nor unmounted")
        func root() async throws {
            try await Cage.with { cage async throws in
                let script = """
                    import ctypes, errno, os
                    root = '\(cage.workspace)'
                    libc = ctypes.CDLL(None, use_errno=True)
                    def attempt(action):
                        try: action()
                        except OSError as error: return 'refused'
                        return 'done'
                    os.mkdir(root + '/inner')
                    print(attempt(lambda: os.rename(root, root + '-moved')))
                    print(attempt(lambda: os.rename(root, '/tmp/moved')))
                    print(attempt(lambda: os.rmdir(root)))
                    print(libc.umount2(root.encode(), 2), errno.errorcode[ctypes.get_errno()])
                    print(libc.mount(b'none', root.encode(), b'tmpfs', 0, None), errno.errorcode[ctypes.get_errno()])
                    # The control: below it everything of this is ordinary.
                    print(attempt(lambda: os.rename(root + '/inner', root + '/moved')))
                    print(attempt(lambda: os.rmdir(root + '/moved')))
                    """
                let end = try await cage.python(script)
                #expect(
                    end.stdout.text == "refused\nrefused\nrefused\n-1 EPERM\n-1 EPERM\ndone\ndone\n",
                    "\(end.stderr.text)")
            }
        }
    }
}

/// The same programs on the host, as controls. What they do there is harmless.
enum Outside {
    static func scratch() -> String {
        FileManager.default.temporaryDirectory.path + "/outside-" + UUID().uuidString
    }

    static func python(_ script: String) throws -> String {
        let file = scratch()
        try Data(script.utf8).write(to: URL(fileURLWithPath: file))
        defer { unlink(file) }
        guard let stream = popen("exec /usr/bin/python3 -I -S '\(file)'", "r") else { throw POSIXError(.EIO) }
        defer { pclose(stream) }
        var text: [UInt8] = []
        while case let byte = fgetc(stream), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: text, as: UTF8.self)
    }
}
