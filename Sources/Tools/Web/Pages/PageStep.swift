internal import ToolKit

/// One step of a call that uses a browser.
struct PageStep: Sendable {
    enum Deed: Sendable {
        case go(WebURL)
        case act(PageAction)
        case picture(PictureArea)
    }

    /// As the caller spelled it.
    let action: String
    let selector: String?
    let deed: Deed

    /// What a step is called in messages: `step 2 (click "#go")`.
    func name(at index: Int) -> String {
        let of = selector.map { " \(JSONWriter.quoted(String($0.prefix(100))))" } ?? ""
        return "step \(index + 1) (\(action)\(of))"
    }

    /// Those that a call gives, in order.
    ///
    /// - Parameters:
    ///   - base: What the URLs of the steps may be relative to.
    ///   - asserts: Whether steps may state what has to be true.
    /// - Throws: ``ToolFailure`` that names the step and every bad field of it.
    static func read(_ steps: [JSONValue], base: WebURL, asserts: Bool) throws(ToolFailure) -> [PageStep] {
        var read: [PageStep] = []
        for (index, step) in steps.enumerated() {
            do throws(Wrong) {
                read.append(try PageStepReader(base: base, asserts: asserts).read(step))
            } catch {
                throw ToolFailure(
                    "invalid_step", "step \(index + 1): \(error.reason)",
                    remedy: "docs/browser.md lists the actions and their fields")
            }
        }
        return read
    }

    /// What is wrong with a step, one clause.
    struct Wrong: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }
}

/// Reads one step: each action has a schema of its own.
struct PageStepReader {
    let base: WebURL
    let asserts: Bool

    private static let text = ArgumentType.string(maxLength: 100_000)
    private static let selector = ArgumentSchema.Property.required(
        "selector", .string(minLength: 1, maxLength: 4_096), "CSS.")
    private static let anySelector = ArgumentSchema.Property.optional(
        "selector", .string(minLength: 1, maxLength: 4_096), "CSS.")
    private static let frame = ArgumentSchema.Property.optional(
        "frame",
        .either([
            .string(minLength: 1, maxLength: 4_096), .array(of: .string(minLength: 1, maxLength: 4_096), count: 1...5),
        ]), "CSS of the frame it is in.")
    private static let comparison = ArgumentSchema.Property.optional(
        "match", .choice(PageExpectation.Comparison.allCases.map(\.rawValue)), "How it is compared.")
    private static let expected = ArgumentSchema.Property.required(
        "value", .either([text, .integer(0...1_000_000)]), aliases: ["text", "expected"], "What it has to be.")

    private static let deeds: [String: ArgumentSchema] = {
        let click = ArgumentSchema(selector, frame)
        let type = { (clears: Bool) in
            ArgumentSchema(
                selector, frame, .required("text", text, aliases: ["value"], "What to type."),
                .optional("clear", .boolean, default: .bool(clears), "Whether it replaces what is there."))
        }
        return [
            "navigate": ArgumentSchema(
                .required("url", .string(minLength: 1, maxLength: WebURL.lengthLimit), aliases: ["value"], "Where to.")),
            "click": click, "double_click": click, "type": type(false), "fill": type(true),
            "press": ArgumentSchema(
                anySelector, frame,
                .required("key", .string(minLength: 1, maxLength: 64), aliases: ["keys", "value", "text"], "A chord.")),
            "select": ArgumentSchema(
                selector, frame, .required("value", text, aliases: ["text", "option"], "Value or text of an option.")),
            "scroll": ArgumentSchema(
                anySelector, frame, .optional("x", .integer(-100_000...100_000), default: 0, "Pixels to the right."),
                .optional("y", .integer(-100_000...100_000), default: 0, "Pixels down.")),
            "wait": ArgumentSchema(.required("ms", .integer(0...30_000), aliases: ["value"], "Milliseconds.")),
            "wait_for": ArgumentSchema(
                selector, frame,
                .optional(
                    "state", .choice(PageAction.Presence.allCases.map(\.rawValue)), default: "visible", "What for.")),
            "extract": ArgumentSchema(
                selector, frame,
                .optional("what", .choice(["text", "html", "value", "attribute"]), default: "text", "What of it."),
                .optional("attribute", .string(minLength: 1, maxLength: 256), "Which attribute."),
                .optional("all", .boolean, default: false, "Of every element it finds.")),
            "screenshot": ArgumentSchema(
                anySelector, .optional("full_page", .boolean, default: false, "All of the page.")),
        ]
    }()

    private static let assertions: [String: ArgumentSchema] = [
        "assert_text": ArgumentSchema(anySelector, frame, expected, comparison),
        "assert_url": ArgumentSchema(expected, comparison),
        "assert_title": ArgumentSchema(expected, comparison),
        "assert_value": ArgumentSchema(selector, frame, expected, comparison),
        "assert_count": ArgumentSchema(
            selector, frame,
            .required("value", .integer(0...1_000_000), aliases: ["count", "expected"], "How many.")),
        "assert_visible": ArgumentSchema(selector, frame),
        "assert_hidden": ArgumentSchema(selector, frame),
    ]

    func read(_ step: JSONValue) throws(PageStep.Wrong) -> PageStep {
        guard var fields = step.objectValue, let action = fields.removeValue(forKey: "action")?.stringValue else {
            throw PageStep.Wrong("must be an object with an action")
        }
        guard let schema = Self.deeds[action] ?? (asserts ? Self.assertions[action] : nil) else {
            let known = Array(Self.deeds.keys) + (asserts ? Array(Self.assertions.keys) : [])
            let shown = JSONWriter.quoted(String(action.prefix(64)))
            throw PageStep.Wrong("the action \(shown) is unknown; known are \(known.sorted().joined(separator: ", "))")
        }
        let members: [String: JSONValue]
        do throws(ArgumentProblems) {
            members = try schema.canonical(fields, roots: [])
        } catch {
            throw PageStep.Wrong("\(action): \(error)")
        }
        let selector = members["selector"]?.stringValue
        return PageStep(action: action, selector: selector, deed: try deed(action, members, selector))
    }

    private func deed(
        _ action: String, _ fields: [String: JSONValue], _ selector: String?
    ) throws(PageStep.Wrong) -> PageStep.Deed {
        let frames = fields["frame"].map {
            $0.stringValue.map { [$0] } ?? $0.arrayValue?.compactMap(\.stringValue) ?? []
        }
        let element = PageElement(selector ?? "", in: frames ?? [])
        let optional = selector.map { _ in element }
        let text = fields["text"]?.stringValue ?? ""
        switch action {
        case "navigate":
            do throws(WebURLError) {
                return .go(try base.resolving(fields["url"]?.stringValue ?? ""))
            } catch {
                throw PageStep.Wrong("navigate: the URL \(error)")
            }
        case "click": return .act(.click(element, count: 1))
        case "double_click": return .act(.click(element, count: 2))
        case "type", "fill": return .act(.type(element, text: text, clears: fields["clear"]?.boolValue ?? false))
        case "press":
            guard let chord = KeyChord(fields["key"]?.stringValue ?? "") else {
                throw PageStep.Wrong("press: the key is none that is known; send one such as Enter or Control+a")
            }
            return .act(.press(optional, chord))
        case "select": return .act(.select(element, option: fields["value"]?.stringValue ?? ""))
        case "scroll":
            return .act(
                .scroll(optional, right: fields["x"]?.integerValue ?? 0, down: fields["y"]?.integerValue ?? 0))
        case "wait": return .act(.wait(.milliseconds(fields["ms"]?.integerValue ?? 0)))
        case "wait_for":
            let state = fields["state"]?.stringValue.flatMap(PageAction.Presence.init) ?? .visible
            return .act(.waitFor(element, state))
        case "extract":
            return .act(.extract(element, try Self.content(fields), all: fields["all"]?.boolValue ?? false))
        case "screenshot":
            if selector != nil { return .picture(.element(element)) }
            return .picture(fields["full_page"]?.boolValue == true ? .page : .view)
        default: return .act(.expect(Self.expectation(action, fields, element, optional)))
        }
    }

    private static func content(_ fields: [String: JSONValue]) throws(PageStep.Wrong) -> PageAction.Content {
        switch fields["what"]?.stringValue {
        case "html": return .html
        case "value": return .value
        case "attribute":
            guard let name = fields["attribute"]?.stringValue else {
                throw PageStep.Wrong("extract: attribute is required")
            }
            return .attribute(name)
        default: return fields["attribute"]?.stringValue.map(PageAction.Content.attribute) ?? .text
        }
    }

    private static func expectation(
        _ action: String, _ fields: [String: JSONValue], _ element: PageElement, _ optional: PageElement?
    ) -> PageExpectation {
        let expected = fields["value"]?.stringValue ?? fields["value"]?.integerValue.map { "\($0)" } ?? ""
        let given = fields["match"]?.stringValue.flatMap(PageExpectation.Comparison.init)
        return switch action {
        case "assert_text": PageExpectation(.text(optional), given ?? .contains, expected)
        case "assert_url": PageExpectation(.url, given ?? .contains, expected)
        case "assert_title": PageExpectation(.title, given ?? .contains, expected)
        case "assert_value": PageExpectation(.value(element), given ?? .equals, expected)
        case "assert_count": PageExpectation(.count(element), .equals, expected)
        case "assert_hidden": PageExpectation(.presence(element, .hidden))
        default: PageExpectation(.presence(element, .visible))
        }
    }
}

extension [PageStep] {
    /// Where its steps go by themselves.
    var destinations: [WebURL] {
        compactMap { if case .go(let url) = $0.deed { url } else { nil } }
    }
}
