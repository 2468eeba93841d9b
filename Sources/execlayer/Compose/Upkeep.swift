internal import Engine
internal import HTTPDoor
internal import Logging
internal import ServiceLifecycle

/// What has to be done now and then while the daemon runs: hand edits of its files, and lines that wait for their sync.
struct Upkeep: Service {
    let layer: Layer
    let door: Door

    /// A hand edit is in force within a second (CONTRACT, Config).
    private static let interval = Duration.milliseconds(500)
    private static let roundsPerTick = 4
    /// A sign of life every 14 s; the contract says 15.
    private static let roundsPerBeat = 28
    /// Half an hour.
    private static let roundsPerSweep = 3_600

    func run() async throws {
        // The sleep ends with an error when the daemon is told to stop.
        await cancelWhenGracefulShutdown {
            async let cleaning: Void = layer.cleanWorkspace()
            async let resuming: Void = layer.resumeInbox()
            async let going: Void = layer.tasks.run()
            var round = 0
            while (try? await Task.sleep(for: Self.interval)) != nil {
                await layer.pollFiles()
                await layer.tickBrowsers()
                round += 1
                guard round.isMultiple(of: Self.roundsPerTick) else { continue }
                await door.tick()
                await layer.recordCountedRefusals()
                await layer.tickInbox()
                await layer.tickTasks()
                await layer.tickEffects()
                if round.isMultiple(of: Self.roundsPerSweep) { await layer.sweepEffects() }
                await layer.tickLog()
                if round.isMultiple(of: Self.roundsPerBeat) { layer.hub.beat() }
            }
            _ = await (cleaning, resuming, going)
        }
    }
}
