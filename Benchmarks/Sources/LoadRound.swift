internal import Foundation

/// One run of `wrk`: so many connections, so many seconds, every answer checked.
struct LoadRound {
    let perSecond: Double
    let medianMicroseconds: Double
    let p99Microseconds: Double
    /// Processor time of the server for one answer.
    let processorMicroseconds: Double

    enum Request {
        case file
        case call(dryRun: Bool)
        /// The body of a call, and what its answer must hold.
        case command(String, proofs: [String])

        var path: String {
            switch self {
            case .file: "/page.txt"
            case .call, .command: BenchDaemon.runPath
            }
        }

        var scriptArguments: [String] {
            switch self {
            case .file: ["file", "\(BenchDaemon.fileSize)"]
            case .call(let dryRun): ["call", BenchDaemon.token, BenchDaemon.call(dryRun: dryRun)]
            case .command(let body, let proofs): ["call", BenchDaemon.token, body] + proofs
            }
        }
    }

    init(
        _ request: Request, to server: RunningServer, connections: Int, seconds: Int, options: BenchOptions
    ) throws {
        let processes = [server.facts] + server.facts.children
        let before = processes.map(\.processorSeconds).reduce(0, +)
        let output = try Self.wrk(
            [
                "-t\(min(connections, 2))", "-c\(connections)", "-d\(seconds)s", "-s", options.script,
                "http://127.0.0.1:\(server.port)\(request.path)", "--",
            ] + request.scriptArguments,
            output: options.folder + "/wrk.txt")
        let spent = processes.map(\.processorSeconds).reduce(0, +) - before
        let numbers =
            output.split(separator: "\n").first { $0.hasPrefix("RESULT ") }
            .map { $0.split(separator: " ").dropFirst().compactMap { Double($0) } } ?? []
        guard numbers.count == 6, numbers[0] > 0 else { throw BenchFailure("wrk said: \(output)") }
        guard numbers[2] == 0, numbers[3] == 0 else {
            throw BenchFailure("\(Int(numbers[2])) wrong answers and \(Int(numbers[3])) broken connections: \(output)")
        }
        perSecond = numbers[0] / (numbers[1] / 1_000_000)
        medianMicroseconds = numbers[4]
        p99Microseconds = numbers[5]
        processorMicroseconds = spent * 1_000_000 / numbers[0]
    }

    private static func wrk(_ arguments: [String], output: String) throws -> String {
        let process = try ChildProcess(
            "/usr/bin/env", ["wrk"] + arguments, environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], output: output)
        process.waitForEnd()
        return try String(contentsOfFile: output, encoding: .utf8)
    }
}
