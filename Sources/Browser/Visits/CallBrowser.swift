internal import Egress
package import ToolKit

/// The browser as one call may see it.
package struct CallBrowser: WebBrowser {
    let pool: BrowserPool
    let owner: String
    let granted: Set<WebEndpoint>
    let rules: any HostRules
    let connections: CallConnections
    let deadline: ContinuousClock.Instant

    /// - Parameters:
    ///   - owner: Whose call it is: a browser serves calls of one owner only.
    ///   - granted: Whom the call was let reach, by policy or by a person.
    ///   - rules: Those in force, for wherever pages lead.
    ///   - connections: Told of everything that is connected to or refused.
    ///   - deadline: When the call has to be done.
    package init(
        _ pool: BrowserPool, owner: String, granted: Set<WebEndpoint>, rules: any HostRules,
        connections: CallConnections,
        deadline: ContinuousClock.Instant
    ) {
        self.pool = pool
        self.owner = owner
        self.granted = granted
        self.rules = rules
        self.connections = connections
        self.deadline = deadline
    }

    package func plan(_ visit: BrowserVisit) throws -> [String: JSONValue] {
        let rules = RequestRules(rules, granted: Set(visit.urls.map(\.endpoint)), allowlist: visit.allowlist)
        var endpoints: [JSONValue] = []
        for url in visit.urls {
            let decision = rules.decision(on: url.endpoint)
            guard decision.verdict == .allow else { throw Self.blocked(decision) }
            var json = url.endpoint.json.objectValue ?? [:]
            json["rule"] = JSONValue(decision.rule)
            if !endpoints.contains(.object(json)) { endpoints.append(.object(json)) }
        }
        return ["endpoints": .array(endpoints), "browser": .string(pool.program.path), "confinement": "sandbox"]
    }

    package func visit<Result: Sendable>(
        _ visit: BrowserVisit, _ body: @Sendable (any BrowserPage) async throws -> Result
    ) async throws -> Result {
        let rules = RequestRules(rules, granted: granted, allowlist: visit.allowlist)
        for url in visit.urls {
            let decision = rules.decision(on: url.endpoint)
            guard decision.verdict == .allow else { throw Self.blocked(decision) }
        }
        let browser = try await pool.take(for: owner, until: deadline)
        await browser.proxy.turn(to: granted, rules, connections)
        var context: String?
        var isSound = true
        let outcome: Swift.Result<Result, any Error>
        do {
            let fresh = try await browser.page(until: min(.now + .seconds(20), deadline))
            context = fresh.context
            fresh.watch.serve(rules, connections)
            let page = OpenPage(
                connection: browser.connection, watch: fresh.watch, target: fresh.target, session: fresh.session,
                stepTime: visit.stepTime, deadline: deadline)
            outcome = .success(try await body(page))
        } catch {
            isSound = Self.leavesBrowserSound(error)
            outcome = .failure(Self.spoken(error))
        }
        let (disposing, mayLive) = (context, isSound)
        let pool = pool
        // Also when the call was cancelled.
        await Task {
            let isClean = mayLive ? await Self.clean(browser, disposing) : false
            await pool.giveBack(browser, isSound: isClean)
        }.value
        return try outcome.get()
    }

    /// - Returns: Whether nothing of the visit is left.
    private static func clean(_ browser: LiveBrowser, _ context: String?) async -> Bool {
        let end = ContinuousClock.now + .seconds(5)
        do {
            if let context {
                try await browser.connection.call(
                    "Target.disposeBrowserContext", ["browserContextId": .string(context)], until: end)
            }
        } catch {
            return false
        }
        browser.connection.listen(nil)
        await browser.proxy.turn(to: [], NothingAllowed(), CallConnections())
        browser.prepare()
        return true
    }

    private static func leavesBrowserSound(_ error: any Error) -> Bool {
        switch error {
        case let failure as ToolFailure: failure.code != "page_hangs" && failure.code != PageTrouble.gone.code
        case is CallInterrupted, is CancellationError: true
        default: false
        }
    }

    private static func spoken(_ error: any Error) -> any Error {
        switch error {
        case let hangs as PageHangs: hangs.failure
        case BrowserConnection.Failure.timedOut: PageTrouble.hangs(dialogs: 0)
        case BrowserConnection.Failure.gone: PageTrouble.gone
        case let notYet as OpenPage.NotYet: notYet.failure
        case is CommandRefused: PageTrouble.gone
        case is CancellationError: CallInterrupted.cancelled
        default: error
        }
    }

    private static func blocked(_ decision: HostDecision) -> ToolFailure {
        ToolFailure("policy_blocked", decision.sentence, remedy: decision.remedy)
    }
}
