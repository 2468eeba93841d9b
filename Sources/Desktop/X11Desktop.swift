internal import CPlatform
package import ToolKit

/// The desktop of an X server on this machine, through xdotool, xmodmap and maim.
///
/// Each is started with a fixed shape of arguments and an environment of its own. Deeds take turns: two hands on one
/// keyboard type nonsense.
package final class X11Desktop: DesktopHands {
    /// Where the programs are. Tests name others.
    package struct Programs: Sendable, Hashable {
        package var hands = "/usr/bin/xdotool"
        package var keyboard = "/usr/bin/xmodmap"
        package var camera = "/usr/bin/maim"

        package init() {}
    }

    let display: DisplayChoice
    let programs: Programs
    /// For what takes no time by itself.
    let patience: Duration
    let turns = AsyncTurn()
    let keyboard = Keyboard()

    package init(on display: DisplayChoice, programs: Programs = Programs(), patience: Duration = .seconds(10)) {
        self.display = display
        self.programs = programs
        self.patience = patience
    }

    /// Looks at what is installed and set; connects to nothing.
    package static func availability(of display: DisplayChoice, programs: Programs = Programs()) -> Availability {
        #if os(Linux)
            guard display.x11 != nil else {
                guard display.wayland == nil else {
                    return .unavailable(
                        reason: "this is a Wayland session, which lets no program use other programs' windows",
                        remedy: "sign in to an X11 session, or set EXECUTION_DISPLAY to an X server such as Xvfb",
                        dependency: "X11")
                }
                return .unavailable(
                    reason: "there is no display: DISPLAY is not set",
                    remedy: "start the daemon in an X11 session, or set EXECUTION_DISPLAY to an X server such as :0",
                    dependency: "X11")
            }
            guard display.isLocal else {
                return .unavailable(
                    reason: "the display is none of this machine's", remedy: "set EXECUTION_DISPLAY to one such as :0",
                    dependency: "X11")
            }
            for (path, package) in [(programs.hands, "xdotool"), (programs.keyboard, "x11-xserver-utils")]
            where !isThere(path) {
                return .unavailable(
                    reason: "\(path) is missing", remedy: "apt-get install xdotool x11-xserver-utils maim",
                    dependency: package)
            }
            return .available
        #else
            return .unavailable(
                reason: "needs X11, which this system has no desktop on", remedy: "use it on a Linux machine with X11",
                dependency: "X11")
        #endif
    }

    private static func isThere(_ path: String) -> Bool {
        var identity = cp_identity()
        return cp_identity_of(path, &identity) == 0
    }

    package func plan(_ deed: DesktopDeed) throws -> [String: JSONValue] {
        let steps = Self.steps(of: deed, programs)
        return [
            "summary": .string(Self.summary(of: deed)), "display": JSONValue(display.x11),
            "commands": .array(steps.map { .array($0.map(JSONValue.string)) }),
            "confinement": "none: the programs for the desktop run beside the daemon",
        ]
    }

    package func perform(_ deed: DesktopDeed) async throws -> DesktopResult {
        #if os(Linux)
            if case .unavailable(let reason, let remedy, _) = Self.availability(of: display, programs: programs) {
                throw ToolFailure("display_unavailable", reason, remedy: remedy)
            }
            return try await turns.take { try await self.done(deed) }
        #else
            throw ToolFailure("display_unavailable", "there is no X11 here", remedy: "use a Linux machine with X11")
        #endif
    }

    /// Whole command lines, a question about the screen's size in front where a place is named. What is typed goes through
    /// the standard input, where nobody else sees it.
    static func steps(of deed: DesktopDeed, _ programs: Programs) -> [[String]] {
        let hands = programs.hands
        let size = [hands, "getdisplaygeometry"]
        func toPoint(_ point: DesktopDeed.Point?) -> [String] {
            point.map { ["mousemove", "\($0.x)", "\($0.y)"] } ?? []
        }
        func checked(_ point: DesktopDeed.Point?, _ step: [String]) -> [[String]] {
            (point == nil ? [] : [size]) + [[hands] + toPoint(point) + step]
        }
        switch deed {
        case .click(let point, let button, let count):
            return checked(point, ["click"] + repeated(count, every: 60) + ["\(button.number)"])
        case .move(let point): return checked(point, [])
        case .type: return [[programs.keyboard, "-pke"], [programs.keyboard, "-"], [hands, "-"]]
        case .press(let chords):
            // One each: behind a word that is also a command of xdotool's, further words would be its arguments.
            return chords.map { [hands, "key", "--clearmodifiers", "--delay", "12", $0] }
        case .scroll(let point, let direction, let steps):
            return checked(point, ["click"] + repeated(steps, every: 12) + ["\(direction.number)"])
        case .windows: return [[hands, "search", "--onlyvisible", "--name", "."]]
        case .focus(let window): return [[hands, "windowactivate", "\(window)"]]
        case .screenshot: return [[programs.camera, "--hidecursor"]]
        }
    }

    private static func repeated(_ count: Int, every milliseconds: Int) -> [String] {
        count == 1 ? [] : ["--repeat", "\(count)", "--delay", "\(milliseconds)"]
    }

    private static func summary(of deed: DesktopDeed) -> String {
        func place(_ point: DesktopDeed.Point?) -> String {
            point.map { "at \($0.x), \($0.y)" } ?? "where the pointer is"
        }
        switch deed {
        case .click(let point, let button, let count):
            return "\(count == 2 ? "double click" : "click") with the \(button.rawValue) button \(place(point))"
        case .move(let point): return "move the pointer to \(point.x), \(point.y)"
        case .type(let text): return "type \(text.unicodeScalars.count) characters at the keyboard's focus"
        case .press(let chords): return "press \(chords.joined(separator: ", then "))"
        case .scroll(let point, let direction, let steps):
            return "scroll \(direction.rawValue) by \(steps) \(place(point))"
        case .windows: return "list the windows that can be seen"
        case .focus(let window): return "bring window \(window) to the front and give it the keyboard"
        case .screenshot: return "take a picture of the whole screen"
        }
    }
}

extension DesktopDeed.Button {
    /// As X counts them.
    var number: Int {
        switch self {
        case .left: 1
        case .middle: 2
        case .right: 3
        }
    }
}

extension DesktopDeed.Direction {
    /// Scrolling is clicks of these buttons.
    var number: Int {
        switch self {
        case .up: 4
        case .down: 5
        case .left: 6
        case .right: 7
        }
    }
}
