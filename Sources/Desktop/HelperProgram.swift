#if os(Linux)
    internal import Subprocess
    internal import SystemPackage
    internal import ToolKit

    /// One of the three programs that speak to the display. It runs beside the daemon and not in the sandbox, where the
    /// display's socket does not exist: whoever reaches that socket can do everything that a desktop can do.
    struct HelperProgram: Sendable {
        struct Ending: Sendable {
            var status: Int32
            var output: [UInt8]
            var problem: String

            var text: String { String(decoding: output, as: UTF8.self) }
        }

        /// Absolute.
        let path: String
        /// All that it finds; nothing is inherited (SECURITY R34).
        let environment: [String: String]

        /// - Parameters:
        ///   - arguments: Never anything that somebody typed: every user of the machine sees them.
        ///   - outputLimit: In bytes; more is a failure.
        ///   - time: After which it is killed, with whatever it has started.
        /// - Throws: ``ToolFailure``; ``CallInterrupted`` when the call was given up.
        func run(
            _ arguments: [String], input: String = "", outputLimit: Int = 1 << 20, within time: Duration
        ) async throws -> Ending {
            do {
                return try await withThrowingTaskGroup(of: Ending?.self) { group in
                    group.addTask { try await start(arguments, input, outputLimit) }
                    group.addTask {
                        try await Task.sleep(for: time)
                        return nil
                    }
                    defer { group.cancelAll() }
                    guard let first = try await group.next(), let ending = first else { throw Self.timedOut }
                    return ending
                }
            } catch let failure as ToolFailure {
                throw failure
            } catch {
                if Task.isCancelled || error is CancellationError { throw CallInterrupted.cancelled }
                throw ToolFailure(
                    "desktop_failed", "a program for the desktop could not be run", remedy: "see the daemon's log")
            }
        }

        private func start(_ arguments: [String], _ input: String, _ outputLimit: Int) async throws -> Ending {
            var options = PlatformOptions()
            // A session of its own, so that all of it can be killed.
            options.createSession = true
            options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
            var variables: [Environment.Key: String] = [:]
            for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
            let result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments), environment: .custom(variables),
                workingDirectory: FilePath("/"), platformOptions: options, input: .string(input),
                output: .bytes(limit: outputLimit), error: .string(limit: 16_384))
            let status: Int32 =
                switch result.terminationStatus {
                case .exited(let code): code
                case .signaled(let signal): -signal
                }
            return Ending(status: status, output: result.standardOutput, problem: result.standardError)
        }

        private static let timedOut = ToolFailure(
            "timeout", "timeout: the display did not answer in time",
            remedy: "look at the desktop, then repeat the call")
    }
#endif
