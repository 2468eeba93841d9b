internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Takes a request that the guard let through to its route and turns what comes of it into an answer: the one place where
/// this door makes answers of errors.
struct Responder: Sendable {
    let routes: RouteTable
    let observer: RefusalObserver?
    let inFlight: Gauge
    let logger: Logger

    /// - Throws: ``Exchange/RequestCut`` when nobody takes an answer any more.
    func respond(
        to received: ReceivedRequest, at exchange: NIOLoopBound<Exchange>, on channel: any Channel
    ) async throws {
        let hasRoom = inFlight.enter()
        defer { inFlight.leave() }
        var response: Response
        do {
            response = try await answer(received, channel, hasRoom: hasRoom)
        } catch let refusal as HTTPRefusal {
            await observe(refusal, of: received)
            response = JSONAnswer.make(refusal)
        } catch let cut as Exchange.RequestCut {
            throw cut
        } catch {
            logger.error("request failed", metadata: ["error": "\(error)", "path": "\(received.request.uri.path)"])
            response = JSONAnswer.make(HTTPRefusal.internalError)
        }
        if received.request.method == .head { response = response.createHeadResponse() }
        try await response.body.write(AnswerWriter(exchange, response))
    }

    private func answer(_ received: ReceivedRequest, _ channel: any Channel, hasRoom: Bool) async throws -> Response {
        switch routes.match(received.request.method, received.request.uri.path) {
        case .unknownPath: throw HTTPRefusal.notFound
        case .wrongMethod(let allow): throw HTTPRefusal.methodNotAllowed(allow)
        case .route(let route, let parameters):
            guard hasRoom || route.isCheap else { throw HTTPRefusal.overloaded }
            return try await route.handler(RouteRequest(received, parameters: parameters, channel: channel))
        }
    }

    private func observe(_ refusal: HTTPRefusal, of received: ReceivedRequest) async {
        guard let observer, !refusal.isRecorded else { return }
        await observer(
            RefusedRequest(
                peer: received.peer, method: received.request.method.rawValue,
                path: RefusedRequest.shortened(received.request.uri.path), status: refusal.status, code: refusal.code))
    }
}
