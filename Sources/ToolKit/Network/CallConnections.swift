internal import Synchronization

/// The ledger of one call: every connection that was made or refused for it, in order.
public final class CallConnections: Sendable {
    public struct Entry: Sendable, Hashable {
        /// `nil` for a connection that named nothing that could be judged.
        public var endpoint: WebEndpoint?
        /// How a program asked for it; `nil` for our own fetches.
        public var way: Way?
        /// `nil` when nothing was connected to.
        public var address: IPAddress?
        /// Bytes on the wire.
        public var sent = 0
        public var received = 0
        public var verdict: PathVerdict
        public var rule: String?
        /// Why it was refused or what went wrong, one clause; `nil` when nothing did.
        public var problem: String?
        /// What whoever made the call is told of a refusal.
        public var refusal: Refusal?

        /// What a program says to the proxy of its network.
        public enum Way: String, Sendable, Hashable {
            case http
            case connect
            case socks
        }

        /// Of a connection, for people.
        public struct Refusal: Sendable, Hashable {
            /// One sentence without a full stop.
            public let message: String
            public let remedy: String

            public init(_ message: String, remedy: String) {
                self.message = message
                self.remedy = remedy
            }
        }

        public init(
            _ endpoint: WebEndpoint?, address: IPAddress? = nil, verdict: PathVerdict, rule: String?,
            problem: String? = nil
        ) {
            self.endpoint = endpoint
            self.address = address
            self.verdict = verdict
            self.rule = rule
            self.problem = problem
        }

        public var json: JSONValue {
            var members: [String: JSONValue] = [
                "scheme": JSONValue(endpoint?.scheme.rawValue), "host": JSONValue(endpoint?.host.description),
                "port": endpoint.map { .integer($0.port) } ?? .null, "address": JSONValue(address?.description),
                "bytes_sent": .integer(sent), "bytes_received": .integer(received), "rule": JSONValue(rule),
                "verdict": .string(verdict.word),
            ]
            if let way { members["way"] = .string(way.rawValue) }
            if let problem { members["problem"] = .string(problem) }
            return .object(members)
        }
    }

    /// More are counted with their bytes, not kept.
    public static let limit = 200
    /// Refusals cost whoever makes them nothing, so they must not take all the room of connections that came about.
    public static let refusedLimit = 100

    private struct Ledger {
        var entries: [Entry] = []
        /// Of them those that came to nothing.
        var refused = 0
        var more = 0
        var sent = 0
        var received = 0
    }

    private let ledger = Mutex(Ledger())

    public init() {}

    public func note(_ entry: Entry) {
        ledger.withLock { ledger in
            let isRefused = entry.address == nil
            let hasRoom = ledger.entries.count < Self.limit && !(isRefused && ledger.refused >= Self.refusedLimit)
            if hasRoom {
                ledger.entries.append(entry)
                if isRefused { ledger.refused += 1 }
                return
            }
            ledger.more += 1
            ledger.sent += entry.sent
            ledger.received += entry.received
        }
    }

    public var entries: [Entry] { ledger.withLock { $0.entries } }

    /// For the audit; `nil` when there was none.
    public var json: JSONValue? {
        let ledger = ledger.withLock { $0 }
        guard !ledger.entries.isEmpty else { return nil }
        guard ledger.more > 0 else { return .array(ledger.entries.map(\.json)) }
        let rest: JSONValue = [
            "more": .integer(ledger.more), "bytes_sent": .integer(ledger.sent),
            "bytes_received": .integer(ledger.received),
        ]
        return .array(ledger.entries.map(\.json) + [rest])
    }
}

extension PathVerdict {
    fileprivate var word: String {
        switch self {
        case .allow: "allow"
        case .ask: "ask"
        case .deny: "deny"
        }
    }
}
