import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("The same as an unprivileged user", .enabled(if: geteuid() == 0))
    struct UserTests {
        /// Runs this very test program again, as nobody in particular: the suites of this folder, which then find a host
        /// where they are not root.
        @Test("every suite passes", .enabled(if: access("/usr/bin/setpriv", X_OK) == 0))
        func again() async throws {
            let (status, text) = try await Self.run(Self.command())
            let failures = text.split(separator: "\n").filter { $0.hasPrefix("✘") }.joined(separator: "\n")
            #expect(status == 0, "\(failures)")
            // The control: it did run them, as a user.
            #expect(text.contains("ends with its exit code"), "\(text.suffix(2_000))")
            #expect(text.contains("The same as an unprivileged user\" skipped"))
        }

        private static func command() throws -> String {
            let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            var arguments: [String] = []
            var isSelection = false
            // Which tests this run selected says nothing about that one.
            for argument in CommandLine.arguments.dropFirst() where !argument.hasPrefix("--event-stream") {
                if isSelection {
                    isSelection = false
                } else if argument == "--filter" || argument == "--skip" {
                    isSelection = true
                } else {
                    arguments.append(argument)
                }
            }
            let libraries = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? ""
            let words =
                [
                    "cd", "/tmp", "&&", "exec", "env", "-i", "PATH=/usr/bin:/bin", "HOME=/tmp",
                    "LD_LIBRARY_PATH=\(libraries)",
                ]
                + ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", program] + arguments
                + ["--filter", "^SandboxTests\\."]
            return words.map { $0 == "&&" ? $0 : "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }
                .joined(separator: " ") + " 2>&1"
        }

        /// On a thread of its own, because it waits.
        private static func run(_ command: String) async throws -> (status: Int32, text: String) {
            try await withCheckedThrowingContinuation { continuation in
                Thread {
                    guard let stream = popen(command, "r") else {
                        return continuation.resume(throwing: CocoaError(.executableLoad))
                    }
                    var bytes: [UInt8] = []
                    var chunk = [UInt8](repeating: 0, count: 65_536)
                    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
                        bytes += chunk[..<count]
                    }
                    let status = pclose(stream)
                    continuation.resume(returning: (status, String(decoding: bytes, as: UTF8.self)))
                }.start()
            }
        }
    }
}
