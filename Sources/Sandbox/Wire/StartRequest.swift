/// The payload of START. `nil` for a call that no program could be given.
struct StartRequest {
    let payload: [UInt8]

    /// What the supervisor enforces: the caller knows whether the number of processes holds as a resource limit.
    struct Enforcement {
        var cgroups: Int
        var hasStandardInput: Bool
    }

    init(_ call: ConfinedCall, _ enforcement: Enforcement) throws(Unfit) {
        let environment = call.environment.sorted { $0.key < $1.key }
        let overlays = call.overlays.flatMap { overlay in
            [overlay.folder, overlay.folder] + [overlay.upper, overlay.work].map { BubblewrapFlags.layers + "/" + $0 }
        }
        for string in [call.program, call.folder] + overlays + call.protectedPaths where !string.hasPrefix("/") {
            throw Unfit(problem: .malformed)
        }
        guard !call.arguments.isEmpty, call.protectedPaths.count <= Frame.protectLimit,
            call.overlays.count <= Frame.overlayLimit,
            environment.allSatisfy({ !$0.key.isEmpty && !$0.key.holds(UInt8(ascii: "=")) })
        else { throw Unfit(problem: .malformed) }
        let strings = [call.program, call.folder] + call.arguments + overlays + call.protectedPaths
        guard !strings.contains(where: { $0.holds(0) }),
            !environment.contains(where: { $0.key.holds(0) || $0.value.holds(0) })
        else { throw Unfit(problem: .malformed) }
        let size =
            strings.reduce(512) { $0 + $1.utf8.count + 1 }
            + environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        // Half of what a frame holds; the kernel's own limit is below it in most cases.
        guard size <= Frame.limit, call.arguments.count + environment.count <= 65_536 else {
            throw Unfit(problem: .argumentsTooLong)
        }

        let limits = call.limits
        var writer = FrameWriter()
        writer.reserve(size)
        writer.add(
            UInt32(
                (enforcement.hasStandardInput ? 1 : 0) | (call.lendsFolder ? 4 : 0) | (call.network == nil ? 0 : 8)))
        writer.add(UInt32(enforcement.cgroups))
        writer.add(call.umask & 0o777)
        writer.add(UInt32(call.arguments.count))
        writer.add(UInt32(environment.count))
        writer.add(UInt32(call.overlays.count))
        writer.add(UInt32(call.protectedPaths.count))
        writer.add(limits.processes ?? 0)
        writer.add(limits.memory ?? 0)
        writer.add(limits.cpuTime.map { UInt64(max(1, $0.roundedUpSeconds)) } ?? 0)
        writer.add(limits.fileBytes ?? 0)
        writer.add(limits.openFiles ?? 0)
        writer.add(limits.processes.map(Self.tasks) ?? 0)
        writer.add(UInt64(0))
        writer.add(UInt64(0))
        writer.add(UInt64(0))
        writer.add(block: [call.program])
        writer.add(block: [call.folder])
        writer.add(block: call.arguments)
        writer.add(variables: environment)
        writer.add(block: overlays)
        writer.add(block: call.protectedPaths)
        payload = writer.bytes
    }

    struct Unfit: Error { var problem: StartProblem }

    /// The kernel's own limit counts threads as well and only makes `fork` fail, so it lies above the number at which
    /// the watching supervisor ends the call and names the limit; it bounds what a fork bomb does between two looks.
    static func tasks(forProcesses processes: UInt32) -> UInt64 { max(512, UInt64(processes) * 8) }
}

extension String {
    /// Whether the byte stands anywhere in it.
    fileprivate func holds(_ byte: UInt8) -> Bool {
        utf8.withContiguousStorageIfAvailable { $0.contains(byte) } ?? utf8.contains(byte)
    }
}

extension Duration {
    var roundedUpSeconds: Int64 {
        let (seconds, attoseconds) = components
        return attoseconds > 0 ? seconds + 1 : seconds
    }

    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 4 : min(product, .max / 4) + attoseconds / 1_000_000_000
    }
}
