package import ToolKit

/// Takes a picture of a page, of all of it or of one element.
package struct ScreenshotCapture: ProgramTool {
    package struct Arguments: ToolArguments {
        let url: String
        let path: WorkspacePath?
        let selector: String?
        let fullPage: Bool
        let timeoutMs: Int
        let headless: Bool
        let allowlist: [String]?

        package static let schema = ArgumentSchema(
            .required(
                "url", .string(minLength: 1, maxLength: WebURL.lengthLimit), aliases: ["base_url"],
                "The page: http or https."),
            .optional(
                "path", .path, "A PNG file of the workspace to write; without it the picture is kept as an artifact."),
            .optional(
                "selector", .string(minLength: 1, maxLength: 4_096), "CSS: the picture shows this element only."),
            .optional("full_page", .boolean, default: false, "Whether to show all of the page."),
            .optional("timeout_ms", .integer(500...60_000), default: 15_000, "For loading the page."),
            PageCall.headless,
            PageCall.allowlist)
    }

    package let name = "screenshot_capture"
    package let description =
        "Opens a page of a host that policy opens in a real browser and takes a picture: of what a window shows, of all of "
        + "the page, or of one element."
    package let risk = Risk.medium
    package let isEnabledByDefault = false
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Photograph a page", readOnly: false, openWorld: true)
    package let timeLimit = Duration.seconds(180)
    package let availability: Availability

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        try PageCall.requireHeadless(arguments.headless)
        if let path = arguments.path, path.name?.lowercased().hasSuffix(".png") != true {
            throw ToolFailure(
                "invalid_arguments", "path must name a .png file", remedy: "send a path such as shots/start.png")
        }
        var access = PageCall.access(try visit(arguments).urls)
        if let path = arguments.path { access.places = [Access.Place(path, .write)] }
        return access
    }

    private func visit(_ arguments: Arguments) throws(ToolFailure) -> BrowserVisit {
        try PageCall.visit(
            [try PageCall.url(arguments.url)], allowlist: arguments.allowlist,
            stepTime: .milliseconds(arguments.timeoutMs))
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        let visit = try visit(arguments)
        var plan = try context.browser.plan(visit)
        plan["summary"] = .string(
            "open \(visit.urls[0].endpoint) in a fresh browser and take a picture; nothing was started or sent")
        if let path = arguments.path {
            let target = try context.files.target(of: path)
            plan["path"] = .string(target.path.description)
            plan["change"] = target.facts == nil ? "created" : "replaced"
        }
        return plan
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let visit = try visit(arguments)
        let area: PictureArea =
            if let selector = arguments.selector { .element(PageElement(selector)) } else if arguments.fullPage {
                .page
            } else { .view }
        let (picture, account, place) = try await context.browser.visit(visit) { page in
            try await page.open(visit.urls[0])
            let picture = try await page.picture(of: area)
            return (picture, page.account, try await page.location())
        }
        var result = account.members
        result["width"] = .integer(picture.width)
        result["height"] = .integer(picture.height)
        result["final_url"] = .string(place.url)
        result["title"] = .string(place.title)
        if picture.isCut { result["truncated"] = true }
        if let path = arguments.path {
            try context.files.commit([
                FileChange(path: path, deed: .write(picture.png), base: .anything, createsParents: true)
            ])
            result["path"] = .string(path.description)
        } else {
            let name = "screenshot.png"
            let (artifact, problem) = await PageCall.keep(picture.png, as: name, in: context)
            guard let artifact else {
                throw ToolFailure(
                    "not_kept", "the picture was not kept: \(problem ?? "no reason was given")",
                    remedy: "name a path in the workspace")
            }
            result["path"] = .string(name)
            result["artifacts"] = [artifact.json]
        }
        return ToolOutput(
            .object(result), summary: "a picture of \(picture.width) by \(picture.height)", confinement: "sandbox")
    }
}
