#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    /// One outer wall with its waiting supervisor. Calls run side by side in it; each ends exactly once, also when the
    /// supervisor dies. Closing it ends everything inside within a second.
    package final class Supervisor: Sendable {
        /// More calls at once are refused by the supervisor; some places are for those that wait prepared.
        package static let callLimit = Frame.callLimit - Frame.preparedLimit
        /// How long a start may take; a cold machine needs a tenth of a second.
        private static let startTime = Duration.seconds(20)

        struct State {
            var calls: [UInt32: LiveCall] = [:]
            var nextCall: UInt32 = 1
            var pings: [UInt32: CheckedContinuation<SupervisorEvent.Pong?, Never>] = [:]
            var readiness: CheckedContinuation<Readiness, Never>?
            var answer: Readiness?
            /// Why it can take no more calls.
            var death: String?
            var process: Int32?
            var reader = FrameReader()
        }

        enum Readiness: Sendable {
            case ready(landlock: UInt32, ownIDs: Bool)
            case refused(String)
            /// A landmark of the profile is something else.
            case moved
            case dead(String)
        }

        package let profile: Profile
        let reactor: Reactor
        let channel: SupervisorChannel
        let log: LogTail
        let state = Mutex(State())
        /// The launcher's process, held until it ends.
        private let launcher: Mutex<Task<String, Never>?> = Mutex(nil)

        private init(_ profile: Profile, reactor: Reactor, channel: SupervisorChannel, log: LogTail) {
            self.profile = profile
            self.reactor = reactor
            self.channel = channel
            self.log = log
        }

        /// Whether it takes calls.
        package var isAlive: Bool { state.withLock { $0.death == nil } }

        /// How many calls run in it.
        package var running: Int { state.withLock { $0.calls.count } }

        /// The launcher's process.
        package var process: Int32? { state.withLock { $0.process } }

        // MARK: Starting

        /// Starts bubblewrap behind the launcher and waits until the supervisor is ready.
        ///
        /// - Parameter prepared: How many calls find their namespaces made already.
        static func start(
            _ profile: Profile, on host: SandboxHost, reactor: Reactor, prepared: Int, spareMemory: UInt64
        ) async throws(SupervisorFailure) -> Supervisor {
            var socket: [Int32] = [-1, -1]
            var pipe: [Int32] = [-1, -1]
            var error = cp_socket_pair(&socket)
            if error == 0 {
                error = cp_pipe(&pipe, CP_PIPE_WRITER_WAITS)
                if error != 0 { for end in socket { cp_close(end) } }
            }
            guard error == 0 else {
                throw SupervisorFailure(reason: "no descriptors are left (error \(-error))", log: "")
            }
            let channel = SupervisorChannel(socket[0], reactor: reactor)
            let supervisor = Supervisor(profile, reactor: reactor, channel: channel, log: LogTail(pipe[0], on: reactor))
            guard channel.listen(supervisor) else {
                for end in [socket[1], pipe[1]] { cp_close(end) }
                throw SupervisorFailure(reason: "the daemon is stopping", log: "")
            }
            let arguments = Launcher.arguments(for: profile, on: host)
            let (theirs, log) = (socket[1], pipe[1])
            // It outlives whoever needed the supervisor first: it ends when the launcher does.
            let task = Task.detached {
                await Launcher.run(host.programs.launcher, arguments, channel: theirs, log: log) { process in
                    supervisor.state.withLock { $0.process = process }
                }
            }
            supervisor.launcher.withLock { $0 = task }
            let payload = ConfigureRequest.payload(
                for: profile, system: host.system, prepared: prepared, spareMemory: spareMemory)
            channel.send(Frame.encode(.configure, call: 0, payload: payload))
            switch await supervisor.readiness() {
            case .ready: return supervisor
            case .moved:
                await supervisor.close()
                throw SupervisorFailure(reason: "a folder was moved meanwhile", log: "", isMoved: true)
            case .refused(let reason), .dead(let reason):
                let end = await supervisor.close()
                throw SupervisorFailure(
                    reason: "\(reason); \(end)", log: supervisor.log.text, isMoved: !profile.isInPlace)
            }
        }

        private func readiness() async -> Readiness {
            let timer = reactor.after(Self.startTime) { [self] in
                answer(.dead("it was not ready after \(Self.startTime)"))
            }
            defer { reactor.cancelTimer(timer) }
            return await withCheckedContinuation { continuation in
                let answer = state.withLock { state in
                    if state.answer == nil { state.readiness = continuation }
                    return state.answer
                }
                if let answer { continuation.resume(returning: answer) }
            }
        }

        func answer(_ readiness: Readiness) {
            let waiting = state.withLock { state in
                if state.answer == nil { state.answer = readiness }
                defer { state.readiness = nil }
                return state.readiness
            }
            waiting?.resume(returning: readiness)
        }

        // MARK: Ending

        /// Ends every call in it and waits until the launcher is gone.
        ///
        /// - Returns: How the launcher ended, in words.
        @discardableResult
        package func close() async -> String {
            die("the sandbox was closed", buffer: nil)
            guard let task = launcher.withLock({ $0 }) else { return "" }
            // The launcher kills what hangs after a second; this is for the launcher itself.
            let timer = reactor.after(.seconds(3)) { task.cancel() }
            defer { reactor.cancelTimer(timer) }
            let end = await task.value
            log.close()
            return end
        }

        /// No call can be answered any more. May be called twice; the first reason counts.
        func die(_ reason: String, buffer: UnsafeMutableRawBufferPointer?) {
            channel.close()
            let (calls, pings) = state.withLock { state in
                if state.death == nil { state.death = reason }
                defer {
                    state.calls = [:]
                    state.pings = [:]
                }
                return (state.calls, state.pings)
            }
            answer(.dead(reason))
            for ping in pings.values { ping.resume(returning: nil) }
            guard !calls.isEmpty else { return }
            let lost = { @Sendable (buffer: UnsafeMutableRawBufferPointer) in
                for call in calls.values {
                    call.ended(.lost(reason: reason), nil, wasKilled: true, CallEnd.Usage(), buffer)
                }
            }
            if let buffer {
                lost(buffer)
            } else {
                // Streams are read on the reactor's thread only.
                _ = reactor.at(0) {
                    withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { lost($0) }
                }
            }
        }
    }

    /// A supervisor could not be started.
    package struct SupervisorFailure: Error, Sendable, Hashable {
        package var reason: String
        /// What the launcher, bubblewrap and the supervisor said.
        package var log: String
        /// Whether something that was to be mounted is another thing by now, which says nothing about this machine.
        package var isMoved = false
    }
#endif
