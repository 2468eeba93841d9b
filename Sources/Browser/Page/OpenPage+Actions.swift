internal import ToolKit

extension OpenPage {
    func perform(_ action: PageAction) async throws -> JSONValue {
        try check()
        switch action {
        case .click(let element, let count): try await click(element, count)
        case .type(let element, let text, let clears): try await type(text, into: element, clears)
        case .press(let element, let chord): try await press(chord, element)
        case .select(let element, let option): try await select(option, in: element)
        case .scroll(let element, let right, let down): try await scroll(element, right, down)
        case .wait(let time):
            let end = min(.now + time, deadline)
            while .now < end {
                try check()
                try await Task.sleep(for: min(end - .now, .milliseconds(250)))
            }
        case .waitFor(let element, let presence): try await wait(for: element, presence)
        case .extract(let element, let content, let all): return try await extract(element, content, all)
        case .expect(let expectation): try await expect(expectation)
        }
        return .null
    }

    private func click(_ element: PageElement, _ count: Int) async throws {
        let place = try await place(of: element)
        let end = stepEnd
        let mouse = { (kind: String, button: String, clicks: Int) -> [String: JSONValue] in
            [
                "type": .string(kind), "x": .number(place.x), "y": .number(place.y), "button": .string(button),
                "buttons": kind == "mousePressed" ? 1 : 0, "clickCount": .integer(clicks),
            ]
        }
        connection.post("Input.dispatchMouseEvent", mouse("mouseMoved", "none", 0), in: session)
        for clicks in 1...max(1, count) {
            connection.post("Input.dispatchMouseEvent", mouse("mousePressed", "left", clicks), in: session)
            try await input("Input.dispatchMouseEvent", mouse("mouseReleased", "left", clicks), until: end)
        }
        try await after(until: end)
    }

    private func type(_ text: String, into element: PageElement, _ clears: Bool) async throws {
        let place = try await place(of: element)
        let end = stepEnd
        for kind in ["mousePressed", "mouseReleased"] {
            connection.post(
                "Input.dispatchMouseEvent",
                [
                    "type": .string(kind), "x": .number(place.x), "y": .number(place.y), "button": "left",
                    "clickCount": 1,
                ], in: session)
        }
        if clears {
            let isField = try await patiently(until: end) { end in
                try await evaluate(
                    PageScripts.select, [.string(element.selector)], in: place.document, until: end)
            }
            guard isField.boolValue == true else {
                throw PageTrouble.wrongKind(element, needs: "field to type into")
            }
            if text.isEmpty, let delete = KeyChord("Delete") { try await strike(delete, until: end) }
        }
        // Nobody types more than this key by key.
        guard text.unicodeScalars.count <= 1_000 else {
            try await input("Input.insertText", ["text": .string(text)], until: end)
            return try await after(until: end)
        }
        for scalar in text.unicodeScalars {
            let key = KeyChord.typing(scalar)
            if key.number == 0 {
                connection.post("Input.insertText", ["text": .string(key.text)], in: session)
            } else {
                for event in Self.events(key, []) { connection.post("Input.dispatchKeyEvent", event, in: session) }
            }
        }
        try await after(until: end)
    }

    private func press(_ chord: KeyChord, _ element: PageElement?) async throws {
        if let element {
            let place = try await place(of: element, mayBeCovered: true)
            _ = try await patiently(until: stepEnd) { end in
                try await evaluate(
                    Self.focus, [.string(element.selector)], in: place.document, until: end)
            }
        }
        let end = stepEnd
        try await strike(chord, until: end)
        try await after(until: end)
    }

    private static let focus = "(selector) => document.querySelector(selector)?.focus()"

    private func strike(_ chord: KeyChord, until end: ContinuousClock.Instant) async throws {
        let events = Self.events(chord.key, chord.modifiers)
        for event in events.dropLast() { connection.post("Input.dispatchKeyEvent", event, in: session) }
        if let last = events.last { try await input("Input.dispatchKeyEvent", last, until: end) }
    }

    private static func events(_ key: KeyChord.Key, _ modifiers: Set<KeyChord.Modifier>) -> [[String: JSONValue]] {
        let bits: [KeyChord.Modifier: Int] = [.alt: 1, .control: 2, .meta: 4, .shift: 8]
        let mask = modifiers.reduce(0) { $0 | (bits[$1] ?? 0) }
        // A chord with Control types nothing.
        let text = modifiers.isDisjoint(with: [.control, .alt, .meta]) ? key.text : ""
        var down: [String: JSONValue] = [
            "type": text.isEmpty ? "rawKeyDown" : "keyDown", "key": .string(key.name), "code": .string(key.code),
            "windowsVirtualKeyCode": .integer(key.number), "nativeVirtualKeyCode": .integer(key.number),
            "modifiers": .integer(mask),
        ]
        var up = down
        up["type"] = "keyUp"
        if !text.isEmpty { down["text"] = .string(text) }
        if modifiers == [.control], key.name.lowercased() == "a" { down["commands"] = ["selectAll"] }
        return [down, up]
    }

    /// An event that the page has seen when this returns.
    private func input(_ method: String, _ fields: [String: JSONValue], until end: ContinuousClock.Instant) async throws
    {
        do {
            try await connection.call(method, fields, in: session, until: answerEnd(end))
        } catch let refused as CommandRefused where refused.isAboutGoneDocument {
            // It led to another page before it was answered.
        } catch {
            throw trouble(error)
        }
    }

    private func after(until end: ContinuousClock.Instant) async throws {
        do {
            try await settle(until: end)
        } catch {
            throw trouble(error)
        }
    }

    private func select(_ option: String, in element: PageElement) async throws {
        let end = stepEnd
        try await soon(until: end) {
            guard let (document, _) = try await document(of: element, until: end) else {
                throw NotYet(PageTrouble.notFound(element))
            }
            let answer = try await evaluate(
                PageScripts.choose, [.string(element.selector), .string(option)], in: document, until: end)
            try require(answer, element)
            if answer["kind"] != nil { throw PageTrouble.wrongKind(element, needs: "list of options") }
            if answer["disabled"] != nil { throw NotYet(PageTrouble.disabled(element)) }
            guard answer["found"]?.boolValue == true else {
                throw NotYet(
                    ToolFailure(
                        "option_not_found", "the list has no option \(JSONWriter.quoted(String(option.prefix(100))))",
                        remedy: "send the value or the text of an option that is not disabled"))
            }
        }
        try await after(until: end)
    }

    private func scroll(_ element: PageElement?, _ right: Int, _ down: Int) async throws {
        let end = stepEnd
        let selector = element.map { JSONValue.string($0.selector) } ?? .null
        try await soon(until: end) {
            let target = element ?? PageElement("html")
            guard let (document, _) = try await document(of: target, until: end) else {
                throw NotYet(PageTrouble.notFound(target))
            }
            let answer = try await evaluate(
                PageScripts.scroll, [selector, .integer(right), .integer(down)], in: document, until: end)
            try require(answer, target)
        }
        try await after(until: end)
    }

    private func wait(for element: PageElement, _ presence: PageAction.Presence) async throws {
        let end = stepEnd
        try await soon(until: end) {
            if let failure = try await objection(to: element, being: presence, until: end) { throw NotYet(failure) }
        }
    }

    /// Why it is not so; `nil` when it is.
    func objection(
        to element: PageElement, being presence: PageAction.Presence, until end: ContinuousClock.Instant
    ) async throws -> ToolFailure? {
        guard let (document, _) = try await document(of: element, until: end) else {
            return presence == .hidden ? nil : PageTrouble.notFound(element)
        }
        let answer = try await evaluate(
            PageScripts.presence, [.string(element.selector)], in: document, until: end)
        if answer["invalid"]?.boolValue == true { throw PageTrouble.invalidSelector(element) }
        let count = answer["count"]?.integerValue ?? 0
        let isSeen = answer["seen"]?.boolValue == true
        switch presence {
        case .visible:
            if isSeen { return nil }
            return count == 0 ? PageTrouble.notFound(element) : PageTrouble.notVisible(element)
        case .attached: return count == 0 ? PageTrouble.notFound(element) : nil
        case .hidden:
            guard isSeen else { return nil }
            return ToolFailure(
                "element_visible",
                "what the selector \(JSONWriter.quoted(String(element.selector.prefix(200)))) finds can still be seen",
                remedy: "allow more time, or do first what hides it")
        }
    }
}
