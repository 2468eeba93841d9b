import Foundation
import Testing
import ToolKit

@testable import Desktop

/// A real X server, a real window.
@Suite("A real screen", .serialized, .enabled(if: Screen.isPossible, Screen.reason), .timeLimit(.minutes(3)))
struct ScreenTests {
    @Test("is clicked, clicked twice and scrolled where it was asked for")
    func pointer() async throws {
        let screen = try await Screen()
        let point = DesktopDeed.Point(x: 120, y: 130)
        let clicked = try await screen.desktop.perform(.click(at: point, .right, count: 1))
        #expect(clicked.members["x"] == 120 && clicked.members["screen"]?["width"] == 800)
        try await screen.wait { screen.log.contains("button 3 120 130") }
        #expect(screen.log.contains("button 3 120 130") && !screen.log.contains("double"))
        _ = try await screen.desktop.perform(.click(at: DesktopDeed.Point(x: 140, y: 150), .left, count: 2))
        _ = try await screen.desktop.perform(.scroll(at: nil, .up, steps: 4))
        try await screen.wait { screen.log.components(separatedBy: "button 4 140 150").count == 5 }
        #expect(screen.log.contains("double 140 150"))
        #expect(screen.log.components(separatedBy: "button 4 140 150").count == 5)
    }

    @Test("gets any text typed, to the letter, however many strange characters it has")
    func typing() async throws {
        let screen = try await Screen()
        let strange = String(String.UnicodeScalarView((0x410...0x44F).compactMap(Unicode.Scalar.init)))
        let text = """
            Hello, Wörld! "quoted" 'single' $HOME `id` \\n %s {a|b} <c> ~ ^ @ #1; -- &&
            	日本語 € é ñ 😀 Ж \(strange) end
            """
        let result = try await screen.desktop.perform(.type(text))
        #expect(result.members["characters"] == .integer(text.unicodeScalars.count))
        try await screen.wait { screen.text == text }
        #expect(screen.text == text)
        // Again, with what is on the keys by now.
        _ = try await screen.desktop.perform(.type("日本語"))
        try await screen.wait { screen.text == text + "日本語" }
        #expect(screen.text == text + "日本語")
    }

    @Test("gets chords pressed; a key that does not exist is an error")
    func chords() async throws {
        let screen = try await Screen()
        _ = try await screen.desktop.perform(.press(["ctrl+shift+t", "x"]))
        try await screen.wait { screen.log.contains("chord") && screen.text == "x" }
        #expect(screen.log.contains("chord") && screen.text == "x")
        let code = await Self.code { try await screen.desktop.perform(.press(["nosuchkey"])) }
        #expect(code == "unknown_key")
    }

    private static func code(_ body: () async throws -> DesktopResult) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch let failure as ToolFailure {
            return failure.code
        } catch {
            return "\(error)"
        }
    }

    @Test("is not touched outside of its borders", arguments: [(-1, 5), (5, -1), (800, 5), (5, 600), (65_535, 65_535)])
    func borders(x: Int, y: Int) async throws {
        let screen = try await Screen()
        let point = DesktopDeed.Point(x: x, y: y)
        for deed in [
            DesktopDeed.move(to: point), .click(at: point, .left, count: 1), .scroll(at: point, .up, steps: 1),
        ] {
            #expect(await Self.code { try await screen.desktop.perform(deed) } == "outside_screen")
        }
        #expect(!screen.log.contains("button"))
        // Control: the last pixel is on it.
        #expect(await Self.code { try await screen.desktop.perform(.move(to: .init(x: 799, y: 599))) } == nil)
    }

    @Test("tells its windows with titles that steer nothing, and gives one of them the keyboard")
    func windows() async throws {
        let hostile = "evil\u{1B}]0;x\u{7}\nWINDOW=1\u{202E} -- $(id) `id`"
        let screen = try await Screen(title: hostile)
        let listed = try await screen.desktop.perform(.windows)
        let window = try #require(
            listed.members["windows"]?.arrayValue?.first { $0["title"]?.stringValue?.hasPrefix("evil") == true })
        let title = window["title"]?.stringValue ?? ""
        #expect(title.contains("$(id) `id`"))
        #expect(
            title.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E }, "\(title)")
        #expect(window["width"] == 400 && window["x"] == 50 && window["y"] == 60)
        let id = try #require(window["window"]?.integerValue)
        _ = try await screen.desktop.perform(.focus(window: id))
        #expect(await Self.code { try await screen.desktop.perform(.focus(window: 4_000_000_000)) } == "no_such_window")
    }

    @Test("has its picture taken, as large as it is")
    func picture() async throws {
        let screen = try await Screen()
        let result = try await screen.desktop.perform(.screenshot)
        #expect(result.members["width"] == 800 && result.members["height"] == 600)
        #expect((result.picture?.count ?? 0) > 1_000)
    }

    @Test("that does not exist is an error at once, for every deed")
    func absent() async throws {
        let desktop = X11Desktop(on: DisplayChoice(x11: ":63999"))
        let point = DesktopDeed.Point(x: 1, y: 1)
        for deed in [
            DesktopDeed.click(at: point, .left, count: 1), .click(at: nil, .left, count: 1), .type("x"), .press(["x"]),
            .windows, .focus(window: 5), .screenshot,
        ] {
            #expect(await Self.code { try await desktop.perform(deed) } == "display_unavailable", "\(deed)")
        }
    }

    @Test("whose program hangs is given up in bounded time, and nothing of it is left")
    func hanging() async throws {
        let folder = NSTemporaryDirectory() + "hanging-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = folder + "/xdotool"
        // A child holds the pipe.
        try "#!/bin/sh\necho $$ > \(folder)/pid\nsleep 600 &\necho $! > \(folder)/child\nwait\n".write(
            toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        var programs = X11Desktop.Programs()
        programs.hands = program
        let desktop = X11Desktop(on: DisplayChoice(x11: ":0"), programs: programs, patience: .milliseconds(1_500))
        let started = ContinuousClock.now
        #expect(await Self.code { try await desktop.perform(.press(["x"])) } == "timeout")
        #expect(ContinuousClock.now - started < .seconds(15))
        for name in ["pid", "child"] {
            let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
            let number = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            var tries = 0
            while Self.lives(number), tries < 100 {
                try await Task.sleep(for: .milliseconds(50))
                tries += 1
            }
            #expect(!Self.lives(number), "\(name)")
        }
    }

    /// A process that has ended and waits for its parent is none.
    private static func lives(_ number: pid_t) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8) else { return false }
        return !status.contains(") Z ")
    }
}
