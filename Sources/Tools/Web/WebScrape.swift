internal import HTML
package import ToolKit

/// Fetches one page and answers its text, its links or its tables.
package struct WebScrape: Tool {
    package struct Arguments: ToolArguments {
        package let url: String
        package let selector: String?
        package let mode: String

        package static let schema = ArgumentSchema(
            .required("url", .string(minLength: 1, maxLength: WebURL.lengthLimit), "The page: http or https."),
            .optional(
                "selector", .string(minLength: 1, maxLength: 4_096),
                "CSS: only what it finds is read. Without it the whole page is."),
            .optional(
                "mode", .choice(["text", "links", "tables"]), default: "text", aliases: ["extract"],
                "What to answer of it."))
    }

    package let name = "web_scrape"
    package let aliases = ["web_scrape_bs4"]
    package let description =
        "Fetches one page of a host that policy opens and answers its text, its links or its tables, of the whole page or of "
        + "what a CSS selector finds. Runs no scripts and sends no cookies."
    package let risk = Risk.medium
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Read a web page", readOnly: true, openWorld: true)
    package let timeLimit = Duration.seconds(60)

    private static let limits = FetchLimits()
    /// In bytes.
    private static let textLimit = 1 << 20
    private static let linkLimit = 10_000
    private static let cellLimit = 50_000

    package init() {}

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        _ = try Self.selector(arguments)
        return .fetch(try Self.url(arguments))
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        var plan = try context.web.plan(try Self.url(arguments), limits: Self.limits)
        plan["mode"] = .string(arguments.mode)
        plan["selector"] = JSONValue(arguments.selector)
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let selector = try Self.selector(arguments)
        let answer = try await context.web.fetch(try Self.url(arguments), limits: Self.limits)
        guard 200..<300 ~= answer.status else {
            throw ToolFailure(
                "http_error", "\(answer.url.endpoint) answered with the HTTP status \(answer.status)",
                remedy: "look at the address of the page; nothing is sent along that would sign in")
        }
        let page = try WebPage(answer)
        var result = try page.read(selector, mode: arguments.mode, in: context, limits: Self.pageLimits)
        result["url"] = .string(arguments.url)
        result["selector"] = JSONValue(arguments.selector)
        result["mode"] = .string(arguments.mode)
        result["final_url"] = .string(answer.url.description)
        return ToolOutput(.object(result), summary: "\(arguments.mode) of a page of \(answer.body.count) bytes")
    }

    private static let pageLimits = WebPage.Limits(text: textLimit, links: linkLimit, cells: cellLimit)

    private static func url(_ arguments: Arguments) throws(ToolFailure) -> WebURL {
        do throws(WebURLError) {
            return try WebURL(arguments.url)
        } catch {
            throw error.failure
        }
    }

    private static func selector(_ arguments: Arguments) throws(ToolFailure) -> Selector? {
        guard let text = arguments.selector else { return nil }
        do throws(SelectorError) {
            return try Selector(text)
        } catch {
            throw ToolFailure(
                "invalid_selector", "the selector \(error)",
                remedy: "send CSS such as \"table.results > tbody tr:nth-child(2) a[href]\"")
        }
    }
}
