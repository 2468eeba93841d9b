#if os(Linux)
    internal import ToolKit

    extension X11Desktop {
        /// What the programs find around them.
        private var surroundings: [String: String] {
            var variables = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"]
            variables["DISPLAY"] = display.x11
            // Where Xlib looks for what lets it in.
            variables["XAUTHORITY"] = display.authority ?? display.home.map { $0 + "/.Xauthority" }
            return variables
        }

        func helper(_ path: String) -> HelperProgram { HelperProgram(path: path, environment: surroundings) }

        func done(_ deed: DesktopDeed) async throws -> DesktopResult {
            switch deed {
            case .click(let point, _, _), .scroll(let point, _, _): return try await pointed(deed, at: point)
            case .move(let point): return try await pointed(deed, at: point)
            case .press: return try await pressed(deed)
            case .type(let text): return try await typed(text)
            case .windows: return try await windows()
            case .focus(let window): return try await focused(window)
            case .screenshot: return try await pictured()
            }
        }

        private func pointed(_ deed: DesktopDeed, at point: DesktopDeed.Point?) async throws -> DesktopResult {
            var members: [String: JSONValue] = [:]
            if let point {
                let screen = try await screen()
                guard 0..<screen.width ~= point.x, 0..<screen.height ~= point.y else {
                    throw ToolFailure(
                        "outside_screen", "\(point.x), \(point.y) lies outside of the screen",
                        remedy: "stay within 0 to \(screen.width - 1) and 0 to \(screen.height - 1)")
                }
                members = [
                    "x": .integer(point.x), "y": .integer(point.y),
                    "screen": ["width": .integer(screen.width), "height": .integer(screen.height)],
                ]
            }
            _ = try await step(of: deed)
            return DesktopResult(members)
        }

        private func pressed(_ deed: DesktopDeed) async throws -> DesktopResult {
            guard case .press(let chords) = deed else { return DesktopResult() }
            for words in Self.steps(of: deed, programs) {
                let ending = try await run(words)
                // It presses the other keys of a chord and is content.
                guard !ending.problem.contains("No such key name") else {
                    throw ToolFailure(
                        "unknown_key", "X has no key of one of these names",
                        remedy:
                            "use names such as Return, Escape, BackSpace, Page_Down, F5, ctrl, alt, shift, super, plus")
                }
            }
            return DesktopResult(["keys": .array(chords.map(JSONValue.string))])
        }

        /// The last of the deed's command lines.
        private func step(of deed: DesktopDeed) async throws -> HelperProgram.Ending {
            let words = Self.steps(of: deed, programs).last ?? []
            return try await run(words)
        }

        /// - Throws: ``ToolFailure`` when it failed.
        func run(
            _ words: [String], input: String = "", outputLimit: Int = 1 << 20, within time: Duration? = nil
        ) async throws -> HelperProgram.Ending {
            let ending = try await helper(words[0]).run(
                Array(words.dropFirst()), input: input, outputLimit: outputLimit, within: time ?? patience)
            guard ending.status == 0 else { throw Self.failure(ending) }
            return ending
        }

        static func failure(_ ending: HelperProgram.Ending) -> ToolFailure {
            let words = ending.problem.lowercased()
            if words.contains("open display") || words.contains("open x display") || words.contains("unable to open")
                || words.contains("creating xdo")
            {
                return ToolFailure(
                    "display_unavailable", "the X server does not answer, or does not let the daemon in",
                    remedy: "look whether it runs; XAUTHORITY has to name the file that lets the daemon in")
            }
            return ToolFailure(
                "desktop_failed", "the desktop refused it", remedy: "look at the desktop; take a screenshot to see it")
        }

        func screen() async throws -> (width: Int, height: Int) {
            let ending = try await run([programs.hands, "getdisplaygeometry"])
            let numbers = ending.text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
            guard numbers.count == 2, numbers.allSatisfy({ 1...65_535 ~= $0 }) else {
                throw Self.failure(HelperProgram.Ending(status: 1, output: [], problem: ""))
            }
            return (numbers[0], numbers[1])
        }

        // MARK: Windows

        /// More are counted.
        private static let windowLimit = 50
        private static let titleLimit = 256

        private func windows() async throws -> DesktopResult {
            // Nothing found is an error to it.
            let ending = try await helper(programs.hands).run(
                ["search", "--onlyvisible", "--name", "."], within: patience)
            guard ending.status == 0 || ending.status == 1 && ending.problem.isEmpty else { throw Self.failure(ending) }
            let numbers = ending.text.split(separator: "\n").compactMap { Int($0) }
            let focused = try await helper(programs.hands).run(["getwindowfocus"], within: patience)
            let focus =
                focused.status == 0 ? Int(focused.text.trimmingPrefix { $0.isWhitespace }.prefix { $0.isNumber }) : nil
            var windows: [JSONValue] = []
            for number in numbers.prefix(Self.windowLimit) {
                if let window = try await window(number, focus) { windows.append(window) }
            }
            var members: [String: JSONValue] = ["windows": .array(windows), "count": .integer(numbers.count)]
            if numbers.count > Self.windowLimit { members["truncated"] = true }
            return DesktopResult(members)
        }

        /// - Returns: `nil` for one that is gone meanwhile.
        private func window(_ number: Int, _ focus: Int?) async throws -> JSONValue? {
            let named = try await helper(programs.hands).run(
                ["getwindowname", "\(number)"], outputLimit: 65_536, within: patience)
            let placed = try await helper(programs.hands).run(
                ["getwindowgeometry", "--shell", "\(number)"], within: patience)
            guard named.status == 0, placed.status == 0 else { return nil }
            var facts: [String: JSONValue] = [:]
            for line in placed.text.split(separator: "\n") {
                let sides = line.split(separator: "=", maxSplits: 1)
                if sides.count == 2, let value = Int(sides[1]) { facts[sides[0].lowercased()] = .integer(value) }
            }
            return [
                "window": .integer(number), "title": .string(Self.shown(named.text)), "x": facts["x"] ?? nil,
                "y": facts["y"] ?? nil, "width": facts["width"] ?? nil, "height": facts["height"] ?? nil,
                "focused": .bool(number == focus),
            ]
        }

        /// A title is whatever its program says: one line without anything that steers a terminal or turns the direction of
        /// writing.
        static func shown(_ title: String) -> String {
            let title = title.hasSuffix("\n") ? String(title.dropLast()) : title
            var shown = String.UnicodeScalarView()
            for scalar in title.unicodeScalars.prefix(titleLimit) {
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                    shown.append("\u{FFFD}")
                default: shown.append(scalar)
                }
            }
            return String(shown)
        }

        private func focused(_ window: Int) async throws -> DesktopResult {
            let known = try await helper(programs.hands).run(["getwindowname", "\(window)"], within: patience)
            guard known.status == 0 else {
                if Self.failure(known).code == "display_unavailable" { throw Self.failure(known) }
                throw ToolFailure(
                    "no_such_window", "there is no such window", remedy: "ask for the windows; ids change with programs"
                )
            }
            let active = try await helper(programs.hands).run(["windowactivate", "\(window)"], within: patience)
            // Without a window manager that knows how.
            if active.status != 0 || !active.problem.isEmpty {
                _ = try await run([programs.hands, "windowraise", "\(window)", "windowfocus", "\(window)"])
            }
            return DesktopResult(["window": .integer(window)])
        }

        // MARK: A picture

        private static let pictureLimit = 24 << 20

        private func pictured() async throws -> DesktopResult {
            guard case .available = Self.availability(of: display, programs: withCamera) else {
                throw ToolFailure(
                    "screenshot_unavailable", "\(programs.camera) is missing", remedy: "apt-get install maim")
            }
            let ending = try await run(
                [programs.camera, "--hidecursor"], outputLimit: Self.pictureLimit, within: patience)
            guard let size = Self.size(ofPNG: ending.output) else {
                throw Self.failure(HelperProgram.Ending(status: 1, output: [], problem: ""))
            }
            return DesktopResult(
                ["width": .integer(size.width), "height": .integer(size.height)], picture: ending.output)
        }

        private var withCamera: Programs {
            var programs = programs
            programs.hands = programs.camera
            return programs
        }

        /// From its header; `nil` for what is no PNG.
        static func size(ofPNG bytes: [UInt8]) -> (width: Int, height: Int)? {
            guard bytes.count > 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else {
                return nil
            }
            func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
            return (number(16), number(20))
        }
    }
#endif
