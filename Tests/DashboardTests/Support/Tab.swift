import Foundation
import Testing
import ToolKit

/// A tab of the browser, used as a person would: by what is written on the page, with mouse and keyboard.
struct Tab: Sendable {
    enum Role: String {
        case button, link, textbox, checkbox, combobox, `switch`, heading, dialog, option, listbox, region, alert
        case searchbox, status
    }

    enum Key: String {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case escape = "\u{E00C}"
        case space = " "
        case up = "\u{E013}"
        case down = "\u{E015}"
        case end = "\u{E010}"
        case home = "\u{E011}"
        case pageDown = "\u{E00F}"
        case a, d, j
    }

    let driver: WebDriver
    let handle: String
    let base: String

    /// An empty tab in front.
    static func opened(in browser: Browser, at base: String) async throws -> Tab {
        let driver = browser.driver
        let handle = try await driver.post("window/new", ["type": "tab"])["handle"]?.stringValue ?? ""
        let tab = Tab(driver: driver, handle: handle, base: base)
        try await tab.toFront()
        // Before any script of the page, so that no violation is missed.
        try await driver.chromium("Page.addScriptToEvaluateOnNewDocument", ["source": .string(Self.watcher)])
        try await tab.looks(wide: 1280, high: 900)
        return tab
    }

    private static let watcher = """
        window.violations = [];
        document.addEventListener("securitypolicyviolation", (event) =>
          window.violations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample));
        window.faults = [];
        window.addEventListener("error", (event) => window.faults.push(String(event.message)));
        window.addEventListener("unhandledrejection", (event) => window.faults.push(String(event.reason)));
        """

    func toFront() async throws { try await driver.post("window", ["handle": .string(handle)]) }

    func close() async throws {
        try await toFront()
        try await driver.delete("window")
        if let other = try await driver.get("window/handles").arrayValue?.first?.stringValue {
            try await driver.post("window", ["handle": .string(other)])
        }
    }

    func open(_ place: String = "/") async throws {
        try await driver.post("url", ["url": .string(base + place)])
    }

    func reload() async throws { try await driver.post("refresh") }

    func looks(wide: Int, high: Int, theme: String = "light", isStill: Bool = false) async throws {
        try await driver.chromium(
            "Emulation.setDeviceMetricsOverride",
            ["width": .integer(wide), "height": .integer(high), "deviceScaleFactor": 1, "mobile": false])
        try await driver.chromium(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": .string(theme)],
                    ["name": "prefers-reduced-motion", "value": isStill ? "reduce" : "no-preference"],
                ]
            ])
    }

    // MARK: Scripts of the test

    @discardableResult
    func script(_ body: String, _ arguments: JSONValue...) async throws -> JSONValue {
        try await driver.post("execute/sync", ["script": .string(Self.finders + body), "args": .array(arguments)])
    }

    /// Waits until `expression` is neither false nor nothing, and answers what it is.
    @discardableResult
    func waits(
        for expression: String, _ arguments: [JSONValue] = [], _ what: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let body = """
            const done = arguments[arguments.length - 1];
            const given = arguments;
            let isDone = false;
            const attempt = () => {
              if (isDone) return;
              let value = null;
              try { value = \(expression); } catch {}
              if (!value) return;
              isDone = true; observer.disconnect(); clearInterval(timer); done(value);
            };
            const observer = new MutationObserver(attempt);
            observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            const timer = setInterval(attempt, 40);
            attempt();
            """
        do {
            return try await driver.post(
                "execute/async", ["script": .string(Self.finders + body), "args": .array(arguments)])
        } catch let failure as WebDriver.Failure where failure.error.contains("timeout") {
            let seen = try await script("return text()")
            Issue.record(
                "\(what ?? expression) did not come; the page shows: \(seen.stringValue?.suffix(2_500) ?? "")",
                sourceLocation: location)
            throw failure
        }
    }

    /// What a page is asked for with: elements that can be seen, by role and name as a screen reader has them.
    private static let finders = """
        const ROLES = {
          button: "button", link: "a[href]", textbox: "input:not([type]),input[type=text],input[type=password],textarea",
          searchbox: "input[type=search]", checkbox: "input[type=checkbox]", combobox: "select",
          heading: "h1,h2,h3", dialog: "dialog",
        };
        const isSeen = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("[hidden]");
        const nameOf = (e) => (e.getAttribute("aria-label")
          ?? (e.getAttribute("aria-labelledby") && document.getElementById(e.getAttribute("aria-labelledby"))?.textContent)
          ?? (e.labels?.length ? e.labels[0].textContent : null)
          ?? e.placeholder ?? e.textContent ?? "").replace(/\\s+/g, " ").trim();
        const all = (role) => [...document.querySelectorAll(
          (ROLES[role] ? `:is(${ROLES[role]}):not([role]),` : "") + `[role=${role}]`)].filter(isSeen);
        const find = (role, name) => {
          const open = document.querySelector("dialog[open]");
          const found = all(role).filter((e) => !open || open.contains(e) || role === "dialog");
          return found.find((e) => nameOf(e) === name) ?? found.find((e) => nameOf(e).startsWith(name)) ?? null;
        };
        const text = () => {
          const shown = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let last = null;
          while (walker.nextNode()) {
            const parent = walker.currentNode.parentElement;
            if (parent.closest("select, script, style") || !isSeen(parent)) continue;
            const block = parent.closest("p, li, dt, dd, div, h1, h2, h3, td, th, button, a, label, pre");
            shown.push(block === last ? "" : " ", walker.currentNode.data);
            last = block;
          }
          for (const one of document.querySelectorAll("[placeholder]")) if (isSeen(one)) shown.push(" ", one.placeholder);
          return shown.join("").replace(/\\s+/g, " ");
        };

        """

    // MARK: What a person does

    private static let element = "element-6066-11e4-a52e-4f735466cecf"

    func find(_ role: Role, _ name: String, at location: SourceLocation = #_sourceLocation) async throws -> String {
        let found = try await waits(
            for: "find(given[0], given[1])", [.string(role.rawValue), .string(name)], "\(role) \"\(name)\"",
            at: location)
        return found[Self.element]?.stringValue ?? ""
    }

    func press(_ role: Role, _ name: String, at location: SourceLocation = #_sourceLocation) async throws {
        try await onTheSpot {
            let id = try await find(role, name, at: location)
            // What has only just appeared takes no press of a pointer yet.
            try await waits(for: "!given[0].closest('[data-fresh]')", [[Self.element: .string(id)]], at: location)
            try await driver.post("element/\(id)/click")
        }
    }

    func type(
        _ text: String, into name: String, _ role: Role = .textbox, at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await onTheSpot {
            let id = try await find(role, name, at: location)
            try await driver.post("element/\(id)/clear")
        }
        try await onTheSpot {
            let id = try await find(role, name, at: location)
            try await driver.post("element/\(id)/value", ["text": .string(text)])
        }
    }

    /// A list may be drawn anew between looking and pressing; a person would look again.
    private func onTheSpot(_ body: () async throws -> Void) async throws {
        for _ in 0..<5 {
            do {
                return try await body()
            } catch let failure as WebDriver.Failure where failure.error == "stale element reference" {}
        }
        try await body()
    }

    /// Puts `text` into a field as a paste would, for what no keyboard types.
    func paste(_ text: String, into name: String, at location: SourceLocation = #_sourceLocation) async throws {
        try await onTheSpot {
            let id = try await find(.textbox, name, at: location)
            try await script(
                "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new InputEvent('input', {bubbles: true}))",
                [Self.element: .string(id)], .string(text))
        }
    }

    func choose(_ option: String, in name: String, at location: SourceLocation = #_sourceLocation) async throws {
        try await onTheSpot {
            let id = try await find(.combobox, name, at: location)
            try await script(
                """
                const option = [...arguments[0].options].find(
                    (one) => one.textContent === arguments[1] || one.value === arguments[1]);
                option.selected = true;
                arguments[0].dispatchEvent(new Event("input", { bubbles: true }));
                arguments[0].dispatchEvent(new Event("change", { bubbles: true }));
                """, [Self.element: .string(id)], .string(option))
        }
    }

    /// Presses keys one after the other, wherever the focus is.
    func keys(_ keys: Key...) async throws {
        try await self.keys(typed: keys.map(\.rawValue))
    }

    func keys(_ text: String) async throws { try await keys(typed: text.map(String.init)) }

    private func keys(typed: [String]) async throws {
        let actions = typed.flatMap { key -> [JSONValue] in
            [["type": "keyDown", "value": .string(key)], ["type": "keyUp", "value": .string(key)]]
        }
        try await driver.post(
            "actions", ["actions": [["type": "key", "id": "keyboard", "actions": .array(actions)]]])
    }

    /// Goes on with Tab until what has the focus is called `name`.
    func tabs(to name: String, _ role: Role? = nil, at location: SourceLocation = #_sourceLocation) async throws {
        for _ in 0..<120 {
            let focused = try await script("return document.activeElement ? nameOf(document.activeElement) : ''")
            if focused.stringValue == name { return }
            try await keys(.tab)
        }
        Issue.record("the Tab key never reaches \(name)", sourceLocation: location)
    }

    // MARK: What a person sees

    func shows(_ text: String, at location: SourceLocation = #_sourceLocation) async throws {
        try await waits(for: "text().includes(given[0])", [.string(text)], "the text \"\(text)\"", at: location)
    }

    func hides(_ text: String, at location: SourceLocation = #_sourceLocation) async throws {
        try await waits(
            for: "!text().includes(given[0])", [.string(text)], "the end of the text \"\(text)\"", at: location)
    }

    var text: String {
        get async throws { try await script("return text()").stringValue ?? "" }
    }

    func has(_ role: Role, _ name: String) async throws -> Bool {
        try await script("return find(arguments[0], arguments[1]) !== null", .string(role.rawValue), .string(name))
            == true
    }

    func photograph(as name: String) async throws {
        guard let picture = try await driver.get("screenshot").stringValue, let data = Data(base64Encoded: picture)
        else { return }
        let folder = FileManager.default.currentDirectoryPath + "/.build/screenshots"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: "\(folder)/\(name).png"))
    }
}
