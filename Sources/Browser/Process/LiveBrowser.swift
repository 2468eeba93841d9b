internal import Egress
internal import Foundation
internal import Sandbox
internal import Synchronization
internal import ToolKit

/// One Chromium in a sandbox of its own: an unprivileged user, no workspace, folders in memory, and a network in which
/// there is nothing but our proxy. It serves one visit at a time.
final class LiveBrowser: Sendable {
    let connection: BrowserConnection
    let proxy: GuardedProxy
    private let process: Task<Void, Never>
    private let reading: Task<Void, Never>
    /// The page for the next visit, made while nobody waits for it.
    private let next = Mutex<Task<FreshPage?, Never>?>(nil)

    /// How long a start may take on a cold and busy machine.
    private static let startTime = Duration.seconds(45)

    private init(
        _ connection: BrowserConnection, _ proxy: GuardedProxy, process: Task<Void, Never>, reading: Task<Void, Never>
    ) {
        self.connection = connection
        self.proxy = proxy
        self.process = process
        self.reading = reading
    }

    /// - Throws: ``ToolFailure`` when there is no sandbox for it or it does not start.
    static func start(_ program: BrowserProgram, in pool: SupervisorPool, through egress: Egress) async throws
        -> LiveBrowser
    {
        let input = CallInput()
        let stopper = CallStopper()
        let connection = BrowserConnection(CallPipe(input: input, stopper: stopper))
        let proxy = egress.proxy(rules: NothingAllowed(), connections: CallConnections())
        var call = ConfinedCall(
            program.command.program, program.command.arguments, environment: environment, folder: "/home/sandbox",
            limits: limits)
        call.owner = "browser"
        call.input = input
        call.stopper = stopper
        call.network = { proxy.serve($0) }
        let (confined, profile) = (call, Self.profile(on: pool.host))
        // Both outlive the call that needed the browser first.
        let process = Task.detached {
            _ = try? await pool.run(confined, in: profile) { stream, _, bytes in
                if stream == .stdout { connection.took(bytes) }
            }
            connection.close()
            await proxy.close()
        }
        let reading = Task.detached { await connection.run() }
        let browser = LiveBrowser(connection, proxy, process: process, reading: reading)
        let end = ContinuousClock.now + startTime
        do {
            try await connection.call("Browser.getVersion", until: end)
            // Whatever begins anywhere in it waits for us before it runs.
            try await connection.call(
                "Target.setAutoAttach", ["autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true],
                until: end)
        } catch {
            await browser.end()
            if error is CancellationError { throw CallInterrupted.cancelled }
            throw ToolFailure(
                "browser_unavailable", "the browser did not start",
                remedy: "look whether \(program.path) runs on this machine and whether it has memory to spare")
        }
        return browser
    }

    var isAlive: Bool { !connection.isGone }

    /// A page that nobody has used.
    func page(until end: ContinuousClock.Instant) async throws -> FreshPage {
        let prepared = next.withLock { next in
            defer { next = nil }
            return next
        }
        if let page = await prepared?.value { return page }
        return try await FreshPage(connection, until: end)
    }

    /// Makes the next page.
    func prepare() {
        let connection = connection
        next.withLock { $0 = Task.detached { try? await FreshPage(connection, until: .now + .seconds(20)) } }
    }

    /// Returns when the page for the next visit is there.
    func isPrepared() async { _ = await next.withLock { $0 }?.value }

    /// Returns when nothing of it is left.
    func end() async {
        connection.close()
        await process.value
        await reading.value
    }

    private static func profile(on host: SandboxHost) -> Profile {
        var profile = Profile(workspace: .none, runAs: host.runAs(workspace: nil))
        // Its processes find each other so. There is nobody else's socket to be seen.
        profile.unixSockets = true
        profile.terminals = false
        profile.scratch.bytes = 512 << 20
        if FileManager.default.fileExists(atPath: "/etc/fonts") { profile.binds.append(.init("/etc/fonts")) }
        return profile
    }

    private static let environment = ConfinedCall.plainEnvironment.merging(
        ["DBUS_SESSION_BUS_ADDRESS": "disabled:", "DBUS_SYSTEM_BUS_ADDRESS": "disabled:"]
    ) { $1 }

    private static let limits = {
        var limits = CallLimits()
        limits.wallTime = .seconds(3_600)
        limits.cpuTime = nil
        limits.memory = 2 << 30
        limits.openFiles = 8_192
        limits.keptOutput = 0
        limits.countedOutput = .max
        return limits
    }()
}

private struct CallPipe: BrowserPipe {
    let input: CallInput
    let stopper: CallStopper

    func send(_ bytes: [UInt8]) -> Bool { input.send(bytes) }
    func end() { stopper.stop(.cancelled) }
}
