internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import ToolKit

/// Speaks HTTP to one daemon: no redirects, no proxy, no retries, bounded in time and size. The token goes only where
/// nobody on the way can read it, and into no message.
struct DaemonClient: DaemonDoor {
    /// Answers beyond this are not read.
    static let answerLimit = 16 << 20
    /// Twice the largest file that a daemon keeps.
    static let fileLimit = 64 << 20
    static let connectSeconds = 5

    let address: DaemonAddress
    private let token: String?
    private let timeoutSeconds: Int

    /// - Parameter isInsecure: Lets a token cross a network in the clear.
    init(
        address: DaemonAddress, token: String?, timeoutSeconds: Int, isInsecure: Bool = false
    ) throws(ClientFailure) {
        if let token {
            guard !token.isEmpty, token.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw .badToken }
            guard address.isLoopback || address.scheme == .https || isInsecure else {
                throw .tokenInTheClear(address)
            }
        }
        self.address = address
        self.token = token
        self.timeoutSeconds = timeoutSeconds
    }

    var hasToken: Bool { token != nil }

    func send(_ request: DaemonRequest) async throws -> DaemonAnswer {
        try await exchange(request, upTo: Self.answerLimit) { status, _, bytes in try answer(status, bytes) }
    }

    func fetch(_ request: DaemonRequest) async throws -> DaemonDownload {
        try await exchange(request, upTo: Self.fileLimit) { status, headers, bytes in
            // A file is always sent to be saved; an answer never is.
            if status == 200, headers["content-disposition"].first?.hasPrefix("attachment") == true {
                return .file(bytes)
            }
            return .answer(try answer(status, bytes))
        }
    }

    private func answer(_ status: Int, _ bytes: [UInt8]) throws -> DaemonAnswer {
        do {
            return DaemonAnswer(status: status, body: try JSONReader.read(bytes))
        } catch {
            throw ClientFailure.notADaemon(address, "the answer (HTTP \(status)) is not JSON")
        }
    }

    private func exchange<Result: Sendable>(
        _ request: DaemonRequest, upTo limit: Int,
        _ read: @Sendable (_ status: Int, _ headers: HTTPHeaders, _ bytes: [UInt8]) throws -> Result
    ) async throws -> Result {
        do {
            return try await HTTPClient.withHTTPClient(configuration: Self.configuration) { client in
                let response = try await client.execute(
                    httpRequest(request), deadline: .now() + .seconds(Int64(timeoutSeconds)))
                let status = Int(response.status.code)
                guard !(300..<400 ~= status) else {
                    throw ClientFailure.notADaemon(address, "it redirects, and redirects are not followed")
                }
                return try read(status, response.headers, try await body(of: response, upTo: limit))
            }
        } catch let failure as ClientFailure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPClientError {
            throw failure(for: error)
        } catch {
            // Connecting failed, or the connection broke: the errors of sockets and TLS have no common type.
            throw ClientFailure.unreachable(address)
        }
    }

    func watch(after last: Int?, _ receive: (ServerEvent) async throws -> Bool) async throws {
        var configuration = Self.configuration
        // The daemon gives a sign of life every 14 seconds.
        configuration.timeout.read = .seconds(45)
        do {
            try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                var message = httpRequest(.api(.get, "events"))
                message.headers.replaceOrAdd(name: "accept", value: "text/event-stream")
                if let last { message.headers.add(name: "last-event-id", value: String(last)) }
                let response = try await client.execute(message, deadline: .distantFuture)
                guard response.status == .ok else {
                    let bytes = Array(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
                    let answer = DaemonAnswer(
                        status: Int(response.status.code), body: (try? JSONReader.read(bytes)) ?? .null)
                    let status = ResultReading.status(of: answer)
                    throw DaemonRefusal(
                        answer: answer, failure: ResultReading.failure(of: answer.body, status: status))
                }
                var reader = ServerEventReader()
                for try await part in response.body {
                    for event in reader.take(part.readableBytesView) {
                        guard try await receive(event) else { return }
                    }
                }
            }
        } catch let error as HTTPClientError {
            throw failure(for: error)
        }
    }

    private func body(of response: HTTPClientResponse, upTo limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await response.body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ClientFailure.answerTooLarge(address, limit: limit)
        }
    }

    private func httpRequest(_ request: DaemonRequest) -> HTTPClientRequest {
        var message = HTTPClientRequest(url: address.description + request.target)
        message.method = .init(rawValue: request.method.rawValue)
        message.headers.add(name: "accept", value: "application/json")
        message.headers.add(name: "user-agent", value: "execlayer")
        if let token, request.sendsToken { message.headers.add(name: "x-execution-token", value: token) }
        if let body = request.body {
            message.headers.add(name: "content-type", value: "application/json")
            message.body = .bytes(JSONWriter.write(body))
        }
        return message
    }

    private func failure(for error: HTTPClientError) -> any Error {
        switch error {
        case .cancelled: CancellationError()
        case .readTimeout, .deadlineExceeded, .writeTimeout: ClientFailure.timedOut(address, seconds: timeoutSeconds)
        case .remoteConnectionClosed: ClientFailure.notADaemon(address, "it closed the connection without an answer")
        default: ClientFailure.unreachable(address)
        }
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: .seconds(Int64(connectSeconds))), proxy: nil,
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        // A refused connection is an answer; trying on until the deadline would only hide it.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
