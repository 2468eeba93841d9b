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

    /// What happens at the daemon from now on, or after the event `last`, until it ends the stream.
    ///
    /// - Parameter receive: Called with each event; returns whether to go on.
    /// - Throws: ``ClientFailure``, ``DaemonRefusal``.
    func watch(after last: Int?, _ receive: (ServerEvent) async throws -> Bool) async throws
}
