import Foundation
import Testing
import Synchronization
import ToolKit

@testable import Desktop

/// An X server of the test's own, with one window that writes down what happens to it.
final class Screen: Sendable {
    static let isPossible =
        ["/usr/bin/Xvfb", "/usr/bin/xdotool", "/usr/bin/xmodmap", "/usr/bin/maim"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } && hasTk
    static let reason: Comment = "needs Xvfb, xdotool, x11-xserver-utils, maim and python3-tk"

    private static let hasTk: Bool = {
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        python.arguments = ["-c", "import tkinter"]
        python.standardError = FileHandle.nullDevice
        do { try python.run() } catch { return false }
        python.waitUntilExit()
        return python.terminationStatus == 0
    }()

    struct DidNotStart: Error {}

    let desktop: X11Desktop
    let display: String
    private let folder: String
    private let processes = Mutex<[Process]>([])

    /// - Parameter title: Of the window.
    init(title: String = "target", patience: Duration = .seconds(10)) async throws {
        folder = NSTemporaryDirectory() + "screen-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = Process()
        let numbers = Pipe()
        server.executableURL = URL(fileURLWithPath: "/bin/sh")
        // It finds a free number and tells it.
        server.arguments = ["-c", "exec Xvfb -displayfd 1 -screen 0 800x600x24 -nolisten tcp 2>/dev/null"]
        server.standardOutput = numbers
        try server.run()
        processes.withLock { $0.append(server) }
        let line = try await Self.line(from: numbers.fileHandleForReading)
        display = ":" + line
        desktop = X11Desktop(on: DisplayChoice(x11: display), patience: patience)
        try open(title: title)
        try await wait { self.log.contains("ready") }
    }

    deinit {
        for process in processes.withLock({ $0 }).reversed() where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static func line(from file: FileHandle) async throws -> String {
        try await Task.detached {
            var text = ""
            while let piece = try file.read(upToCount: 1), !piece.isEmpty {
                guard piece[0] != 0x0A else { return text }
                text += String(decoding: piece, as: UTF8.self)
            }
            throw DidNotStart()
        }.value
    }

    private func open(title: String) throws {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        program.arguments = ["-c", Self.window, folder, title]
        program.environment = ["DISPLAY": display, "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        try program.run()
        processes.withLock { $0.append(program) }
    }

    /// What was done to the window, a line each.
    var log: String { (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? "" }

    /// What was typed into it.
    var text: String { (try? String(contentsOfFile: folder + "/text", encoding: .utf8)) ?? "" }

    /// Until it is so, at most 20 seconds.
    func wait(_ condition: @Sendable () async throws -> Bool) async throws {
        for _ in 0..<400 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static let window = """
        import os, sys, tkinter
        folder, title = sys.argv[1:]
        log = open(folder + '/log', 'a', buffering=1)
        root = tkinter.Tk()
        root.title(title)
        root.geometry('400x300+50+60')
        text = tkinter.Text(root)
        text.pack(fill='both', expand=True)
        text.focus_force()
        def say(*words): print(*words, file=log)
        root.bind('<Button>', lambda e: say('button', e.num, e.x_root, e.y_root))
        root.bind('<Double-Button-1>', lambda e: say('double', e.x_root, e.y_root))
        root.bind('<Control-Shift-KeyPress-T>', lambda e: say('chord'))
        root.bind('<FocusIn>', lambda e: say('focus'))
        kept = ['']
        def dump():
            now = text.get('1.0', 'end-1c')
            if now != kept[0]:
                kept[0] = now
                with open(folder + '/new', 'w') as f: f.write(now)
                os.rename(folder + '/new', folder + '/text')
            root.after(20, dump)
        dump()
        root.after(300, lambda: say('ready'))
        root.mainloop()
        """
}
