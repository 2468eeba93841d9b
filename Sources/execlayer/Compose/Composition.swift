internal import UnixSignals
internal import Machine
internal import CPlatform
internal import Foundation
internal import Egress
internal import Engine
internal import Gate
internal import HTTPDoor
internal import Logging
internal import ServiceLifecycle
internal import ToolKit

/// Where the parts become a program.
enum Composition {
    static let offlineHome: OfflineHomeMaker = { try await OfflineLayer(at: $0) }

    /// Runs the daemon until it is told to stop.
    ///
    /// - Throws: ``HomeProblem``, ``HomeInUse``, or what the file at fault says of itself.
    static func serve(_ options: ServeOptions) async throws {
        cp_unblock_signals()
        let signals = try StopSignals()
        try hideSecrets()
        let level = Logger.Level(rawValue: options.logLevel.rawValue) ?? .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let address = BindAddress(host: options.host, port: options.port)
        let home = try Home(opening: options.home)
        let lock = try HomeLock(of: home)
        let layer = try await Layer(LayerOptions(options), home: home, lock: lock)
        do {
            try requireToken(of: layer, at: address)
            try await run(layer, at: address, options, lock, until: signals)
            await layer.close()
        } catch {
            await layer.close()
            throw (error as? BindFailure).map { HomeProblem(message: $0.message, remedy: $0.remedy) } ?? error
        }
    }

    /// Nobody may read this process, and the token is in its memory only (SECURITY R35). Other threads must not run yet.
    private static func hideSecrets() throws {
        guard cp_forbid_inspection() == 0 else {
            throw HomeProblem(
                message: "the system does not let this process protect its memory",
                remedy: "start it where prctl(PR_SET_DUMPABLE) and setrlimit are allowed")
        }
        cp_forget_variable("EXECUTION_TOKEN")
        let arguments = CommandLine.unsafeArgv
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = arguments[index] else { continue }
            if strcmp(argument, "--token") == 0, let value = arguments[index + 1] { cp_mask_argument(value) }
            if strncmp(argument, "--token=", 8) == 0 { cp_mask_argument(argument + 8) }
        }
    }

    /// Without a token everybody who reaches the port is the operator, so then nobody but this machine may (R51).
    private static func requireToken(of layer: Layer, at address: BindAddress) throws {
        guard !address.isLoopback, !layer.authenticator.requiresToken else { return }
        throw HomeProblem(
            message: "without a token the daemon listens on this machine only, not on \(address.host)",
            remedy: "set EXECUTION_TOKEN or make an operator's token first, or leave --host out")
    }

    private static func run(
        _ layer: Layer, at address: BindAddress, _ options: ServeOptions, _ lock: borrowing HomeLock,
        until signals: StopSignals
    ) async throws {
        let door = Door(
            engine: layer.engine, administration: layer.administration, desk: layer.desk, tasks: layer.tasks,
            playbooks: layer.playbooks, hub: layer.hub, authenticator: layer.authenticator, time: layer.time,
            logger: Logger(label: "http"))
        if address.port != 0 { layer.egress.own.add(address.port) }
        let (listening, announce) = AsyncStream<BindAddress>.makeStream()
        let server = HTTPServer(
            address: address, hosts: HostRule(allowed: options.allowedHosts), routes: door.routes,
            observer: { await door.observe($0) }, logger: Logger(label: "http")
        ) {
            layer.egress.own.add($0.port)
            announce.yield($0)
            announce.finish()
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: Upkeep(layer: layer, door: door)),
                    .init(service: server, failureTerminationBehavior: .gracefullyShutdownGroup),
                    // The last ones are stopped first: the server would wait for those who watch or wait.
                    .init(service: Broadcast(hub: layer.hub, output: layer.engine.output)),
                    .init(service: RunKeeper(runs: layer.desk.runs)),
                ],
                logger: Logger(label: "daemon")))
        // Outside the group of tasks, which ends only when all of them have: there may never be a signal.
        let stopping = Task {
            for await _ in signals.stream { await group.triggerGracefulShutdown() }
        }
        defer { stopping.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Also when it could not listen, or nobody would stop waiting for its address.
                defer { announce.finish() }
                try await group.run()
            }
            for await actual in listening {
                lock.announce(base: "http://\(actual.text)")
                cp_return_memory()
                Welcome.print(
                    address: actual, workspace: layer.workspace.path, home: layer.home.path,
                    tokens: layer.authenticator.hasOperatorToken
                        ? .variable : layer.authenticator.requiresToken ? .created : .none)
            }
            try await tasks.waitForAll()
        }
        await door.finish()
        await layer.recordCountedRefusals(all: true)
    }
}

extension LayerOptions {
    init(_ options: ServeOptions) {
        self.init(
            home: options.home, workspace: options.workspace, isWorkspaceForced: options.forcesWorkspace,
            operatorToken: options.token)
        allowedDomains = options.allowedDomains
        if let limit = options.rateLimitPerMinute { rateLimits = RateLimits(all: limit) }
    }
}
