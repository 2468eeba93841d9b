/// Something that answers requests as a daemon does: the daemon, or a twin in a test.
protocol DaemonDoor: Sendable {
    var address: DaemonAddress { get }
    var hasToken: Bool { get }
    /// - Throws: ``ClientFailure`` when there is no answer; an answer that refuses is an answer.
    func send(_ request: DaemonRequest) async throws -> DaemonAnswer
    /// For answers that are files.
    ///
    /// - Throws: ``ClientFailure``.
    func fetch(_ request: DaemonRequest) async throws -> DaemonDownload
}
