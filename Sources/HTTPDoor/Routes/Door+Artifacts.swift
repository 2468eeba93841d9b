internal import Audit
internal import Engine
internal import Gate
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import ToolKit

extension Door {
    func addArtifactRoutes(to table: inout RouteTable) {
        table.add(.get, "/api/v1/execution/artifacts", authenticated(artifacts))
        // Its id is 128 random bits, which the list tells only to those who may read it.
        table.add(.get, "/api/v1/execution/artifacts/{artifact_id}", authenticated(needsKey: false, artifact))
    }

    @Sendable private func artifacts(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try principal.require(.readOwnRecords)
        let query = try Query(request)
        var wanted = ArtifactQuery(limit: try query.integer("limit", in: 1...1_000) ?? 100)
        wanted.before = try query.integer("before", in: 0...Int.max)
        wanted.auditID = query.text("audit_id")
        if !principal.role.allows(.readAllRecords) { wanted.principal = principal.name }
        if let auditID = wanted.auditID { _ = try await entry(auditID, visibleTo: principal) }
        let page = try await engine.artifacts.page(wanted)
        return JSONAnswer.make([
            "success": true, "artifacts": .array(page.records.map(\.json)), "count": .integer(page.records.count),
            "next": JSONValue(page.next),
        ])
    }

    @Sendable private func artifact(_ request: RouteRequest, _ principal: Principal) async throws -> Response {
        try principal.require(.readOwnRecords)
        let id = request.parameters["artifact_id"] ?? ""
        guard let record = try await engine.artifacts.record(id),
            principal.role.allows(.readAllRecords) || record.call.principal == principal.name
        else { throw HTTPRefusal.unknown("artifact") }
        return try await download(record)
    }

    /// A kept file, sent to be saved.
    func download(_ record: ArtifactRecord) async throws -> Response {
        let download = try await engine.blocking { () throws in
            guard let file = engine.artifacts.open(record) else { throw HTTPRefusal.unknown("artifact") }
            let beginning = try file.read(offset: 0, count: min(64, record.artifact.size))
            return (file: file, beginning: beginning)
        }
        let headers = ArtifactHeaders.fields(for: record.artifact, beginning: download.beginning)
        let body = body(of: download.file, size: record.artifact.size)
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Read piece by piece on threads that may block, as fast as the client takes it.
    private func body(of file: ArtifactFile, size: Int) -> ResponseBody {
        ResponseBody(contentLength: size) { [engine] writer in
            var offset = 0
            while offset < size {
                let count = min(256 << 10, size - offset)
                let start = offset
                let bytes = try await engine.blocking { try file.read(offset: start, count: count) }
                // What is missing at the end ends the connection: nobody takes a half for the whole.
                guard bytes.count == count else { throw TornArtifact() }
                try await writer.write(ByteBuffer(bytes: bytes))
                offset += count
            }
            try await writer.finish(nil)
        }
    }

    private struct TornArtifact: Error {}
}
