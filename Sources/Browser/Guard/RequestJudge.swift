internal import ToolKit

/// Judges the requests of a page by their URLs, before they are made. The proxy judges what becomes of them once more.
struct RequestJudge: Sendable {
    enum Verdict: Sendable, Equatable {
        case pass
        /// - Parameters:
        ///   - target: For people: scheme, host and port, or the scheme alone.
        ///   - endpoint: For the ledger, where there is one.
        case refuse(target: String, endpoint: WebEndpoint?, rule: String?, reason: String)
    }

    let rules: any HostRules

    func judge(_ url: String) -> Verdict {
        let scheme = String(url.prefix { $0 != ":" }).lowercased()
        switch scheme {
        // They lead nowhere: what they show is in the page already.
        case "data", "blob", "about": return .pass
        case "http", "https", "ws", "wss": break
        default:
            return .refuse(
                target: String(scheme.prefix(32)), endpoint: nil, rule: nil, reason: "only http and https leave here")
        }
        let spelled = scheme == "ws" ? "http" : scheme == "wss" ? "https" : scheme
        do throws(WebURLError) {
            let endpoint = try WebURL(spelled + ":" + Self.authority(url.dropFirst(scheme.count + 1))).endpoint
            let decision = rules.decision(on: endpoint)
            guard decision.verdict == .allow else {
                return .refuse(
                    target: endpoint.description, endpoint: endpoint, rule: decision.rule, reason: decision.sentence)
            }
            return .pass
        } catch {
            return .refuse(target: spelled, endpoint: nil, rule: nil, reason: "its URL \(error)")
        }
    }

    /// `//host:port` without path and query, which may be as long as they like.
    private static func authority(_ rest: Substring) -> Substring {
        guard rest.hasPrefix("//") else { return rest }
        let host = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return rest[rest.startIndex..<host.endIndex]
    }
}
