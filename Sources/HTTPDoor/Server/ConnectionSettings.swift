internal import NIOCore

/// What all connections of one server share, with the durations as the event loop wants them.
final class ConnectionSettings: Sendable {
    let limits: ServerLimits
    let admission: Admission
    let observer: RefusalObserver?
    let header: TimeAmount
    let body: TimeAmount
    let idle: TimeAmount
    let write: TimeAmount
    let linger: TimeAmount
    /// For peers beyond the limit of connections.
    let shortLinger: TimeAmount
    let grace: TimeAmount

    init(limits: ServerLimits, hosts: HostRule, observer: RefusalObserver?) {
        self.limits = limits
        self.admission = Admission(hosts: hosts, bodyLimit: limits.bodyBytes)
        self.observer = observer
        header = TimeAmount(limits.headerDeadline)
        body = TimeAmount(limits.bodyDeadline)
        idle = TimeAmount(limits.idleDeadline)
        write = TimeAmount(limits.writeDeadline)
        linger = TimeAmount(limits.lingerDeadline)
        shortLinger = min(TimeAmount(limits.lingerDeadline), .milliseconds(250))
        grace = TimeAmount(limits.shutdownGrace)
    }
}
