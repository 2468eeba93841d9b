internal import NIOCore
internal import NIOPosix
internal import ToolKit

/// Connects to one of the addresses that were checked, and to nobody else.
struct ProxyDial {
    let limits: ProxyLimits

    private static let tries = 4

    /// - Returns: A connection from which nothing is read yet, and its address.
    /// - Throws: ``ProxyObjection``, or `CancellationError`.
    func connect(to addresses: [IPAddress], of endpoint: WebEndpoint) async throws -> (any Channel, IPAddress) {
        for address in addresses.prefix(Self.tries) {
            do {
                return (try await connect(to: address, endpoint.port), address)
            } catch let error as CancellationError {
                throw error
            } catch { continue }
        }
        throw ProxyObjection.unreachable(endpoint)
    }

    private func connect(to address: IPAddress, _ port: Int) async throws -> any Channel {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(limits.connecting.amount)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(to: try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: port))
        let promise = loop.makePromise(of: (any Channel).self)
        connecting.cascade(to: promise)
        // Nobody waits for it any more.
        promise.futureResult.whenFailure { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}
