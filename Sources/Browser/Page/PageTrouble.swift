internal import ToolKit

/// What stands in the way of a step, as the outcome of a tool.
enum PageTrouble {
    static func notFound(_ element: PageElement) -> ToolFailure {
        ToolFailure(
            "element_not_found", "nothing on the page matches the selector \(quoted(element))",
            remedy: "look at the page with a screenshot or an extract, and correct the selector")
    }

    static func notVisible(_ element: PageElement) -> ToolFailure {
        ToolFailure(
            "element_not_visible", "what the selector \(quoted(element)) finds cannot be seen",
            remedy: "do first what shows it, or choose a selector of something that is seen")
    }

    static func covered(_ element: PageElement, by other: String) -> ToolFailure {
        ToolFailure(
            "element_covered", "what the selector \(quoted(element)) finds is covered by another element, \(other)",
            remedy: "close what lies over it first")
    }

    static func disabled(_ element: PageElement) -> ToolFailure {
        ToolFailure(
            "element_disabled", "what the selector \(quoted(element)) finds is disabled",
            remedy: "do first what enables it")
    }

    static func invalidSelector(_ element: PageElement) -> ToolFailure {
        ToolFailure(
            "invalid_selector", "the browser does not understand the selector \(quoted(element))",
            remedy: "send CSS such as \"form#login input[name=user]\"")
    }

    static func wrongKind(_ element: PageElement, needs: String) -> ToolFailure {
        ToolFailure(
            "wrong_element", "what the selector \(quoted(element)) finds is no \(needs)",
            remedy: "choose another element or another action")
    }

    static func hangs(dialogs: Int) -> ToolFailure {
        let storm = dialogs > 10 ? "; it opened \(dialogs) dialogs" : ""
        return ToolFailure(
            "page_hangs", "the page does not answer any more\(storm)",
            remedy: "its scripts keep it busy; try another page, or a step before they start")
    }

    static let gone = ToolFailure(
        "page_crashed", "the page or the browser ended unexpectedly", remedy: "try again, or try a simpler page")

    static func timeout(_ what: String, _ time: Duration) -> ToolFailure {
        ToolFailure(
            "timeout", "timeout: \(what) within \(time.components.seconds) s",
            remedy: "allow more time, or look whether it ever happens")
    }

    private static func quoted(_ element: PageElement) -> String {
        let path = JSONWriter.quoted(element.frames.joined(separator: " > "))
        let frames = element.frames.isEmpty ? "" : " in the frame \(path)"
        return JSONWriter.quoted(String(element.selector.prefix(200))) + frames
    }
}

/// What a navigation came to.
enum NavigationTrouble {
    /// - Parameters:
    ///   - words: The browser's own, such as `net::ERR_NAME_NOT_RESOLVED`.
    ///   - refusal: Why a request for the document was refused, when one was.
    static func failure(_ words: String, to endpoint: WebEndpoint, refusal: String?) -> ToolFailure {
        if let refusal {
            return ToolFailure("policy_blocked", refusal, remedy: "have an operator list the host, or go elsewhere")
        }
        if words.contains("ERR_CERT") || words.contains("ERR_SSL") || words.contains("ERR_BAD_SSL") {
            return ToolFailure(
                "tls_failed",
                "no secure connection to \(endpoint): its certificate or its TLS is not acceptable",
                remedy: "look at the certificate; it is never overlooked")
        }
        if words.contains("ERR_TOO_MANY_REDIRECTS") {
            return ToolFailure(
                "too_many_redirects", "\(endpoint) redirects without end",
                remedy: "open the page that is meant by its own URL")
        }
        if words.contains("ERR_ABORTED") {
            return ToolFailure(
                "not_a_page", "\(endpoint) answered with something that is no page, such as a file to be saved",
                remedy: "open a page; files are not saved")
        }
        let isSafe = words.utf8.count <= 64 && words.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return ToolFailure(
            "unreachable", "\(endpoint) cannot be opened" + (isSafe ? ": \(words)" : ""),
            remedy: "look at host and port, whether something answers there, and whether policy opens it")
    }
}
