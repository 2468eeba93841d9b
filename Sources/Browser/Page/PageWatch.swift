internal import Synchronization
internal import ToolKit

/// Sees everything that happens in the browser during one visit: judges requests, answers dialogs, takes hold of every
/// frame, worker and window before it runs anything, and knows how far the page has come.
///
/// Called by the task that reads; it answers at once and waits for nothing.
final class PageWatch: Sendable {
    struct Target: Sendable, Hashable {
        var session: String
        var kind: String
    }

    fileprivate struct State {
        /// By the target's id.
        var targets: [String: Target] = [:]
        var mainTarget: String?
        var isLoading = false
        /// Of the documents that came so far.
        var begun: [String] = []
        var loaded: Set<String> = []
        var isGone = false
        var judge = RequestJudge(rules: NothingAllowed())
        var ledger = CallConnections()
        var honeytokens: HoneytokenWatch?
        var account = VisitAccount()
        /// The last request of the main frame that was refused.
        var refusedDocument: String?
        /// Windows that are open.
        var windows: Set<String> = []
    }

    /// A page opens no more windows than this; a further one is closed.
    private static let windowLimit = 8
    /// Frames and workers, windows included.
    private static let targetLimit = 200

    private let connection: BrowserConnection
    private let context: String
    private let state = Mutex(State())

    init(_ connection: BrowserConnection, context: String) {
        self.connection = connection
        self.context = context
    }

    /// From here on a call uses the page. Before, it may ask for nothing.
    ///
    /// - Parameter honeytokens: The call's; shown every request.
    func serve(
        _ rules: any HostRules, _ ledger: CallConnections, honeytokens: HoneytokenWatch? = .underWay
    ) {
        state.withLock { state in
            state.honeytokens = honeytokens
            state.judge = RequestJudge(rules: rules)
            state.ledger = ledger
        }
    }

    var account: VisitAccount { state.withLock { $0.account } }
    var isLoading: Bool { state.withLock { $0.isLoading } }
    var isGone: Bool { state.withLock { $0.isGone } }
    var refusedDocument: String? { state.withLock { $0.refusedDocument } }

    func session(of target: String) -> String? { state.withLock { $0.targets[target]?.session } }

    /// From here on this one is the page.
    func follow(_ target: String) { state.withLock { $0.mainTarget = target } }

    /// A navigation begins that somebody asked for.
    func forgetRefusal() { state.withLock { $0.refusedDocument = nil } }

    /// Whether the document has been loaded, with all that belongs to it or as far as its own text goes.
    func hasLoaded(_ loader: String) -> Bool { state.withLock { $0.loaded.contains("load " + loader) } }
    func hasContent(_ loader: String) -> Bool { state.withLock { $0.loaded.contains("DOMContentLoaded " + loader) } }

    // MARK: Events

    func take(_ event: BrowserEvent) {
        switch event.name {
        case "Fetch.requestPaused": judge(event)
        case "Target.attachedToTarget": attached(event)
        case "Target.detachedFromTarget", "Target.targetDestroyed", "Target.targetCrashed": left(event)
        case "Page.javascriptDialogOpening": dialog(event)
        case "Browser.downloadWillBegin", "Page.downloadWillBegin":
            if event.session == nil { state.withLock { $0.account.downloads += 1 } }
        case "Page.frameStartedLoading", "Page.frameStartedNavigating": loading(event, true)
        case "Page.frameStoppedLoading": loading(event, false)
        case "Page.lifecycleEvent": lifecycle(event)
        case "Inspector.targetCrashed":
            state.withLock { if event.session == $0.mainSession { $0.isGone = true } }
        default: break
        }
    }

    private func judge(_ event: BrowserEvent) {
        guard let id = event["requestId"] else { return }
        let (judge, ledger, honeytokens) = state.withLock { ($0.judge, $0.ledger, $0.honeytokens) }
        let request = event["request"] ?? [:]
        let verdict = judge.judge(request["url"]?.stringValue ?? "")
        // URL, fields and body, as far as the browser shows it: behind TLS the proxy sees none of them.
        let isHeldBack = honeytokens?.see(request, in: .egress) ?? false
        if verdict == .pass, isHeldBack {
            return connection.post(
                "Fetch.failRequest", ["requestId": id, "errorReason": "BlockedByClient"], in: event.session)
        }
        guard case .refuse(let target, let endpoint, let rule, let reason) = verdict else {
            return connection.post("Fetch.continueRequest", ["requestId": id], in: event.session)
        }
        connection.post("Fetch.failRequest", ["requestId": id, "errorReason": "BlockedByClient"], in: event.session)
        let kind = event["resourceType"]?.stringValue ?? "Other"
        state.withLock { state in
            let refusal = VisitAccount.Refusal(target: target, kind: kind, reason: reason)
            if state.account.refusals.contains(refusal) || state.account.refusals.count >= VisitAccount.limit {
                state.account.furtherRefusals += 1
            } else {
                state.account.refusals.append(refusal)
            }
            if kind == "Document", event["frameId"]?.stringValue == state.mainTarget { state.refusedDocument = reason }
        }
        if let endpoint { ledger.note(.init(endpoint, verdict: .deny, rule: rule, problem: "policy_blocked")) }
    }

    /// Something new waits to be let run: a page, a frame of another site, a worker, a window.
    private func attached(_ event: BrowserEvent) {
        guard let session = event["sessionId"]?.stringValue, let info = event["targetInfo"],
            let target = info["targetId"]?.stringValue
        else { return }
        let kind = info["type"]?.stringValue ?? ""
        let isOurs = info["browserContextId"]?.stringValue.map { $0 == context } ?? true
        let isWindow = kind == "page" && info["openerId"]?.stringValue != nil
        let mayStay = state.withLock { state in
            guard isOurs else { return false }
            if isWindow, !state.windows.contains(target) {
                state.account.windows += 1
                guard state.windows.count < Self.windowLimit else { return false }
                state.windows.insert(target)
            }
            guard state.targets.count < Self.targetLimit else { return false }
            if state.targets[target] == nil { state.targets[target] = Target(session: session, kind: kind) }
            return true
        }
        // In this order: what was not asked to be told of before it runs is missed.
        connection.post("Fetch.enable", ["patterns": [["urlPattern": "*"]]], in: session)
        connection.post(
            "Target.setAutoAttach", ["autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true], in: session)
        if kind == "page" || kind == "iframe" {
            connection.post("Page.enable", in: session)
            connection.post("Page.setLifecycleEventsEnabled", ["enabled": true], in: session)
        }
        // Whoever opened it may be waiting for it, so it runs in every case.
        connection.post("Runtime.runIfWaitingForDebugger", in: session)
        if !mayStay { connection.post("Target.closeTarget", ["targetId": .string(target)]) }
    }

    private func left(_ event: BrowserEvent) {
        let session = event["sessionId"]?.stringValue
        let named = event["targetId"]?.stringValue
        state.withLock { state in
            let target = named ?? state.targets.first { $0.value.session == session }?.key
            guard let target else { return }
            // Of two holds on one target the first counts.
            if let session, state.targets[target]?.session != session { return }
            if target == state.mainTarget { state.isGone = true }
            state.targets[target] = nil
            state.windows.remove(target)
        }
    }

    /// Nobody looks at them, and a page that asks waits. To leave is never refused.
    private func dialog(_ event: BrowserEvent) {
        let leaves = event["type"]?.stringValue == "beforeunload"
        connection.post("Page.handleJavaScriptDialog", ["accept": .bool(leaves)], in: event.session)
        state.withLock { if !leaves { $0.account.dialogs += 1 } }
    }

    private func loading(_ event: BrowserEvent, _ isLoading: Bool) {
        state.withLock { state in
            guard event.session == state.mainSession, event["frameId"]?.stringValue == state.mainTarget else { return }
            state.isLoading = isLoading
        }
    }

    private func lifecycle(_ event: BrowserEvent) {
        guard let name = event["name"]?.stringValue, name == "load" || name == "DOMContentLoaded",
            let loader = event["loaderId"]?.stringValue
        else { return }
        state.withLock { state in
            guard event.session == state.mainSession, event["frameId"]?.stringValue == state.mainTarget else { return }
            // A page that loads itself anew for ever: only the last documents are asked about.
            state.begun.append(name + " " + loader)
            state.loaded.insert(name + " " + loader)
            if state.begun.count > 64 { state.loaded.remove(state.begun.removeFirst()) }
        }
    }
}

extension PageWatch.State {
    fileprivate var mainSession: String? { mainTarget.flatMap { targets[$0]?.session } }
}
