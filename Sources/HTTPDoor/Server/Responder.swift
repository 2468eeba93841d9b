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

    @Sendable func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws
    {
        let hasRoom = inFlight.enter()
        defer { inFlight.leave() }
        var response: Response
        do {
            response = try await answer(request, channel, hasRoom: hasRoom)
        } catch let refusal as HTTPRefusal {
            await observe(refusal, of: request, channel)
            response = JSONAnswer.make(refusal)
        } catch is ExchangeWatch.RequestCut {
            throw ExchangeWatch.RequestCut()
        } catch {
            // A connection that breaks while its body is read ends up here too, and is nobody's fault.
            guard channel.isActive else { throw error }
            logger.error("request failed", metadata: ["error": "\(error)", "path": "\(request.uri.path)"])
            response = JSONAnswer.make(HTTPRefusal.internalError)
        }
        if request.method == .head { response = response.createHeadResponse() }
        try await writer.write(response: response.head, body: response.body)
    }

    private func answer(_ request: Request, _ channel: any Channel, hasRoom: Bool) async throws -> Response {
        switch routes.match(request.method, request.uri.path) {
        case .unknownPath: throw HTTPRefusal.notFound
        case .wrongMethod(let allow): throw HTTPRefusal.methodNotAllowed(allow)
        case .route(let route, let parameters):
            guard hasRoom || route.isCheap else { throw HTTPRefusal.overloaded }
            return try await route.handler(RouteRequest(request: request, parameters: parameters, channel: channel))
        }
    }

    private func observe(_ refusal: HTTPRefusal, of request: Request, _ channel: any Channel) async {
        guard let observer, !refusal.isRecorded else { return }
        await observer(
            RefusedRequest(
                peer: channel.remoteAddress?.ipAddress ?? "", method: request.method.rawValue,
                path: RefusedRequest.shortened(request.uri.path), status: refusal.status, code: refusal.code))
    }
}
