internal import Synchronization
package import ToolKit

/// Opens a page in a real browser and does on it what its steps say.
package struct BrowserAutomation: ProgramTool {
    package struct Arguments: ToolArguments {
        let url: String
        let steps: [JSONValue]
        let screenshot: Bool
        let timeoutMs: Int
        let headless: Bool
        let allowlist: [String]?

        package static let schema = ArgumentSchema(
            .required(
                "url", .string(minLength: 1, maxLength: WebURL.lengthLimit), aliases: ["base_url"],
                "The page to open first: http or https."),
            .optional(
                "steps", .array(of: .object, count: 0...100), default: [],
                "Objects with an action (navigate, click, double_click, type, fill, press, select, scroll, wait, wait_for, "
                    + "extract, screenshot) and its fields, such as selector, text, value, ms, frame."),
            .optional("screenshot", .boolean, default: false, "Whether to answer a picture of the page at the end."),
            .optional("timeout_ms", .integer(500...60_000), default: 15_000, "For each step."), PageCall.headless,
            PageCall.allowlist)
    }

    package let name = "browser_automation"
    package let aliases = ["browser_automation_selenium"]
    package let description =
        "Opens a page of a host that policy opens in a real browser, clicks, types and reads as its steps say. Each call "
        + "begins with an empty browser; what the page wants from other hosts is blocked."
    package let risk = Risk.high
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(
        title: "Use a browser", readOnly: false, destructive: true, openWorld: true)
    package let timeLimit = Duration.seconds(300)
    package let availability: Availability

    /// Bytes of a picture that the answer itself holds; a larger one is among the artifacts only.
    private static let pictureLimit = 4 << 20

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        try PageCall.requireHeadless(arguments.headless)
        let (visit, _) = try read(arguments)
        return PageCall.access(visit.urls)
    }

    private func read(_ arguments: Arguments) throws(ToolFailure) -> (BrowserVisit, [PageStep]) {
        let url = try PageCall.url(arguments.url)
        let steps = try PageStep.read(arguments.steps, base: url, asserts: false)
        let visit = try PageCall.visit(
            [url] + steps.destinations, allowlist: arguments.allowlist, stepTime: .milliseconds(arguments.timeoutMs))
        return (visit, steps)
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let (visit, steps) = try read(arguments)
        var plan = try context.browser.plan(visit)
        plan["summary"] = .string(
            "open \(visit.urls[0].endpoint) in a fresh browser and do \(steps.count) steps; nothing was started or sent"
        )
        plan["steps"] = .array(steps.enumerated().map { .string($1.name(at: $0)) })
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let (visit, steps) = try read(arguments)
        return try await context.browser.visit(visit) { page in
            let account = StepAccount()
            do {
                try await page.open(visit.urls[0])
                for (index, step) in steps.enumerated() {
                    try context.checkLimits()
                    do {
                        let value = try await PageCall.perform(step, on: page) { picture in
                            try await account.keep(picture, as: "screenshot-\(index + 1).png", in: context)
                        }
                        account.done(step, value)
                    } catch let failure as ToolFailure {
                        throw PageCall.failure(failure, in: step, at: index)
                    }
                }
                let (place, title) = try await page.location()
                var result = account.result(arguments.url, page)
                result["final_url"] = .string(place)
                result["title"] = .string(title)
                if arguments.screenshot {
                    let picture = try await page.picture(of: .view)
                    if picture.png.count <= Self.pictureLimit {
                        result["png_base64"] = .string(PageCall.base64(picture.png))
                    } else {
                        _ = try await account.keep(picture, as: "screenshot.png", in: context)
                    }
                }
                result["artifacts"] = account.artifacts
                return ToolOutput(
                    .object(result), summary: "\(steps.count) steps on a page", confinement: "sandbox")
            } catch var failure as ToolFailure {
                failure.result = .object(
                    account.result(arguments.url, page).merging(["artifacts": account.artifacts ?? []]) { $1 })
                failure.confinement = "sandbox"
                throw failure
            }
        }
    }
}

/// What the steps of one call came to, one after the other.
final class StepAccount: Sendable {
    private struct State {
        var steps: [JSONValue] = []
        var artifacts: [JSONValue] = []
    }

    private let state = Mutex(State())

    func done(_ step: PageStep, _ value: JSONValue) {
        var members: [String: JSONValue] = ["action": .string(step.action), "ok": true]
        if let selector = step.selector { members["selector"] = .string(selector) }
        if value != .null { members["result"] = value }
        state.withLock { $0.steps.append(.object(members)) }
    }

    /// - Returns: What the step's result says of the picture.
    func keep(_ picture: PagePicture, as name: String, in context: ToolContext) async throws -> JSONValue {
        let (artifact, problem) = await PageCall.keep(picture.png, as: name, in: context)
        if let artifact { state.withLock { $0.artifacts.append(artifact.json) } }
        var said: [String: JSONValue] = [
            "name": .string(name), "width": .integer(picture.width), "height": .integer(picture.height),
        ]
        if let problem { said["not_kept"] = .string(problem) }
        if picture.isCut { said["truncated"] = true }
        return .object(said)
    }

    var artifacts: JSONValue? {
        let artifacts = state.withLock { $0.artifacts }
        return artifacts.isEmpty ? nil : .array(artifacts)
    }

    func result(_ url: String, _ page: any BrowserPage) -> [String: JSONValue] {
        var members = page.account.members
        members["url"] = .string(url)
        members["steps"] = .array(state.withLock { $0.steps })
        return members
    }
}
