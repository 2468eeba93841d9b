import Testing
import ToolKit

@testable import Desktop

@Suite("A deed on the desktop, before anything is started")
struct PlanTests {
    private let desktop = X11Desktop(on: DisplayChoice(x11: ":9"))

    private func commands(_ deed: DesktopDeed) throws -> [[String]] {
        try desktop.plan(deed)["commands"]?.arrayValue?.map { $0.arrayValue?.compactMap(\.stringValue) ?? [] } ?? []
    }

    @Test("is a list of whole command lines, the screen's size asked for where a place is named")
    func lines() throws {
        let (hands, size) = ("/usr/bin/xdotool", ["/usr/bin/xdotool", "getdisplaygeometry"])
        let point = DesktopDeed.Point(x: 7, y: 8)
        #expect(
            try commands(.click(at: point, .right, count: 1)) == [size, [hands, "mousemove", "7", "8", "click", "3"]])
        #expect(
            try commands(.click(at: nil, .left, count: 2))
                == [[hands, "click", "--repeat", "2", "--delay", "60", "1"]])
        #expect(try commands(.move(to: point)) == [size, [hands, "mousemove", "7", "8"]])
        #expect(
            try commands(.scroll(at: nil, .down, steps: 3)) == [
                [hands, "click", "--repeat", "3", "--delay", "12", "5"]
            ])
        #expect(try commands(.press(["ctrl+t"])).first?.last == "ctrl+t")
        #expect(try commands(.screenshot) == [["/usr/bin/maim", "--hidecursor"]])
    }

    @Test("shows nothing of what is typed on a command line")
    func typed() throws {
        let plan = try desktop.plan(.type("my secret words"))
        #expect(plan["summary"] == "type 15 characters at the keyboard's focus")
        #expect(!"\(plan)".contains("secret"))
    }

    @Test("is not possible without a display, on Wayland, on another machine's display, or without the programs")
    func availability() {
        func reason(_ choice: DisplayChoice, _ programs: X11Desktop.Programs = .init()) -> String? {
            guard case .unavailable(let reason, let remedy, _) = X11Desktop.availability(of: choice, programs: programs)
            else { return nil }
            return remedy.isEmpty ? nil : reason
        }
        var nothing = X11Desktop.Programs()
        nothing.hands = "/usr/bin/no-such-program"
        #expect(reason(DisplayChoice())?.contains("DISPLAY is not set") == true)
        #expect(reason(DisplayChoice(wayland: "wayland-0"))?.contains("Wayland") == true)
        for other in ["host:0", "host/unix:0", ":", ":0.0.0", ":x", "localhost:10.0"] {
            #expect(reason(DisplayChoice(x11: other))?.contains("none of this machine's") == true, "\(other)")
        }
        #expect(reason(DisplayChoice(x11: ":0"), nothing)?.contains("is missing") == true)
        // Control: X through which Wayland shows it is one.
        var there = X11Desktop.Programs()
        (there.hands, there.keyboard) = ("/bin/sh", "/bin/sh")
        #expect(reason(DisplayChoice(x11: ":0.1", wayland: "wayland-0"), there) == nil)
        #expect(
            DisplayChoice(environment: ["EXECUTION_DISPLAY": ":7", "DISPLAY": ":1", "WAYLAND_DISPLAY": ""])
                == DisplayChoice(x11: ":7"))
    }

    @Test("types what no key has with spare keys, as many at once as there are")
    func parts() {
        let text = Array("aäbäcö€日".unicodeScalars)[...]
        #expect(X11Desktop.part(of: text, room: 2).part.count == 6)
        #expect(X11Desktop.part(of: text, room: 2).strange == ["ä", "ö"])
        #expect(X11Desktop.part(of: text, room: 9).part.count == 8)
        #expect(X11Desktop.part(of: text, room: 0).part.count == 1)
        var keys = SpareKeys(listing: "keycode   8 =\nkeycode  93 =\nkeycode  94 = a A\nkeycode  97 = \nnonsense\n")
        #expect(keys.free == [93, 97])
        let first = keys.place(["ä", "ö"])
        #expect(first.changes.map(\.code) == [93, 97] && !first.takesOver)
        #expect(keys.place(["ö"]).changes.isEmpty)
        // The one that was not used for the longest time gives way.
        let second = keys.place(["日"])
        #expect(second.changes.map(\.code) == [93] && second.takesOver && keys.code(of: "ä") == nil)
        #expect(KeyNames.number(of: "ä") == "U00E4" && KeyNames.number(of: "😀") == "U1F600")
    }

    @Test("shows titles of windows as one plain line")
    func titles() {
        let title = "a\u{1B}[2Jb\nc\u{202E}d\u{0}e\u{9B}f\n"
        #expect(X11Desktop.shown(title) == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f")
        #expect(X11Desktop.shown(String(repeating: "x", count: 9_999)).count == 256)
        #expect(X11Desktop.shown("Грüße 日本語 – 😀\n") == "Грüße 日本語 – 😀")
    }
}
