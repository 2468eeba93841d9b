internal import Engine
internal import ServiceLifecycle

/// Ends the runs that are under way as soon as the daemon is told to stop: whoever waits for one would keep the server
/// from stopping for as long as it takes.
struct RunKeeper: Service {
    let runs: RunDesk

    func run() async throws {
        try? await gracefulShutdown()
        await runs.stop()
    }
}
