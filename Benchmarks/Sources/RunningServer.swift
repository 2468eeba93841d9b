internal import Foundation

/// A server that this benchmark started and ends again.
final class RunningServer {
    let port: UInt16
    private let process: ChildProcess
    private let output: String

    var facts: ProcessFacts { ProcessFacts(pid: process.pid) }

    init(program: String, arguments: [String], environment: [String: String], output: String, port: UInt16) throws {
        process = try ChildProcess(program, arguments, environment: environment, output: output)
        self.port = port
        self.output = output
    }

    /// Asks until it answers 200.
    func awaitAnswer(of path: String) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let client = try? LoopbackClient(port: port),
                let answer = try? client.ask(path, token: BenchDaemon.token), answer.status == 200
            {
                return
            }
            guard process.isRunning else { break }
            usleep(500)
        }
        stop()
        let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        throw BenchFailure("no answer from the server on port \(port); it said: \(said.suffix(600))")
    }

    func stop() { process.stop() }
}
