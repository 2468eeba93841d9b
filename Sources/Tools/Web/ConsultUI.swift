package import ToolKit

/// Asks a question at a page that the operator has set up, and answers what stands there then.
package struct ConsultUI: ProgramTool {
    package struct Arguments: ToolArguments {
        let provider: String
        let question: String
        let timeoutSec: Int
        let manualApproval: Bool

        package static let schema = ArgumentSchema(
            .required("provider", .string(minLength: 1, maxLength: 64), "The name of one in the configuration."),
            .required("question", .string(minLength: 1, maxLength: 20_000), "What to ask. It leaves this machine."),
            .optional("timeout_sec", .integer(5...600), default: 60, aliases: ["timeout"], "For the answer."),
            .optional(
                "manual_approval", .boolean, default: true,
                "A person approves each call; false does not change that."))
    }

    package let name = "consult_ui"
    package let description =
        "Opens the page of a provider that the configuration lists, asks a question there and answers what it says. A "
        + "person approves each call."
    package let risk = Risk.high
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(
        title: "Ask at a page", readOnly: false, destructive: true, openWorld: true)
    package let timeLimit = Duration.seconds(720)
    package let alwaysNeedsApproval = true
    package let availability: Availability
    private let providers: @Sendable () -> [String: ConsultProvider]

    /// In bytes.
    private static let answerLimit = 256 << 10
    /// An answer that is written bit by bit may pause for less.
    private static let calm = Duration.milliseconds(1_500)

    /// - Parameter providers: Those that the configuration lists at the moment, by name.
    package init(
        availability: Availability = .available,
        providers: @escaping @Sendable () -> [String: ConsultProvider] = { [:] }
    ) {
        self.availability = availability
        self.providers = providers
    }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .fetch(try provider(arguments).url) }

    private func provider(_ arguments: Arguments) throws(ToolFailure) -> ConsultProvider {
        let all = providers()
        guard let provider = all[arguments.provider] else {
            let known = all.keys.sorted().joined(separator: ", ")
            throw ToolFailure(
                "unknown_provider", "no provider of that name is configured",
                remedy: known.isEmpty
                    ? "an operator lists one under consult_providers of the configuration" : "configured are \(known)")
        }
        return provider
    }

    private func visit(_ provider: ConsultProvider) -> BrowserVisit {
        BrowserVisit(urls: [provider.url], stepTime: .seconds(30))
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let provider = try provider(arguments)
        var plan = try context.browser.plan(visit(provider))
        plan["summary"] = .string(
            "ask \(arguments.question.utf8.count) bytes at \(provider.url.endpoint); nothing was started or sent")
        plan["needs_approval"] = true
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let provider = try provider(arguments)
        let (answer, isComplete, account) = try await context.browser.visit(visit(provider)) { page in
            try await page.open(provider.url)
            let answers = PageElement(provider.answer)
            let before = try await Self.texts(of: answers, on: page)
            let input = PageElement(provider.input)
            _ = try await page.perform(.type(input, text: arguments.question, clears: true))
            if let submit = provider.submit {
                _ = try await page.perform(.click(PageElement(submit), count: 1))
            } else if let enter = KeyChord("Enter") {
                _ = try await page.perform(.press(input, enter))
            }
            let end = ContinuousClock.now + .seconds(arguments.timeoutSec)
            let (answer, isComplete) = try await Self.wait(
                for: answers, after: before, done: provider.done.map { PageElement($0) }, until: end, on: page, context)
            return (answer, isComplete, page.account)
        }
        guard let answer else {
            throw ToolFailure(
                "timeout", "timeout: \(provider.url.endpoint) gave no answer within \(arguments.timeoutSec) s",
                remedy: "allow more time, or look whether the provider's selectors still fit its page")
        }
        var result = account.members
        result["provider"] = .string(arguments.provider)
        result["answer"] = .string(String(decoding: answer.utf8.prefix(Self.answerLimit), as: UTF8.self))
        if answer.utf8.count > Self.answerLimit { result["truncated"] = true }
        if !isComplete { result["incomplete"] = true }
        return ToolOutput(
            .object(result), summary: "an answer of \(answer.utf8.count) bytes", confinement: "sandbox")
    }

    /// - Returns: The answer, `nil` when there was none in time, and whether it is known to be all of it.
    private static func wait(
        for answers: PageElement, after before: [String], done: PageElement?, until end: ContinuousClock.Instant,
        on page: any BrowserPage, _ context: ToolContext
    ) async throws -> (String?, Bool) {
        var last: String?
        var since = ContinuousClock.now
        while .now < end {
            try context.checkLimits()
            let texts = try await texts(of: answers, on: page)
            let answer = texts == before ? nil : texts.last { !$0.isEmpty }
            if answer != last { (last, since) = (answer, .now) }
            if let answer {
                if let done {
                    if try await !Self.texts(of: done, on: page, onlySeen: true).isEmpty { return (answer, true) }
                } else if .now - since >= calm {
                    return (answer, true)
                }
            }
            _ = try await page.perform(.wait(.milliseconds(200)))
        }
        return (last, false)
    }

    /// Of every element that there is now; none is no failure.
    private static func texts(
        of element: PageElement, on page: any BrowserPage, onlySeen: Bool = false
    ) async throws -> [String] {
        try await page.texts(of: element, onlySeen: onlySeen)
    }
}
