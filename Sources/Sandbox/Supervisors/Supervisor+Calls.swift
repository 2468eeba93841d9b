#if os(Linux)
    internal import CPlatform
    internal import Synchronization

    extension Supervisor {
        /// Runs one call to its end. Cancelling the task kills it at once, and the end says so.
        ///
        /// - Parameters:
        ///   - cgroups: Descriptors of `cgroup.procs` files that the call enters; they stay open.
        package func run(_ call: ConfinedCall, cgroups: [Int32] = [], watcher: OutputWatcher? = nil) async -> CallEnd {
            let request: StartRequest
            do {
                let enforcement = StartRequest.Enforcement(
                    cgroups: cgroups.count, hasStandardInput: call.standardInput != nil || call.input != nil)
                request = try StartRequest(call, enforcement)
            } catch {
                return CallEnd(ending: .notStarted(error.problem))
            }
            let number = state.withLock { state in
                // A number comes again after four billion calls; supervisors do not live so long.
                defer { state.nextCall = state.nextCall == .max ? 1 : state.nextCall + 1 }
                return state.nextCall
            }
            let live = LiveCall(
                number: number, limits: call.limits, watcher: watcher, reactor: reactor,
                signal: { [weak self] signal in
                    var writer = FrameWriter()
                    writer.add(UInt32(signal))
                    self?.channel.send(Frame.encode(.kill, call: number, payload: writer.bytes))
                },
                hung: { [weak self] in
                    guard let self, state.withLock({ $0.calls[number] != nil }) else { return }
                    die("the sandbox did not end a call that it was told to kill", buffer: nil)
                })
            call.stopper?.attach { [weak live] in live?.stop($0) }
            let line: DescriptorLine?
            let network: NetworkLine?
            do throws(DescriptorLine.Failure) {
                line = call.lendsFolder ? try DescriptorLine() : nil
                network = if let taker = call.network { try NetworkLine(for: taker, on: reactor) } else { nil }
            } catch {
                return CallEnd(ending: .notStarted(.walls(step: "lend", error: error.number)))
            }
            defer { network?.close() }
            var end = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    begin(live, call, request, cgroups, line, network, continuation)
                }
            } onCancel: {
                live.stop(.cancelled)
            }
            end.folder = line?.folder()
            return end
        }

        private func begin(
            _ live: LiveCall, _ call: ConfinedCall, _ request: StartRequest, _ cgroups: [Int32],
            _ line: DescriptorLine?, _ network: NetworkLine?, _ continuation: CheckedContinuation<CallEnd, Never>
        ) {
            func refuse(_ problem: StartProblem) {
                continuation.resume(returning: CallEnd(ending: .notStarted(problem)))
            }
            if live.isStopped { return refuse(.cancelled) }
            let pipes: CallPipes
            do {
                pipes = try CallPipes(
                    standardInput: call.input == nil ? call.standardInput : nil, staysOpen: call.input != nil)
            } catch {
                return refuse(.walls(step: "pipes", error: error.number))
            }
            if let death = state.withLock({ state -> String? in
                if state.death == nil { state.calls[live.number] = live }
                return state.death
            }) {
                pipes.close()
                return refuse(.noSupervisor(reason: death))
            }
            // From here on only the two streams and the supervisor's word end the call.
            live.begin(
                continuation, stdout: OutputPipe(pipes.stdout[0], 0, of: live, on: reactor),
                stderr: OutputPipe(pipes.stderr[0], 1, of: live, on: reactor))
            if let stdin = pipes.stdin, let input = call.input {
                live.feed(StreamedInputPipe(stdin[1], of: input, on: reactor))
            } else if let stdin = pipes.stdin, !pipes.restOfInput.isEmpty {
                _ = InputPipe(stdin[1], pipes.restOfInput, on: reactor)
            }
            let theirs = (pipes.stdin.map { [$0[0]] } ?? []) + [pipes.stdout[1], pipes.stderr[1]]
            let lent = [line?.takeFarEnd(), network?.takeFarEnd()].compactMap(\.self)
            let descriptors = theirs + cgroups + lent
            let frame = Frame.encode(
                .start, call: live.number, payload: request.payload, descriptors: descriptors.count)
            // When the supervisor is gone its end follows on the reactor's thread, and ends this call with it.
            channel.send(frame, descriptors: descriptors, closing: theirs + lent)
            live.watchClock()
        }

        /// Asks whether the supervisor still answers, and how it is.
        func ping() async -> SupervisorEvent.Pong? {
            await withCheckedContinuation { continuation in
                let number = state.withLock { state -> UInt32? in
                    guard state.death == nil else { return nil }
                    defer { state.nextCall = state.nextCall == .max ? 1 : state.nextCall + 1 }
                    state.pings[state.nextCall] = continuation
                    return state.nextCall
                }
                guard let number else { return continuation.resume(returning: nil) }
                channel.send(Frame.encode(.ping, call: number, payload: []))
            }
        }

        // MARK: On the reactor's thread

        func take(_ bytes: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawBufferPointer) {
            do {
                state.withLock { $0.reader.add(bytes) }
                // The buffer is free for the streams from here on.
                while let message = try state.withLock({ state throws(FrameReader.Malformed) in try state.reader.next()
                }) {
                    handle(message, buffer)
                }
            } catch {
                die("the sandbox's supervisor said something that is not in its protocol", buffer: buffer)
            }
        }

        /// The stream has ended: the supervisor is dead.
        func lost(_ buffer: UnsafeMutableRawBufferPointer) {
            log.take(buffer)
            let words = log.text
            die("the sandbox's supervisor ended" + (words.isEmpty ? "" : ": " + words), buffer: buffer)
        }

        private func handle(_ message: FrameReader.Message, _ buffer: UnsafeMutableRawBufferPointer) {
            switch message.event {
            case .ready(let landlock, let ownIDs): answer(.ready(landlock: landlock, ownIDs: ownIDs))
            case .started: break
            case .pong(let pong): state.withLock { $0.pings.removeValue(forKey: message.call) }?.resume(returning: pong)
            case .refused(SupervisorWords.moved, _, _) where message.call == 0: answer(.moved)
            case .refused(let reason, let error, let index) where message.call == 0:
                answer(.refused("refused: \(SupervisorWords.reason(reason)), error \(error), path \(index)"))
            default:
                guard let call = state.withLock({ $0.calls.removeValue(forKey: message.call) }) else { return }
                end(call, message.event, buffer)
            }
        }

        private func end(_ call: LiveCall, _ event: SupervisorEvent, _ buffer: UnsafeMutableRawBufferPointer) {
            switch event {
            case .exited(let facts):
                var usage = CallEnd.Usage()
                usage.userTime = .microseconds(Int64(clamping: facts.userMicroseconds))
                usage.systemTime = .microseconds(Int64(clamping: facts.systemMicroseconds))
                usage.largestResidentBytes = facts.largestResidentBytes
                usage.peakBytes = facts.peakBytes
                call.ended(
                    facts.signal == 0 ? .exited(code: facts.code) : .signalled(facts.signal), Self.stops[facts.limit],
                    wasKilled: facts.wasKilledByRequest, usage, buffer)
            case .failed(let step, let error, _):
                let problem = SupervisorWords.problem(step: step, error: error)
                call.ended(.notStarted(problem), nil, wasKilled: true, CallEnd.Usage(), buffer)
            case .refused(let reason, _, _):
                let problem = StartProblem.noSupervisor(reason: SupervisorWords.reason(reason))
                call.ended(.notStarted(problem), nil, wasKilled: true, CallEnd.Usage(), buffer)
            default: break
            }
        }

        private static let stops: [UInt32: CallEnd.Stop] = [
            1: .memory, 2: .processes, 3: .cpuTime, 4: .fileSize, 5: .spareMemory,
        ]
    }
#endif
