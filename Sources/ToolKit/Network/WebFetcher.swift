/// The web as one call may see it: hosts that the gate granted it, and wherever those lead as far as rules allow.
public protocol WebFetcher: Sendable {
    /// Asks for one page and follows its redirects. Sends no cookie, no token and nothing else that tells who asks.
    ///
    /// - Throws: ``ToolFailure`` when it is not had, ``CallInterrupted`` when the call ended meanwhile.
    func fetch(_ url: WebURL, limits: FetchLimits) async throws -> WebAnswer

    /// What ``fetch(_:limits:)`` would ask, for the plan of a dry run. Resolves and sends nothing.
    ///
    /// - Throws: ``ToolFailure`` where it is known already that there would be no answer.
    func plan(_ url: WebURL, limits: FetchLimits) throws -> [String: JSONValue]
}

/// How much of the web one fetch may take.
public struct FetchLimits: Sendable, Hashable {
    /// For everything: names, connections, redirects, the body.
    public var time: Duration
    /// Bytes of a body, as it is sent and once it is unpacked.
    public var body: Int
    /// Bytes of an answer's head.
    public var head: Int
    public var redirects: Int

    public init(
        time: Duration = .seconds(30), body: Int = 8 << 20, head: Int = 64 << 10, redirects: Int = 5
    ) {
        self.time = time
        self.body = body
        self.head = head
        self.redirects = redirects
    }
}

/// What a server said at the end of all redirects.
public struct WebAnswer: Sendable, Hashable {
    /// Where it came from.
    public var url: WebURL
    public var status: Int
    /// As it was sent; empty when it was not.
    public var contentType: String
    /// Unpacked.
    public var body: [UInt8]
    public var redirects: Int

    public init(url: WebURL, status: Int, contentType: String, body: [UInt8], redirects: Int = 0) {
        self.url = url
        self.status = status
        self.contentType = contentType
        self.body = body
        self.redirects = redirects
    }
}

/// For a world without a network.
public struct NoWeb: WebFetcher {
    public init() {}

    public func fetch(_ url: WebURL, limits: FetchLimits) async throws -> WebAnswer { throw Self.failure }

    public func plan(_ url: WebURL, limits: FetchLimits) throws -> [String: JSONValue] { throw Self.failure }

    private static let failure = ToolFailure(
        "network_unavailable", "nothing is fetched here", remedy: "make the call to the daemon")
}
