import Foundation
import Glibc
import Testing

@testable import Sandbox

extension BehindBothWalls {
    @Suite("The same as an unprivileged user", .enabled(if: geteuid() == 0))
    struct UserTests {
        /// Runs this very test program again, as nobody in particular: the suites above, which then find a host where they
        /// are not root.
        @Test("every suite passes", .enabled(if: access("/usr/bin/setpriv", X_OK) == 0))
        func again() throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            process.arguments =
                ["--reuid", "12345", "--regid", "12345", "--clear-groups", program]
                + CommandLine.arguments
                .dropFirst().filter { !$0.hasPrefix("--event-stream") && !$0.hasPrefix("--xunit") }
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            process.currentDirectoryURL = URL(fileURLWithPath: "/tmp")
            process.environment = [
                "PATH": "/usr/bin:/bin", "HOME": "/tmp",
                "LD_LIBRARY_PATH": ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? "",
            ]
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let failures = text.split(separator: "\n").filter { $0.hasPrefix("✘") }.joined(separator: "\n")
            #expect(process.terminationStatus == 0, "\(failures)")
            // The control: it did run them, as a user.
            #expect(text.contains("ends with its exit code"), "\(text.suffix(2_000))")
            #expect(text.contains("The same as an unprivileged user\" skipped"))
        }
    }
}
