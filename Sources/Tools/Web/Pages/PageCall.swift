internal import Foundation
internal import ToolKit

/// What the tools that use a browser have in common.
enum PageCall {
    static let allowlist = ArgumentSchema.Property.optional(
        "allowlist", .array(of: .string(minLength: 1, maxLength: 1_024), count: 1...100),
        "Hosts that this call is kept to, of those that policy opens: host, host:port or *.example.org.")
    static let headless = ArgumentSchema.Property.optional(
        "headless", .boolean, default: true, "Always true: no window is shown.")

    static func url(_ text: String) throws(ToolFailure) -> WebURL {
        do throws(WebURLError) {
            return try WebURL(text)
        } catch {
            throw error.failure
        }
    }

    /// - Throws: ``ToolFailure`` for an allowlist that cannot be read, or that does not hold a URL of the call itself.
    static func visit(
        _ urls: [WebURL], allowlist: [String]?, stepTime: Duration
    ) throws(ToolFailure) -> BrowserVisit {
        var visit = BrowserVisit(urls: urls, stepTime: stepTime)
        guard let allowlist else { return visit }
        let list: HostAllowlist
        do throws(WebURLError) {
            list = try HostAllowlist(allowlist)
        } catch {
            throw ToolFailure(
                "invalid_allowlist", "allowlist \(error)",
                remedy: "send hosts such as \"example.org\" or \"localhost:3000\"")
        }
        if let outside = urls.first(where: { !list.contains($0.endpoint) }) {
            throw ToolFailure(
                "policy_blocked", "the allowlist of the call does not hold \(outside.endpoint)",
                remedy: "name the host in the call's allowlist, or leave the allowlist out")
        }
        visit.allowlist = list
        return visit
    }

    static func requireHeadless(_ isHeadless: Bool) throws(ToolFailure) {
        guard !isHeadless else { return }
        throw ToolFailure(
            "invalid_arguments", "headless must be true: the browser has no screen to show itself on",
            remedy: "leave headless out, and look at screenshots")
    }

    /// Whom a call sends requests to: what its URLs name.
    static func access(_ urls: [WebURL]) -> Access {
        var access = Access()
        for url in urls where !access.endpoints.contains(url.endpoint) { access.endpoints.append(url.endpoint) }
        return access
    }

    /// What a step answers.
    ///
    /// - Parameter pictures: Told of a picture; answers what to say of it.
    static func perform(
        _ step: PageStep, on page: any BrowserPage,
        pictures: (PagePicture) async throws -> JSONValue
    ) async throws -> JSONValue {
        switch step.deed {
        case .go(let url):
            try await page.open(url)
            return .null
        case .act(let action): return try await page.perform(action)
        case .picture(let area): return try await pictures(try await page.picture(of: area))
        }
    }

    /// The same failure, with the step in front.
    static func failure(_ failure: ToolFailure, in step: PageStep, at index: Int) -> ToolFailure {
        var named = ToolFailure(
            failure.code, "\(step.name(at: index)): \(failure.message)", remedy: failure.remedy)
        named.details = failure.details
        return named
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Keeps a picture beyond the call.
    ///
    /// - Returns: Its artifact, or why it is not kept.
    static func keep(
        _ bytes: [UInt8], as name: String, in context: ToolContext
    ) async -> (artifact: Artifact?, problem: String?) {
        do throws(ArtifactRefusal) {
            return (try await context.artifacts.keep(name, from: ArtifactBytes(bytes)), nil)
        } catch {
            return (nil, error.reason)
        }
    }
}
