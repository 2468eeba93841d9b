import Foundation
import Testing
import ToolKit

/// Programs without bounds, through the API. `python3 -m unittest` runs what the project says by the default rules.
@Suite(
    "An agent whose program knows no measure", .enabled(if: Sandboxing.isPossible, Sandboxing.reason),
    .timeLimit(.minutes(10)), .serialized)
struct LimitAnswerTests {
    struct Excess: Sendable, CustomTestStringConvertible {
        let limit: String
        let script: String
        let sentence: String
        var testDescription: String { limit }
    }

    static let excesses = [
        Excess(
            limit: "output",
            script: "import sys\nwhile True: sys.stdout.buffer.write(b'x' * 65536)\n", sentence: "64 MiB of output"),
        Excess(
            limit: "memory", script: "x = []\nwhile True: x.append(bytearray(1 << 24))\n",
            sentence: "2048 MiB of memory"),
        Excess(
            limit: "processes",
            script: """
                import os, time
                for _ in range(400):
                    if os.fork() == 0: time.sleep(60); os._exit(0)
                time.sleep(60)
                """, sentence: "256 processes at once"),
        Excess(
            limit: "file size, by the kernel's signal",
            script: """
                import os, signal
                os.makedirs('htmlcov', exist_ok=True)
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
                f = open('htmlcov/big', 'wb', buffering=0); f.seek((1 << 30) - 10); f.write(b'x' * 10); f.write(b'x')
                """, sentence: "1024 MiB in one file"),
        // As Python comes: it ignores the signal and gets an error.
        Excess(
            limit: "file size, by the program's own error",
            script: """
                f = open('htmlcov/big', 'wb', buffering=0); f.seek((1 << 30) - 10); f.write(b'x' * 20); f.write(b'x')
                """, sentence: "1024 MiB in one file"),
    ]

    @Test("R31: is told which limit ended it, as an error that names it", arguments: excesses)
    func excess(_ excess: Excess) async throws {
        let playground = try Playground()
        try playground.write(excess.script + "\n", to: "workspace/probe.py")
        let daemon = try await Daemon(in: playground)
        let start = ContinuousClock.now
        let reply = try await daemon.run(
            "shell_exec", ["command": ["python3", "-m", "unittest", "probe"], "timeout_sec": 60])
        #expect(reply.code == "limit_exceeded", "\(reply.json["result"] ?? .null)")
        #expect(reply.json["error"]?.stringValue?.contains(excess.sentence) == true, "\(reply.json["error"] ?? .null)")
        #expect(reply.json["result"]?["returncode"] != nil)
        #expect(ContinuousClock.now - start < .seconds(50))
        // The control: the daemon is well, and a program that keeps measure runs.
        try playground.write("print('well')\n", to: "workspace/probe.py")
        let next = try await daemon.run("shell_exec", ["command": ["python3", "-m", "unittest", "probe"]])
        #expect(next.json["result"]?["stdout"] == "well\n")
        await daemon.stop()
    }

    /// A process alone cannot use twice its wall time: that takes three processors. So here it lowers the limit, which
    /// everybody may, and meets it as it would meet the daemon's.
    static let burning = """
        import resource
        print(*resource.getrlimit(resource.RLIMIT_CPU), flush=True)
        resource.setrlimit(resource.RLIMIT_CPU, (1, 3))
        while True: pass
        """

    @Test("R31: is told of the processor time that ended it, and its limit is twice the wall time")
    func processorTime() async throws {
        let playground = try Playground()
        try playground.write(Self.burning + "\n", to: "workspace/probe.py")
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run(
            "shell_exec", ["command": ["python3", "-m", "unittest", "probe"], "timeout_sec": 40])
        #expect(reply.code == "limit_exceeded", "\(reply.json)")
        #expect(reply.json["error"]?.stringValue?.contains("seconds of processor time") == true)
        let limits = (reply.json["result"]?["stdout"]?.stringValue ?? "").split(separator: " ")
        #expect(limits.first == "80")
        // The control: without the loop it ends by itself.
        try playground.write(
            Self.burning.replacing("while True: pass", with: "print('well')") + "\n", to: "workspace/probe.py")
        let next = try await daemon.run("shell_exec", ["command": ["python3", "-m", "unittest", "probe"]])
        #expect(next.json["result"]?["stdout"]?.stringValue?.hasSuffix("well\n") == true)
        await daemon.stop()
    }

    @Test(
        "R31: a program that keeps all processors busy is ended by its processor time",
        .enabled(if: ProcessInfo.processInfo.activeProcessorCount >= 4, "takes at least four processors"))
    func allProcessors() async throws {
        let playground = try Playground()
        try playground.write(
            """
            import hashlib, threading
            data = bytes(1 << 26)
            def burn():
                while True: hashlib.sha256(data)
            for _ in range(16): threading.Thread(target=burn).start()

            """, to: "workspace/probe.py")
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run(
            "shell_exec", ["command": ["python3", "-m", "unittest", "probe"], "timeout_sec": 10])
        #expect(reply.code == "limit_exceeded", "\(reply.json)")
        #expect(reply.json["error"]?.stringValue?.contains("20 seconds of processor time") == true)
        await daemon.stop()
    }

    @Test("R31: of a program that fails for another reason no limit is named")
    func ordinaryFailure() async throws {
        let playground = try Playground()
        try playground.write("raise SystemExit(3)\n", to: "workspace/probe.py")
        try playground.write("old", to: "workspace/htmlcov/file")
        let daemon = try await Daemon(in: playground)
        let reply = try await daemon.run("shell_exec", ["command": ["python3", "-m", "unittest", "probe"]])
        #expect(reply.json["status"] == "ok")
        #expect(reply.json["result"]?["returncode"] == 3)
        await daemon.stop()
    }
}
