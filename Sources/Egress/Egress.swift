internal import NIOSSL
internal import Synchronization
package import ToolKit

/// The one guard for everything that leaves this machine on a call's behalf.
package final class Egress: Sendable {
    /// Whom to trust about certificates, as a file of PEM; for tests.
    package enum Trust: Sendable, Hashable {
        case system
        case file(String)
    }

    let resolver: any Resolver
    package let own: OwnPorts
    /// How many connections programs have to their proxies.
    let proxied = Mutex(0)
    private let trust: Trust
    private let context = Mutex<NIOSSLContext?>(nil)

    package init(resolver: any Resolver = SystemResolver(), own: OwnPorts = OwnPorts(), trust: Trust = .system) {
        self.resolver = resolver
        self.own = own
        self.trust = trust
    }

    /// The web as one call may see it.
    ///
    /// - Parameters:
    ///   - granted: Whom the call was let reach, by policy or by a person.
    ///   - rules: Those in force, for where redirects lead.
    ///   - connections: Told of everything that is connected to or refused.
    package func fetcher(
        granted: Set<WebEndpoint>, rules: any HostRules, connections: CallConnections
    ) -> any WebFetcher {
        GuardedFetcher(egress: self, granted: granted, rules: rules, connections: connections)
    }

    /// The way out of a program's own network, for one call: what it lets pass is what ``fetcher(granted:rules:connections:)``
    /// would fetch from, but for hosts that policy asks about. To be closed when the program has ended.
    package func proxy(
        granted: Set<WebEndpoint> = [], rules: any HostRules, connections: CallConnections,
        watch: HoneytokenWatch? = .underWay, limits: ProxyLimits = ProxyLimits()
    ) -> GuardedProxy {
        GuardedProxy(
            ProxyJudge(egress: self, granted: granted, rules: rules, connections: connections, watch: watch), limits)
    }

    /// Reading the system's authorities takes a while, so it is done once, when they are needed first.
    func tlsContext() throws -> NIOSSLContext {
        try context.withLock { context in
            if let context { return context }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if case .file(let path) = trust { configuration.trustRoots = .file(path) }
            let made = try NIOSSLContext(configuration: configuration)
            context = made
            return made
        }
    }
}
