import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing
import ToolKit

/// The real daemon, on a port of its own.
final class Daemon: Sendable {
    let program: Program
    let base: String
    let token: String?

    /// The shared client would let eight requests wait for one another, whatever the daemon does.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    /// The executable beside the tests; `EXECLAYER_BINARY` names another one.
    static var executable: String {
        if let path = ProcessInfo.processInfo.environment["EXECLAYER_BINARY"] { return path }
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return (tests as NSString).deletingLastPathComponent + "/execlayer"
    }

    static func environment(of playground: Playground) -> [String: String] {
        ["HOME": playground.folder, "EXECUTION_HOME": playground.home]
    }

    init(
        in playground: Playground, token: String? = nil, arguments: [String] = [], environment: [String: String] = [:],
        under wrapper: [String] = []
    ) async throws {
        self.token = token
        var variables = Self.environment(of: playground).merging(environment) { _, own in own }
        variables["EXECUTION_TOKEN"] = token
        let command =
            wrapper + [Self.executable, "serve", "--workspace", playground.workspace, "--port", "0"] + arguments
        program = try Program(command[0], Array(command.dropFirst()), environment: variables)
        let found = await program.waitForOutput { output in
            output.components(separatedBy: "answers at ").dropFirst().first.flatMap { rest -> String? in
                guard let end = rest.firstIndex(of: "\n") else { return nil }
                return String(rest[..<end])
            }
        }
        guard let found else { throw DidNotStart(description: program.errorsSoFar) }
        base = found
    }

    struct Reply: Sendable {
        let status: Int
        let headers: [String: String]
        let bytes: [UInt8]
        let json: JSONValue

        var code: String? { json["code"]?.stringValue }
    }

    /// - Parameter token: What is sent; `nil` for none, absent for the daemon's own.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, token: String?? = .none,
        headers: [String: String] = [:]
    ) async throws -> Reply {
        try await send(method, path, bytes: body.map { JSONWriter.write($0) }, token: token, headers: headers)
    }

    func send(
        _ method: HTTPMethod, _ path: String, bytes: [UInt8]?, token: String?? = .none, headers: [String: String] = [:]
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        if let bytes {
            request.body = .bytes(bytes)
            request.headers.add(name: "Content-Type", value: "application/json")
        }
        let sent: String? =
            switch token {
            case .none: self.token;
            case .some(let given): given
            }
        if let sent { request.headers.add(name: "X-Execution-Token", value: sent) }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await Self.client.execute(request, timeout: .seconds(300))
        let answer = Array(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        var fields: [String: String] = [:]
        for field in response.headers { fields[field.name.lowercased()] = field.value }
        return Reply(
            status: Int(response.status.code), headers: fields, bytes: answer,
            json: (try? JSONReader.read(answer)) ?? .null)
    }

    func run(
        _ tool: String, _ arguments: JSONValue = [:], _ more: [String: JSONValue] = [:], token: String?? = .none
    ) async throws -> Reply {
        var call = more
        call["tool_name"] = .string(tool)
        call["args"] = arguments
        return try await send(.POST, "/api/v1/execution/run", .object(call), token: token)
    }

    func enable(_ tools: String...) async throws {
        for tool in tools {
            let reply = try await send(.PATCH, "/api/v1/execution/tools/\(tool)/enabled?enabled=true")
            #expect(reply.status == 200)
        }
    }

    func configure(_ fields: JSONValue) async throws -> Reply {
        try await send(.PATCH, "/api/v1/execution/config", fields)
    }

    /// Entries of the audit, newest first.
    func logs(_ query: String = "limit=50", token: String?? = .none) async throws -> [JSONValue] {
        try await send(.GET, "/api/v1/execution/logs?\(query)", token: token).json["logs"]?.arrayValue ?? []
    }

    /// Asks it to stop and waits for the end.
    @discardableResult
    func stop() async -> Program.Ending {
        program.signal(SIGTERM)
        return await program.ending()
    }

    /// As a crash would end it.
    func kill() async {
        program.signal(SIGKILL)
        _ = await program.ending()
    }
}

/// The command line of the product, beside a playground's home.
func execlayer(
    _ arguments: String..., in playground: Playground, environment: [String: String] = [:]
) async throws -> Program.Ending {
    try await Program.run(
        Daemon.executable, arguments,
        environment: Daemon.environment(of: playground).merging(environment) { _, own in own },
        folder: playground.workspace)
}
