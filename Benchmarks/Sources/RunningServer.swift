internal import Foundation

/// A server that this benchmark started and ends again.
final class RunningServer {
    let port: UInt16
    let facts: ProcessFacts
    private let process: Process

    init(program: String, arguments: [String], environment: [String: String], output: String, port: UInt16) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forWritingAtPath: output)
        else { throw BenchFailure("\(output) cannot be written") }
        process.standardOutput = handle
        process.standardError = handle
        self.port = port
        do {
            try process.run()
        } catch {
            throw BenchFailure("\(program) does not start: \(error.localizedDescription)")
        }
        facts = ProcessFacts(pid: process.processIdentifier)
        self.output = output
    }

    private let output: String

    /// Asks until it answers 200.
    func awaitAnswer(of path: String) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let client = try? LoopbackClient(port: port),
                let answer = try? client.ask(path, token: BenchDaemon.token),
                answer.status == 200
            {
                return
            }
            guard process.isRunning else { break }
            usleep(500)
        }
        let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        stop()
        throw BenchFailure("no answer from the server on port \(port); it said: \(said.suffix(600))")
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    deinit { stop() }
}
