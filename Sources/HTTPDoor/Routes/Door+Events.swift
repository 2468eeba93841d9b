internal import Audit
internal import Engine
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import ToolKit

extension Door {
    func addEventRoutes(to table: inout RouteTable) {
        table.add(.get, "/api/v1/execution/events", authenticated(events))
    }

    /// Server-Sent Events: what happens, as it happens. `id` is the `seq` of the audit line; whoever comes back with
    /// `Last-Event-ID` is first told what it missed.
    @Sendable private func events(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try principal.require(.readOwnRecords)
        let watcher = Watcher(name: principal.name, seesAll: principal.role.allows(.readAllRecords))
        let last = try Self.lastEventID(request)
        let proof = Credential.proof(in: request.request.headers)
        // Before the look back, so that nothing falls between the two; what is told twice has the same id.
        let channel = request.channel
        guard let watch = hub.watch(as: watcher, cut: { channel.close(promise: nil) }) else {
            throw HTTPRefusal.overloaded
        }
        // One who hangs up makes room at once.
        channel.closeFuture.whenComplete { [weak watch] _ in watch?.end() }
        // A number from beyond this log's end comes from another log; here it would only keep everything from being told.
        let start = last.flatMap { $0 <= log.durableSeq ? $0 : nil } ?? 0
        let missed = if let last { try await engine.recorder.events(after: last, for: watcher) } else { [LiveEvent]() }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { [self] writer in
                try await writer.write(EventStream.greeting)
                var newest = start
                if !missed.isEmpty {
                    try await writer.write(EventStream.bytes(of: missed))
                    newest = max(newest, missed.compactMap(\.seq).max() ?? 0)
                }
                while let events = await watch.next() {
                    // A token or a sign-in that ended is told nothing more.
                    guard authenticator.isGood(proof, for: principal) else { break }
                    let fresh = events.filter { ($0.seq ?? .max) > newest }
                    newest = max(newest, fresh.compactMap(\.seq).max() ?? 0)
                    if fresh.isEmpty, !events.isEmpty { continue }
                    try await writer.write(EventStream.bytes(of: fresh))
                }
                try await writer.finish(nil)
            })
    }

    private static func lastEventID(_ request: RouteRequest) throws(HTTPRefusal) -> Int? {
        let header = request.request.headers[.lastEventID]
        let query = try Query(request).text("last_event_id")
        guard let text = header ?? query else { return nil }
        guard let seq = Int(text), seq >= 0 else {
            throw .field("Last-Event-ID", "must be a number that was an id before")
        }
        return seq
    }
}

/// How events are written (WHATWG HTML, 9.2).
enum EventStream {
    /// Tells a page how long to wait before it comes back, in milliseconds, and that it is connected.
    static let greeting = ByteBuffer(string: "retry: 2000\n: connected\n\n")

    /// A comment, a sign of life, for no events.
    static func bytes(of events: [LiveEvent]) -> ByteBuffer {
        guard !events.isEmpty else { return ByteBuffer(string: ": still here\n\n") }
        var buffer = ByteBuffer()
        for event in events {
            if let seq = event.seq { buffer.writeString("id: \(seq)\n") }
            buffer.writeString("event: \(event.name.rawValue)\ndata: ")
            buffer.writeBytes(event.data)
            buffer.writeString("\n\n")
        }
        return buffer
    }
}

extension HTTPField.Name {
    static let lastEventID = constant("Last-Event-ID")
}
