package import Egress
package import Sandbox
internal import ToolKit

/// Browsers that wait for the next call: started when the first one needs it, replaced after a number of calls or when they
/// broke down, ended when nobody needs them.
package actor BrowserPool {
    package struct Settings: Sendable {
        /// As many visits as can go on at once; a further one waits.
        package var browsers = 2
        /// Then a browser makes room for a new one: whatever piles up in it does not.
        package var visitsPerBrowser = 40
        package var idleTime = Duration.seconds(180)

        package init() {}
    }

    private struct Waiting {
        let id: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    nonisolated package let program: BrowserProgram
    private let settings: Settings
    private let supervisors: SupervisorPool
    private let egress: Egress
    private var idle: [LiveBrowser] = []
    private var visits: [ObjectIdentifier: Int] = [:]
    /// Whose calls each serves, as long as it lives: what a page did to a browser must not meet somebody else's call.
    private var owners: [ObjectIdentifier: String] = [:]
    /// Idle, in use, starting or ending.
    private var count = 0
    private var waiting: [Waiting] = []
    private var nextWaiting = 0
    private var isClosed = false
    private var round = 0
    /// Browsers that were started, for tests.
    package private(set) var started = 0

    package init(
        _ program: BrowserProgram, in supervisors: SupervisorPool, through egress: Egress,
        settings: Settings = Settings()
    ) {
        self.program = program
        self.supervisors = supervisors
        self.egress = egress
        self.settings = settings
    }

    /// A browser that nobody else uses.
    ///
    /// - Throws: ``ToolFailure`` when none starts or none is free in time, ``CallInterrupted``.
    func take(for owner: String, until deadline: ContinuousClock.Instant) async throws -> LiveBrowser {
        while true {
            guard !isClosed else {
                throw ToolFailure("browser_unavailable", "the daemon is stopping", remedy: "try again when it is back")
            }
            if Task.isCancelled {
                // It may have been woken in somebody else's place.
                wakeNext()
                throw CallInterrupted.cancelled
            }
            if let place = idle.lastIndex(where: { owners[ObjectIdentifier($0)] == owner }) {
                let browser = idle.remove(at: place)
                if browser.isAlive { return browser }
                await discard(browser)
                continue
            }
            if count < settings.browsers {
                count += 1
                do {
                    let browser = try await LiveBrowser.start(program, in: supervisors, through: egress)
                    started += 1
                    owners[ObjectIdentifier(browser)] = owner
                    guard !isClosed else {
                        await discard(browser)
                        continue
                    }
                    return browser
                } catch {
                    count -= 1
                    wakeNext()
                    throw error
                }
            }
            if !idle.isEmpty {
                // Somebody else's, and nobody's need.
                await discard(idle.removeFirst())
                continue
            }
            guard .now < deadline else {
                throw ToolFailure(
                    "browser_busy", "as many calls use a browser as there may be browsers", remedy: "try again later")
            }
            await waitForTurn(until: deadline)
        }
    }

    /// - Parameter isSound: Whether another call may use it.
    func giveBack(_ browser: LiveBrowser, isSound: Bool) async {
        let used = visits[ObjectIdentifier(browser), default: 0] + 1
        guard isSound, !isClosed, browser.isAlive, used < settings.visitsPerBrowser else {
            return await discard(browser)
        }
        visits[ObjectIdentifier(browser)] = used
        idle.append(browser)
        round += 1
        wakeNext()
        let (now, idleTime) = (round, settings.idleTime)
        // Outlives the call: nobody may come again.
        Task { [weak self] in
            try? await Task.sleep(for: idleTime)
            await self?.endIdle(unlessUsedSince: now)
        }
    }

    private func endIdle(unlessUsedSince round: Int) async {
        if round == self.round { await endIdle() }
    }

    /// Ends those that nobody uses. When it returns nothing is left of them.
    package func endIdle() async {
        let browsers = idle
        idle = []
        for browser in browsers { await discard(browser) }
    }

    /// Returns when those that nobody uses have a page for the next call, as they have soon after a call; for tests.
    package func prepared() async {
        for browser in idle { await browser.isPrepared() }
    }

    /// Ends all of them; what uses one fails.
    package func close() async {
        isClosed = true
        for waiting in waiting { waiting.continuation.resume() }
        waiting = []
        await endIdle()
    }

    private func discard(_ browser: LiveBrowser) async {
        visits[ObjectIdentifier(browser)] = nil
        owners[ObjectIdentifier(browser)] = nil
        await browser.end()
        count -= 1
        wakeNext()
    }

    private func wakeNext() {
        if !waiting.isEmpty { waiting.removeFirst().continuation.resume() }
    }

    private func waitForTurn(until deadline: ContinuousClock.Instant) async {
        let id = nextWaiting
        nextWaiting += 1
        let timer = Task { [weak self] in
            try? await Task.sleep(until: deadline, clock: .continuous)
            await self?.wake(id)
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting.append(Waiting(id: id, continuation: $0)) }
        } onCancel: {
            timer.cancel()
        }
    }

    private func wake(_ id: Int) {
        guard let place = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: place).continuation.resume()
    }
}
