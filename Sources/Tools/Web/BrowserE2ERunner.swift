package import ToolKit

/// Tries a site out as its users would: steps with assertions, and a report of what held.
package struct BrowserE2ERunner: ProgramTool {
    package struct Arguments: ToolArguments {
        let baseUrl: String
        let steps: [JSONValue]
        let timeoutMs: Int
        let headless: Bool
        let allowlist: [String]?
        let reportPath: WorkspacePath?

        package static let schema = ArgumentSchema(
            .required(
                "base_url", .string(minLength: 1, maxLength: WebURL.lengthLimit), aliases: ["url"],
                "The site: http or https. Opened first unless the first step goes somewhere else."),
            .required(
                "steps", .array(of: .object, count: 1...200),
                "Objects with an action and its fields: those of browser_automation, and assert_text, assert_url, "
                    + "assert_title, assert_value, assert_count, assert_visible, assert_hidden."),
            .optional("timeout_ms", .integer(500...60_000), default: 30_000, "For each step."), PageCall.headless,
            PageCall.allowlist,
            .optional(
                "report_path", .path,
                "A .json file of the workspace for the report; a .md file comes beside it. Without it both are kept as "
                    + "artifacts."))
    }

    package let name = "browser_e2e_runner"
    package let description =
        "Runs steps with assertions on a site that policy opens, in a real browser, and reports in JSON and Markdown, with "
        + "screenshots, which of them held."
    package let risk = Risk.medium
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Test a site", readOnly: false, openWorld: true)
    package let timeLimit = Duration.seconds(900)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        try PageCall.requireHeadless(arguments.headless)
        let (visit, _) = try read(arguments)
        var access = PageCall.access(visit.urls)
        if let paths = try reportPaths(arguments) {
            access.places = [Access.Place(paths.json, .write), Access.Place(paths.markdown, .write)]
        }
        return access
    }

    private func read(_ arguments: Arguments) throws(ToolFailure) -> (BrowserVisit, [PageStep]) {
        let base = try PageCall.url(arguments.baseUrl)
        let steps = try PageStep.read(arguments.steps, base: base, asserts: true)
        let visit = try PageCall.visit(
            [base] + steps.destinations, allowlist: arguments.allowlist,
            stepTime: .milliseconds(arguments.timeoutMs))
        return (visit, steps)
    }

    private func reportPaths(
        _ arguments: Arguments
    ) throws(ToolFailure) -> (json: WorkspacePath, markdown: WorkspacePath)? {
        guard let path = arguments.reportPath else { return nil }
        guard let name = path.name, name.hasSuffix(".json"), name.utf8.count > 5 else {
            throw ToolFailure(
                "invalid_arguments", "report_path must name a .json file",
                remedy: "send a path such as reports/start.json")
        }
        return (path, path.parent.appending(component: name.dropLast(5) + ".md"))
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let (visit, steps) = try read(arguments)
        var plan = try context.browser.plan(visit)
        plan["summary"] = .string(
            "try \(visit.urls[0].endpoint) out in a fresh browser with \(steps.count) steps; nothing was started or sent"
        )
        plan["steps"] = .array(steps.enumerated().map { .string($1.name(at: $0)) })
        if let paths = try reportPaths(arguments) {
            for path in [paths.json, paths.markdown] { _ = try context.files.target(of: path) }
            plan["report_path"] = .string(paths.json.description)
        }
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let (visit, steps) = try read(arguments)
        let pictures = StepAccount()
        let report = try await context.browser.visit(visit) { page in
            var report = PageReport(base: arguments.baseUrl)
            if case .go = steps[0].deed {
            } else {
                try await run(PageStep.opening(visit.urls[0]), at: nil, on: page, &report, pictures, context)
            }
            for (index, step) in steps.enumerated() {
                try context.checkLimits()
                try await run(step, at: index, on: page, &report, pictures, context)
            }
            if let (url, title) = try? await page.location() { (report.url, report.title) = (url, title) }
            report.account = page.account
            return report
        }
        var result: [String: JSONValue] = [
            "status": .string(report.hasPassed ? "passed" : "failed"), "report": report.json,
            "screenshots": .array(report.screenshots.map(JSONValue.string)),
        ]
        var artifacts = pictures.artifacts?.arrayValue ?? []
        let texts = (JSONWriter.pretty(report.json), Array(report.markdown.utf8))
        if let paths = try reportPaths(arguments) {
            try context.files.commit([
                FileChange(path: paths.json, deed: .write(texts.0), base: .anything, createsParents: true),
                FileChange(path: paths.markdown, deed: .write(texts.1), base: .anything, createsParents: true),
            ])
            result["report_path"] = .string(paths.json.description)
            result["report_md_path"] = .string(paths.markdown.description)
        } else {
            for (field, name, bytes) in [
                ("report_path", "report.json", texts.0), ("report_md_path", "report.md", texts.1),
            ] {
                let (artifact, problem) = await PageCall.keep(bytes, as: name, in: context)
                if let artifact { artifacts.append(artifact.json) }
                result[field] = problem == nil ? .string(name) : .null
            }
        }
        if !artifacts.isEmpty { result["artifacts"] = .array(artifacts) }
        return ToolOutput(
            .object(result), summary: "\(report.passed) of \(report.steps.count) steps held", confinement: "sandbox")
    }

    /// Runs one step, unless an earlier one failed, and writes down what came of it.
    private func run(
        _ step: PageStep, at index: Int?, on page: any BrowserPage, _ report: inout PageReport, _ pictures: StepAccount,
        _ context: ToolContext
    ) async throws {
        guard report.hasPassed else { return report.skip(step) }
        let started = ContinuousClock.now
        let number = index.map { $0 + 1 } ?? 0
        do {
            let value = try await PageCall.perform(step, on: page) { picture in
                try await pictures.keep(picture, as: "step-\(number).png", in: context)
            }
            var name: String?
            if case .picture = step.deed { name = "step-\(number).png" }
            report.add(step, took: .now - started, value: value, picture: name)
        } catch let failure as ToolFailure {
            var name: String?
            // What it looked like, as far as there still is something to look at.
            if let picture = try? await page.picture(of: .view) {
                name = "step-\(number)-failed.png"
                _ = try await pictures.keep(picture, as: name ?? "", in: context)
            }
            report.add(step, took: .now - started, failure: failure, picture: name)
        }
    }
}
