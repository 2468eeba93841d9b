internal import ToolKit

/// One page of one visit. What it is told is done by real input of the browser's, not by scripts of the page.
struct OpenPage: BrowserPage {
    let connection: BrowserConnection
    let watch: PageWatch
    let target: String
    let session: String
    let stepTime: Duration
    /// When the whole call has to be done.
    let deadline: ContinuousClock.Instant

    var account: VisitAccount { watch.account }

    /// The end of a step that begins now.
    var stepEnd: ContinuousClock.Instant { min(.now + stepTime, deadline) }

    /// A step that finds nothing in time has failed; a page that says nothing for a while longer hangs.
    private static let patience = Duration.seconds(5)

    /// Until when the page has to answer what is asked before `end`.
    func answerEnd(_ end: ContinuousClock.Instant) -> ContinuousClock.Instant {
        min(end + Self.patience, deadline + .seconds(2))
    }

    /// How often something is looked for again.
    static let pace = Duration.milliseconds(40)

    // MARK: Going somewhere

    func open(_ url: WebURL) async throws {
        let end = stepEnd
        watch.forgetRefusal()
        let answer: JSONValue
        do {
            answer = try await connection.call(
                "Page.navigate", ["url": .string(url.description)], in: session, until: end)
        } catch BrowserConnection.Failure.timedOut {
            connection.post("Page.stopLoading", in: session)
            throw PageTrouble.timeout("\(url.endpoint) did not answer", stepTime)
        } catch {
            throw trouble(error)
        }
        if answer["isDownload"]?.boolValue == true || answer["errorText"] != nil {
            throw NavigationTrouble.failure(
                answer["errorText"]?.stringValue ?? "net::ERR_ABORTED", to: url.endpoint,
                refusal: watch.refusedDocument)
        }
        // Only the fragment was another one.
        guard let loader = answer["loaderId"]?.stringValue else { return }
        while !watch.hasLoaded(loader) {
            try check()
            if watch.refusedDocument != nil {
                throw NavigationTrouble.failure("", to: url.endpoint, refusal: watch.refusedDocument)
            }
            // A later document took its place, or it is there but for something that never ends.
            if !watch.isLoading, watch.hasContent(loader) { break }
            if .now >= end {
                connection.post("Page.stopLoading", in: session)
                guard watch.hasContent(loader) else {
                    throw PageTrouble.timeout("\(url.endpoint) did not finish its page", stepTime)
                }
                break
            }
            try await Task.sleep(for: Self.pace / 4)
        }
        try await settle(until: max(end, .now + .seconds(1)))
    }

    /// Waits for what a step began: a navigation, or what its scripts do at once.
    func settle(until end: ContinuousClock.Instant) async throws {
        do {
            _ = try await evaluate(PageScripts.settle, [], in: .main(self), until: end)
        } catch let refused as CommandRefused where refused.isAboutGoneDocument {
            // It is on its way to the next one.
        }
        while watch.isLoading {
            try check()
            guard .now < end else {
                connection.post("Page.stopLoading", in: session)
                return
            }
            try await Task.sleep(for: Self.pace / 4)
        }
    }

    func location() async throws -> (url: String, title: String) {
        let answer = try await patiently(until: stepEnd) { end in
            try await evaluate(PageScripts.location, [], in: .main(self), until: end)
        }
        return (answer["url"]?.stringValue ?? "", answer["title"]?.stringValue ?? "")
    }

    // MARK: Asking documents

    /// A document: of the page itself or of a frame in it.
    struct Document {
        var session: String
        var frame: String

        static func main(_ page: OpenPage) -> Document { Document(session: page.session, frame: page.target) }
    }

    /// - Returns: What the function answers, as plain data.
    func evaluate(
        _ function: String, _ arguments: [JSONValue], in document: Document, until end: ContinuousClock.Instant
    ) async throws -> JSONValue {
        let world = try await world(of: document, until: end)
        let words = arguments.map { String(decoding: JSONWriter.write($0, escaping: .required), as: UTF8.self) }
        let answer = try await connection.call(
            "Runtime.evaluate",
            [
                "expression": .string("(\(function))(\(words.joined(separator: ", ")))"), "contextId": world,
                "returnByValue": true, "awaitPromise": true, "silent": true,
            ], in: document.session, until: answerEnd(end))
        guard answer["exceptionDetails"] == nil else {
            throw CommandRefused(message: "a script of ours failed")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// The context beside the page's own in which our scripts run. Asked for again, it is the same.
    func world(of document: Document, until end: ContinuousClock.Instant) async throws -> JSONValue {
        let answer = try await connection.call(
            "Page.createIsolatedWorld", ["frameId": .string(document.frame), "worldName": "execution-layer"],
            in: document.session, until: answerEnd(end))
        return answer["executionContextId"] ?? .null
    }

    /// Does something once more when the document was replaced meanwhile.
    func patiently<Value: Sendable>(
        until end: ContinuousClock.Instant, _ body: (ContinuousClock.Instant) async throws -> Value
    ) async throws -> Value {
        while true {
            try check()
            do {
                return try await body(end)
            } catch let refused as CommandRefused where refused.isAboutGoneDocument && .now < end {
                try await Task.sleep(for: Self.pace)
            } catch {
                throw trouble(error)
            }
        }
    }

    // MARK: Trouble

    /// - Throws: ``ToolFailure`` when there is no page any more.
    func check() throws {
        try Task.checkCancellation()
        if watch.isGone || connection.isGone { throw PageTrouble.gone }
        if .now >= deadline { throw CallInterrupted.timedOut }
    }

    func trouble(_ error: any Error) -> any Error {
        switch error {
        case BrowserConnection.Failure.gone: PageTrouble.gone
        case BrowserConnection.Failure.timedOut: watch.isGone ? PageTrouble.gone : PageHangs(account: account)
        case is CommandRefused: watch.isGone || connection.isGone ? PageTrouble.gone : error
        default: error
        }
    }
}

/// The page did not answer in time: whoever keeps the browser does not use it again.
struct PageHangs: Error {
    let account: VisitAccount
    var failure: ToolFailure { PageTrouble.hangs(dialogs: account.dialogs) }
}
