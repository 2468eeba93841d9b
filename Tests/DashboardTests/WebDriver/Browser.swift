import Foundation
import Testing
import ToolKit

/// A headless Chromium of Debian's, with its own sandbox, and the driver that leads it.
final class Browser: Sendable {
    @TaskLocal static var current: Browser?

    let driver: WebDriver
    private let program: Program
    private let folder: String

    static let programs = ["/usr/bin/chromedriver", "/usr/bin/chromium", "/usr/bin/setpriv"]

    static var isInstalled: Bool {
        programs.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) } && Sandboxing.isOutside
    }

    struct DidNotStart: Error, CustomStringConvertible {
        let description: String
    }

    init() async throws {
        folder = NSTemporaryDirectory() + "execlayer-browser-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        var command = ["/usr/bin/chromedriver", "--port=0"]
        if geteuid() == 0 {
            // Chromium gives up its sandbox for root, and a browser that reads hostile pages should not.
            chown(folder, 65534, 65534)
            command = ["/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] + command
        }
        program = try Program(
            command[0], Array(command.dropFirst()),
            environment: ["HOME": folder, "TMPDIR": folder, "XDG_CACHE_HOME": folder, "LANG": "en_GB.UTF-8"])
        let port = await program.waitForOutput { output in
            output.firstMatch(of: /successfully on port ([0-9]+)/).map { String($0.output.1) }
        }
        guard let port else { throw DidNotStart(description: program.errorsSoFar) }
        driver = try await WebDriver.start(
            at: "http://127.0.0.1:\(port)",
            capabilities: [
                "goog:loggingPrefs": ["browser": "ALL"],
                "goog:chromeOptions": [
                    "args": [
                        "--headless=new", "--window-size=1280,900", "--disable-dev-shm-usage", "--disable-gpu",
                        "--force-color-profile=srgb", "--hide-scrollbars", "--no-first-run",
                        // No test may wait for a server of the browser's maker.
                        "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    ]
                ],
            ])
        try await driver.post("timeouts", ["script": 30_000, "pageLoad": 60_000, "implicit": 0])
    }

    func quit() async {
        // It may have ended already, which is as good.
        try? await driver.quit()
        program.signal(SIGTERM)
        _ = await program.ending()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

/// One browser for all tests of a suite.
struct BrowserTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let browser = try await Browser()
        do {
            try await Browser.$current.withValue(browser) { try await function() }
        } catch {
            await browser.quit()
            throw error
        }
        await browser.quit()
    }
}

extension Trait where Self == BrowserTrait {
    static var browser: Self { Self() }
}
