/// Carries one request to the planner's endpoint. It follows no redirect, uses no proxy and tries nothing again.
package protocol PlannerTransport: Sendable {
    /// - Parameters:
    ///   - url: http or https.
    ///   - key: Sent as a bearer token; into no message and no log.
    ///   - limit: Of the answer's body, in bytes.
    ///   - duration: For all of it.
    /// - Throws: ``PlannerTransportFailure``; `CancellationError`.
    func post(
        _ body: [UInt8], to url: String, key: String?, limit: Int, within duration: Duration
    ) async throws -> (status: Int, body: [UInt8])
}

/// Why there is no answer: a clause that follows "the planner's endpoint".
package struct PlannerTransportFailure: Error, Sendable, Hashable {
    package let clause: String

    package init(_ clause: String) { self.clause = clause }
}

/// The key of the endpoint, read once at the start, so that the record knows it as a secret from its first line on.
package struct PlannerKey: Sendable {
    package let variable: String
    package let value: String

    package init(variable: String, value: String) {
        self.variable = variable
        self.value = value
    }
}
