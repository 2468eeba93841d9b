internal import AsyncHTTPClient
internal import Engine
internal import NIOCore
internal import NIOHTTP1

/// Speaks HTTP to the planner's endpoint: no redirects, no proxy, no retries, bounded in time and size.
struct PlannerClient: PlannerTransport {
    private static let connectSeconds: Int64 = 5

    private static func configuration(_ duration: Duration) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            // A body that stops arriving ends here; the deadline ends with the head of an answer.
            timeout: .init(connect: .seconds(connectSeconds), read: .seconds(duration.components.seconds)), proxy: nil,
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    func post(
        _ body: [UInt8], to url: String, key: String?, limit: Int, within duration: Duration
    ) async throws -> (status: Int, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "accept", value: "application/json")
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        request.body = .bytes(body)
        let message = request
        let deadline = NIODeadline.now() + .nanoseconds(duration.components.seconds * 1_000_000_000)
        do {
            return try await HTTPClient.withHTTPClient(configuration: Self.configuration(duration)) { client in
                let response = try await client.execute(message, deadline: deadline)
                var bytes: [UInt8] = []
                for try await piece in response.body {
                    bytes.append(contentsOf: piece.readableBytesView)
                    guard bytes.count <= limit else {
                        throw PlannerTransportFailure("answers more than \(limit) bytes")
                    }
                    guard NIODeadline.now() < deadline else { throw Self.tooSlow }
                }
                return (Int(response.status.code), bytes)
            }
        } catch let failure as PlannerTransportFailure {
            throw failure
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw Self.tooSlow
        } catch let error as HTTPClientError where error == .cancelled {
            throw CancellationError()
        } catch {
            // The errors of sockets and TLS have no common type, and their words may hold what was sent.
            throw PlannerTransportFailure("cannot be reached")
        }
    }

    private static let tooSlow = PlannerTransportFailure("takes longer than it may")
}
