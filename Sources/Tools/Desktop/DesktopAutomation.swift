package import ToolKit

/// Uses the desktop that the daemon belongs to: pointer, keyboard, windows, a picture of the screen.
package struct DesktopAutomation: Tool {
    package struct Arguments: ToolArguments {
        package let action: String
        package let x: Int?
        package let y: Int?
        package let text: String?
        package let keys: JSONValue?
        package let button: String
        package let direction: String
        package let amount: Int
        package let window: Int?

        package static let schema = ArgumentSchema(
            .required(
                "action",
                .choice([
                    "click", "double_click", "move", "type", "key", "scroll", "windows", "focus", "screenshot",
                ]), "What to do."),
            .optional("x", .integer(coordinates), "Pixels from the left edge of the screen."),
            .optional("y", .integer(coordinates), "Pixels from its upper edge."),
            .optional("text", .content(maxLength: 8_000), "What to type; tabs and line ends are keys."),
            .optional(
                "keys",
                .either([
                    .string(minLength: 1, maxLength: chordLimit),
                    .array(of: .string(minLength: 1, maxLength: chordLimit), count: 1...16),
                ]), aliases: ["key"],
                "One chord such as \"ctrl+shift+t\" or \"Return\", or several; names of keys as X has them."),
            .optional(
                "button", .choice(DesktopDeed.Button.allCases.map(\.rawValue)), default: "left",
                "Of the pointer, for click and double_click."),
            .optional(
                "direction", .choice(DesktopDeed.Direction.allCases.map(\.rawValue)), default: "down", "For scroll."),
            .optional("amount", .integer(1...50), default: 3, aliases: ["clicks"], "Steps of scroll."),
            .optional("window", .integer(1...0xFFFF_FFFF), "The id that the action windows has told, for focus."))

        /// Further out than any screen; what is on the screen is checked when there is one.
        private static let coordinates = -65_535...65_535
        private static let chordLimit = 128
    }

    package let name = "desktop_automation"
    package let aliases = ["desktop_automation_pyautogui"]
    package let description =
        "Uses this machine's desktop (X11): clicks, moves, types any text, presses key chords, scrolls, lists and focuses "
        + "windows, takes a screenshot. A person allows each caller a short while of it."
    package let risk = Risk.high
    package let isEnabledByDefault = false
    package let isIdempotent = false
    package let annotations = ToolAnnotations(title: "Use the desktop", readOnly: false, destructive: true)
    package let availability: Availability
    package let timeLimit = Duration.seconds(180)
    package let needsArming = true

    package init(availability: Availability = .available) { self.availability = availability }

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access {
        _ = try deed(arguments)
        return .desktop
    }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        try context.desktop.plan(try deed(arguments))
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let deed = try deed(arguments)
        let result = try await context.desktop.perform(deed)
        var members = result.members
        members["action"] = .string(arguments.action)
        if let picture = result.picture {
            try await add(picture, to: &members, in: context)
        }
        return ToolOutput(.object(members), summary: arguments.action)
    }

    /// Base64 of more than this is left out of the answer; the artifact has it.
    private static let inlineLimit = 1 << 20

    private func add(
        _ picture: [UInt8], to members: inout [String: JSONValue], in context: ToolContext
    ) async throws {
        do throws(ArtifactRefusal) {
            let artifact = try await context.artifacts.keep("screenshot.png", from: ArtifactBytes(picture))
            members["artifacts"] = [artifact.json]
        } catch {
            members["not_kept"] = [["name": "screenshot.png", "reason": .string(error.reason)]]
        }
        if picture.count <= Self.inlineLimit { members["png_base64"] = .string(PictureText.base64(picture)) }
    }

    /// - Throws: ``ToolFailure`` when an argument of the action is missing, or is one of another action.
    func deed(_ arguments: Arguments) throws(ToolFailure) -> DesktopDeed {
        let point = try point(arguments)
        let button = DesktopDeed.Button(rawValue: arguments.button) ?? .left
        switch arguments.action {
        case "click": return .click(at: point, button, count: 1)
        case "double_click": return .click(at: point, button, count: 2)
        case "move": return .move(to: try Self.given(point, "x and y", arguments))
        case "type": return .type(try Self.given(arguments.text, "text", arguments))
        case "key": return .press(try Self.chords(try Self.given(arguments.keys, "keys", arguments)))
        case "scroll":
            return .scroll(
                at: point, DesktopDeed.Direction(rawValue: arguments.direction) ?? .down, steps: arguments.amount)
        case "focus": return .focus(window: try Self.given(arguments.window, "window", arguments))
        case "screenshot": return .screenshot
        default: return .windows
        }
    }

    private func point(_ arguments: Arguments) throws(ToolFailure) -> DesktopDeed.Point? {
        guard let x = arguments.x, let y = arguments.y else {
            guard arguments.x == nil, arguments.y == nil else {
                throw ToolFailure(
                    "invalid_arguments", "x and y belong together", remedy: "send both, or neither of them")
            }
            return nil
        }
        return DesktopDeed.Point(x: x, y: y)
    }

    private static func given<Value>(
        _ value: Value?, _ name: String, _ arguments: Arguments
    ) throws(ToolFailure) -> Value {
        guard let value else {
            throw ToolFailure(
                "invalid_arguments", "\(arguments.action) needs \(name)", remedy: "send \(name) as well")
        }
        return value
    }

    /// Whether xdotool would take the word for a command of its own. None of them names a key.
    private static func isCommand(_ word: String) -> Bool {
        let word = word.lowercased()
        return ["get", "set_", "window", "mouse", "behave", "desktop"].contains { word.hasPrefix($0) }
            || [
                "key", "keydown", "keyup", "type", "click", "exec", "sleep", "search", "selectwindow", "help",
                "version",
            ]
            .contains(word)
    }

    /// Names of keys, joined by plus signs; nothing that could be read as an option.
    private static func chords(_ value: JSONValue) throws(ToolFailure) -> [String] {
        let chords = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue) ?? []
        for chord in chords {
            let keys = chord.split(separator: "+", omittingEmptySubsequences: false)
            let isFit =
                keys.count <= 8
                && keys.allSatisfy { key in
                    !key.isEmpty
                        && key.utf8.allSatisfy { byte in
                            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                                || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
                        }
                }
            guard isFit, !Self.isCommand(chord) else {
                throw ToolFailure(
                    "invalid_arguments", "keys must be names of keys, joined by +",
                    remedy: "send something like ctrl+shift+t, Return or plus")
            }
        }
        return chords
    }
}
