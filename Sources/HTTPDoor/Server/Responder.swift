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

    /// - Parameter peer: Numeric, without port.
    /// - Throws: ``Exchange/RequestCut`` when nobody takes an answer any more.
    func respond(to request: Request, from peer: String, at exchange: NIOLoopBound<Exchange>) async throws {
        let hasRoom = inFlight.enter()
        defer { inFlight.leave() }
        var response: Response
        do {
            response = try await answer(request, peer, hasRoom: hasRoom)
        } catch let refusal as HTTPRefusal {
            await observe(refusal, of: request, peer)
            response = JSONAnswer.make(refusal)
        } catch let cut as Exchange.RequestCut {
            throw cut
        } catch {
            logger.error("request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
            response = JSONAnswer.make(HTTPRefusal.internalError)
        }
        if request.method == .head { response = response.createHeadResponse() }
        try await response.body.write(AnswerWriter(exchange, response))
    }

    private func answer(_ request: Request, _ peer: String, hasRoom: Bool) async throws -> Response {
        switch routes.match(request.method, request.uri.path) {
        case .unknownPath: throw HTTPRefusal.notFound
        case .wrongMethod(let allow): throw HTTPRefusal.methodNotAllowed(allow)
        case .route(let route, let parameters):
            guard hasRoom || route.isCheap else { throw HTTPRefusal.overloaded }
            return try await route.handler(RouteRequest(request: request, parameters: parameters, peer: peer))
        }
    }

    private func observe(_ refusal: HTTPRefusal, of request: Request, _ peer: String) async {
        guard let observer, !refusal.isRecorded else { return }
        await observer(
            RefusedRequest(
                peer: peer, method: request.method.rawValue, path: RefusedRequest.shortened(request.uri.path),
                status: refusal.status, code: refusal.code))
    }
}
