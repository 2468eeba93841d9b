internal import Engine
internal import ServiceLifecycle

/// Tells those who watch what happens, and ends their streams as soon as the daemon is told to stop.
struct Broadcast: Service {
    let hub: EventHub
    let output: OutputBoard

    /// For the last bytes to leave; one who takes none is cut off after that.
    private static let patience = Duration.milliseconds(200)

    func run() async throws {
        await withGracefulShutdownHandler {
            async let telling: Void = hub.tellOutput(of: output)
            await hub.run()
            await telling
        } onGracefulShutdown: {
            hub.close()
        }
        try? await Task.sleep(for: Self.patience)
        hub.cutOff()
    }
}
