internal import NIOCore
internal import NIOPosix
internal import ToolKit

/// One question to the name servers, with an end.
struct Lookup {
    enum Failure: Error, Sendable { case timedOut }

    let resolver: any Resolver

    /// - Returns: An address itself; for a name what it leads to, empty when there is no such name.
    /// - Throws: ``Failure``, `CancellationError`, or what the resolver throws.
    func addresses(of host: WebHost, before deadline: NIODeadline) async throws -> [IPAddress] {
        let name: String
        switch host {
        case .address(let address): return [address]
        case .name(let text): name = text
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [IPAddress].self)
        let timer = loop.scheduleTask(deadline: deadline) { promise.fail(Failure.timedOut) }
        defer { timer.cancel() }
        // Outlives whoever asked when the system takes longer than they may: nobody can end its question.
        promise.completeWithTask { [resolver] in try await resolver.addresses(of: name) }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}
