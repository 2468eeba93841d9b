#if os(Linux)
    import Foundation
    import Surroundings
    import Testing

    /// `./run` with a compiler that only pretends: what matters is all that the script does around it.
    @Suite(
        "A repository that was just cloned",
        .enabled(if: !Surroundings.isInsideSandbox, "the sandbox does not show which packages are installed"))
    struct FreshCloneTests {
        private static let root = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

        /// Says its version, and leaves an executable where a release build leaves it.
        private static let compiler = """
            #!/bin/bash
            [[ $1 == --version ]] && { echo "Swift version 6.3.1"; exit; }
            while (($#)); do
                [[ $1 == --package-path ]] && root=$2
                [[ $1 == --product ]] && product=$2
                shift
            done
            mkdir -p "$root/.build/release"
            printf '#!/bin/bash\\necho "$0 $*"\\n' >"$root/.build/release/$product"
            chmod +x "$root/.build/release/$product"
            echo "$product" >>"$root/built"

            """

        private struct Clone: ~Copyable {
            let path: String

            init() throws {
                path = FileManager.default.temporaryDirectory.appending(path: "clone-\(UUID().uuidString)").path
                for folder in ["scripts", "Sources", "Benchmarks", "bin"] {
                    try FileManager.default.createDirectory(
                        atPath: path + "/" + folder, withIntermediateDirectories: true)
                }
                for file in ["run", "scripts/lib.sh", "Package.swift"] {
                    try FileManager.default.copyItem(atPath: root + "/" + file, toPath: path + "/" + file)
                }
                try compiler.write(toFile: path + "/bin/swift", atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path + "/bin/swift")
            }

            deinit { try? FileManager.default.removeItem(atPath: path) }

            func run(_ arguments: String...) throws -> (status: Int32, output: String) {
                let process = Process()
                let pipe = Pipe()
                process.executableURL = URL(filePath: path + "/run")
                process.arguments = arguments
                process.environment = [
                    "PATH": path + "/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": path, "CI": "1",
                ]
                process.standardOutput = pipe
                process.standardError = pipe
                process.standardInput = FileHandle.nullDevice
                try process.run()
                let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
                process.waitUntilExit()
                return (process.terminationStatus, String(decoding: output, as: UTF8.self))
            }
        }

        @Test("is built by ./run, which starts the daemon with the flags it was given")
        func firstRun() throws {
            let clone = try Clone()
            let (status, output) = try clone.run("--workspace", "/somewhere")
            #expect(status == 0, "\(output)")
            #expect(output.hasSuffix("/.build/release/execlayer serve --workspace /somewhere\n"), "\(output)")
        }

        @Test("is built once: the second ./run starts at once")
        func secondRun() throws {
            let clone = try Clone()
            _ = try clone.run("--build-only")
            let built = try String(contentsOfFile: clone.path + "/built", encoding: .utf8)
            #expect(built.contains("execlayer\n"))
            let (status, output) = try clone.run("--build-only")
            #expect(status == 0 && !output.contains("Building"), "\(output)")
            let builtLater = try String(contentsOfFile: clone.path + "/built", encoding: .utf8)
            #expect(builtLater == built)
        }

        @Test("says which Swift it needs when there is an older one, and builds nothing")
        func olderSwift() throws {
            let clone = try Clone()
            let older = Self.compiler.replacingOccurrences(of: "6.3.1", with: "6.1")
            try older.write(toFile: clone.path + "/bin/swift", atomically: false, encoding: .utf8)
            let (status, output) = try clone.run("--build-only")
            #expect(status != 0)
            #expect(output.contains("needs Swift 6.2 or newer"), "\(output)")
            #expect(!FileManager.default.fileExists(atPath: clone.path + "/built"))
        }
    }
#endif
