internal import Logging
internal import HummingbirdCore
internal import Synchronization
internal import HTTPTypes
internal import Engine
internal import Audit
internal import Gate
internal import ToolKit

extension Door {
    /// Records a refused request that nobody else recorded (SECURITY R59). The server's observer.
    package func observe(_ request: RefusedRequest) async {
        let verdict = tally.withLock { $0.note(peer: request.peer, code: request.code, now: time.wall) }
        guard verdict == .record else { return }
        await write(
            status: request.status, code: request.code, method: request.method, path: request.path, peer: request.peer,
            principal: nil)
    }

    /// Records a refusal of a caller who was recognised.
    func record(_ refusal: HTTPRefusal, of request: RouteRequest, by principal: Principal) async {
        let verdict = callerTally.withLock { $0.note(peer: principal.name, code: refusal.code, now: time.wall) }
        guard verdict == .record else { return }
        await write(
            status: refusal.status, code: refusal.code, method: request.request.method.rawValue,
            path: RefusedRequest.shortened(request.request.uri.path), peer: request.peer, principal: principal.name)
    }

    /// Writes what was only counted in minutes that are over. For the owner to call every few seconds.
    package func tick() async {
        await write(tally.withLock { $0.drain(now: time.wall) }, of: "peer")
        await write(callerTally.withLock { $0.drain(now: time.wall) }, of: "principal")
    }

    /// Writes what was counted so far; for a daemon that stops.
    package func finish() async {
        await write(tally.withLock { $0.drainAll(now: time.wall) }, of: "peer")
        await write(callerTally.withLock { $0.drainAll(now: time.wall) }, of: "principal")
    }

    /// - Parameter member: What the name in a summary is: `peer` or `principal`.
    private func write(_ summaries: [FailureTally.Summary], of member: String) async {
        for summary in summaries {
            await append([
                "status": member == "peer" ? "unauthorized" : "invalid", "code": .string(summary.code),
                member: .string(summary.peer),
                "count": .integer(summary.count), "since": .integer(summary.minuteStart),
                "error": .string("\(summary.count) more requests like this in one minute"),
            ])
        }
    }

    private func write(
        status: Int, code: String, method: String, path: String, peer: String, principal: String?
    ) async {
        let isAboutRights = status == 401 || status == 403 || status == 429
        var fields: [String: JSONValue] = [
            "status": .string((isAboutRights ? CallStatus.unauthorized : .invalid).rawValue), "code": .string(code),
            "http_status": .integer(status), "method": .string(method), "path": .string(path), "peer": .string(peer),
            "error": .string(code),
        ]
        fields["principal"] = principal.map(JSONValue.string)
        await append(fields)
    }

    /// A refusal stands even when it cannot be recorded: nothing ran.
    private func append(_ fields: [String: JSONValue]) async {
        var fields = fields
        fields["tool_name"] = "request"
        fields["door"] = "http"
        fields["ts"] = .number(time.wall)
        do {
            _ = try await log.append(
                AuditRecord(
                    .refusal, auditID: Identifier.make("req"), fields: engine.recorder.withoutSecrets(fields)))
        } catch {
            logger.warning("a refused request could not be recorded", metadata: ["reason": "\(error)"])
        }
    }
}
