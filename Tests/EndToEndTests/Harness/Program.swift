import Foundation
import Synchronization

/// A program that a test starts, and certainly ends.
final class Program: Sendable {
    struct Ending: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    private let process: Process
    private let output = Captured()
    private let errors = Captured()

    /// - Parameter environment: The whole environment of the program.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"]) { own, _ in own }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        output.start()
        errors.start()
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var outputSoFar: String { output.text }
    var errorsSoFar: String { errors.text }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for the program's end on a thread that may block.
    func ending() async -> Ending {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                process.waitUntilExit()
                continuation.resume(
                    returning: Ending(
                        status: process.terminationStatus, output: output.wholeText(), errors: errors.wholeText()))
            }
        }
    }

    /// Waits until the output holds what `find` looks for, or the program ends.
    func waitForOutput<Found>(_ find: (String) -> Found?) async -> Found? {
        while true {
            if let found = find(output.text) { return found }
            guard process.isRunning else { return find(output.wholeText()) }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], folder: String? = nil
    ) async throws -> Ending {
        try await Program(path, arguments, environment: environment, folder: folder).ending()
    }
}

/// What a pipe brought so far. Its own thread reads it, so that a full pipe never stops the program.
private final class Captured: Sendable {
    let pipe = Pipe()
    private let bytes = Mutex(Data())
    private let done = DispatchSemaphore(value: 0)

    func start() {
        Thread.detachNewThread { [self] in
            while true {
                let more = pipe.fileHandleForReading.availableData
                if more.isEmpty { break }
                bytes.withLock { $0.append(more) }
            }
            done.signal()
        }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func wholeText() -> String {
        // A grandchild may hold the pipe; what came until then has to do.
        _ = done.wait(timeout: .now() + 5)
        done.signal()
        return text
    }
}
