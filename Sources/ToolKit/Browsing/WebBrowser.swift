/// A real browser as one call may use it: hosts that the gate granted, and wherever their pages lead as far as rules allow.
public protocol WebBrowser: Sendable {
    /// Opens a page that shares nothing with earlier ones, and ends it and all that it began when `body` is done.
    ///
    /// - Parameter body: Uses the page; what it throws is thrown on.
    /// - Throws: ``ToolFailure`` when there is no browser or it broke down, ``CallInterrupted``.
    func visit<Result: Sendable>(
        _ visit: BrowserVisit, _ body: @Sendable (any BrowserPage) async throws -> Result
    ) async throws -> Result

    /// What a visit would be, for the plan of a dry run. Starts and sends nothing.
    ///
    /// - Throws: ``ToolFailure`` where it is known already that it could not be.
    func plan(_ visit: BrowserVisit) throws -> [String: JSONValue]
}

/// What a call wants of the browser, beside what it does there.
public struct BrowserVisit: Sendable, Hashable {
    /// Those that the call names, the first one first.
    public var urls: [WebURL]
    /// Narrows what policy opens.
    public var allowlist: HostAllowlist?
    /// How long one step may take, waiting for what it needs included.
    public var stepTime: Duration

    public init(urls: [WebURL], allowlist: HostAllowlist? = nil, stepTime: Duration = .seconds(15)) {
        self.urls = urls
        self.allowlist = allowlist
        self.stepTime = stepTime
    }
}

/// One page that is open. Its methods are called one after the other.
public protocol BrowserPage: Sendable {
    /// Goes there and waits until the page is loaded.
    func open(_ url: WebURL) async throws

    /// - Returns: What an ``PageAction/extract(_:_:all:)`` found, as a string, or an array of strings for all; `null`
    ///   otherwise.
    /// - Throws: ``ToolFailure`` that says what was in the way.
    func perform(_ action: PageAction) async throws -> JSONValue

    func picture(of area: PictureArea) async throws -> PagePicture

    /// The texts of all elements that there are at the moment; waits for none.
    ///
    /// - Parameter onlySeen: Leaves out what cannot be seen.
    func texts(of element: PageElement, onlySeen: Bool) async throws -> [String]

    /// Where the page is by now. Both are what the page says, cut to 8,192 and 1,024 bytes.
    func location() async throws -> (url: String, title: String)

    /// What happened beside the steps, so far.
    var account: VisitAccount { get }
}

/// What a page did that nobody asked it to.
public struct VisitAccount: Sendable, Hashable {
    /// A request that was not let out.
    public struct Refusal: Sendable, Hashable {
        /// Scheme, host and port, or the scheme alone.
        public var target: String
        /// What it was for, such as `Image`.
        public var kind: String
        public var reason: String

        public init(target: String, kind: String, reason: String) {
            self.target = target
            self.kind = kind
            self.reason = reason
        }
    }

    /// More are counted, not kept.
    public static let limit = 50

    public var refusals: [Refusal] = []
    public var furtherRefusals = 0
    /// Alerts and questions, all answered with no.
    public var dialogs = 0
    /// Windows that the page opened.
    public var windows = 0
    /// Files that it wanted to be saved; none was.
    public var downloads = 0

    public init() {}

    /// Members of a result, those that say something.
    public var members: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if !refusals.isEmpty {
            members["blocked"] = .array(
                refusals.map {
                    ["target": .string($0.target), "kind": .string($0.kind), "reason": .string($0.reason)]
                })
        }
        if furtherRefusals > 0 { members["blocked_more"] = .integer(furtherRefusals) }
        if dialogs > 0 { members["dialogs"] = .integer(dialogs) }
        if windows > 0 { members["windows"] = .integer(windows) }
        if downloads > 0 { members["downloads_refused"] = .integer(downloads) }
        return members
    }
}

/// For a world without a browser.
public struct NoBrowser: WebBrowser {
    private let reason: String

    public init(_ reason: String = "nothing is browsed here") { self.reason = reason }

    public func visit<Result: Sendable>(
        _ visit: BrowserVisit, _ body: @Sendable (any BrowserPage) async throws -> Result
    ) async throws -> Result { throw failure }

    public func plan(_ visit: BrowserVisit) throws -> [String: JSONValue] { throw failure }

    private var failure: ToolFailure {
        ToolFailure(
            "browser_unavailable", reason, remedy: "make the call to a daemon on a machine that has Chromium")
    }
}
