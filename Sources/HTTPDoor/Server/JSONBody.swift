package import HummingbirdCore
internal import NIOCore
package import ToolKit

/// Collects a request's body and reads it as strict JSON (SECURITY R45).
///
/// Size and time are bounded by the guard in front of the parser; a body that is cut off there throws here, so that its
/// beginning never passes for the whole.
package enum JSONBody {
    /// - Throws: ``HTTPRefusal`` 400 `malformed_json` with line and column, 422 `missing_body` for an empty one; the
    ///   connection's error when the body does not arrive.
    package static func read(_ body: RequestBody) async throws -> JSONValue {
        guard let value = try await readIfPresent(body) else {
            throw HTTPRefusal(
                422, code: "missing_body", "the request has no body",
                remedy: "send a JSON object with Content-Type application/json")
        }
        return value
    }

    /// The same, with `nil` for an empty body.
    package static func readIfPresent(_ body: RequestBody) async throws -> JSONValue? {
        let bytes = try await collect(body)
        guard bytes.readableBytes > 0 else { return nil }
        guard bytes.readableBytes > quickBytes else { return try parse(bytes) }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { try parse(bytes) }
    }

    /// As many are read in a fraction of a millisecond; more leave the event loop.
    static let quickBytes = 32 * 1_024

    static func parse(_ bytes: ByteBuffer) throws(HTTPRefusal) -> JSONValue {
        let result = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONSyntaxError) in try JSONReader.read(bytes) }
        }
        do throws(JSONSyntaxError) {
            return try result.get()
        } catch {
            throw malformed(error)
        }
    }

    private static func collect(_ body: RequestBody) async throws -> ByteBuffer {
        var iterator = body.makeAsyncIterator()
        guard var bytes = try await iterator.next() else { return ByteBuffer() }
        while var more = try await iterator.next() { bytes.writeBuffer(&more) }
        return bytes
    }

    private static func malformed(_ error: JSONSyntaxError) -> HTTPRefusal {
        HTTPRefusal(
            400, code: "malformed_json", "the body is not valid JSON: \(error)",
            remedy: "send one JSON document in UTF-8",
            more: ["line": .integer(error.line), "column": .integer(error.column)])
    }
}
