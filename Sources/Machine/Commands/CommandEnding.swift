#if os(Linux)
    internal import Sandbox
    internal import ToolKit

    /// The end of a confined call in a tool's words.
    struct CommandEnding {
        private let end: CallEnd
        private let kept: KeptFiles?
        private let limits: CommandLimits
        private let confinement: String
        private let intrusions: CommandResult.Intrusions
        private let layerLimits: LayerLimits
        private let writesAtEnd: Bool

        /// - Parameter writesAtEnd: Whether what it wrote was put into the workspace when it ended, and not before.
        init(
            _ end: CallEnd, kept: KeptFiles? = nil, limits: CommandLimits, confinement: String,
            intrusions: CommandResult.Intrusions = CommandResult.Intrusions(), layerLimits: LayerLimits = LayerLimits(),
            writesAtEnd: Bool = false
        ) {
            self.end = end
            self.kept = kept
            self.limits = limits
            self.confinement = confinement
            self.intrusions = intrusions
            self.layerLimits = layerLimits
            self.writesAtEnd = writesAtEnd
        }

        /// - Throws: ``ToolFailure`` when it did not run or was ended at a limit, with the output there is;
        ///   ``CallInterrupted`` when it was cancelled.
        func result() throws -> CommandResult {
            switch end.ending {
            case .exited(let code): try finished(Int(code))
            case .signalled(let signal): try finished(-Int(signal))
            case .notStarted(.cancelled): throw CallInterrupted.cancelled
            case .notStarted(let problem):
                throw ToolFailure("not_started", problem.message, remedy: Self.remedy(for: problem))
            case .lost(let reason):
                throw ToolFailure(
                    "sandbox_lost",
                    "the sandbox ended while the program ran, and nobody can say how far it came: \(reason)",
                    remedy: "look at what the program changes before you repeat the call")
            }
        }

        private func finished(_ code: Int) throws -> CommandResult {
            var result = CommandResult(
                stdout: Self.stream(end.stdout), stderr: Self.stream(end.stderr), returnCode: code,
                limit: end.stop?.rawValue, confinement: confinement)
            result.intrusions = intrusions
            result.kept = kept
            guard let stop = end.stop else { return result }
            if stop == .cancelled { throw CallInterrupted.cancelled }
            var failure = failure(stop)
            failure.result = .object(result.members)
            failure.confinement = confinement
            throw failure
        }

        private func failure(_ stop: CallEnd.Stop) -> ToolFailure {
            let bounds = CallLimits()
            let mebibyte: UInt64 = 1 << 20
            switch stop {
            case .wallTime:
                return ToolFailure(
                    "timeout", "timeout: the program was ended after \(limits.wallTime.components.seconds) seconds",
                    remedy: writesAtEnd
                        ? "allow more with timeout_sec, or ask for less at once; what it wrote reached the workspace only "
                            + "when it was ended, so watchers and servers cannot do their work here"
                        : "allow more with timeout_sec, or ask for less at once")
            case .cpuTime: return limit("\(limits.wallTime.components.seconds * 2) seconds of processor time")
            case .memory: return limit("\((bounds.memory ?? 0) / mebibyte) MiB of memory")
            case .spareMemory: return limit("the memory that this machine has left")
            case .processes: return limit("\(bounds.processes ?? 0) processes at once")
            case .fileSize: return limit("\((bounds.fileBytes ?? 0) / mebibyte) MiB in one file")
            case .output: return limit("\(bounds.countedOutput / mebibyte) MiB of output")
            case .layerBytes: return layerLimits.tooManyBytes
            case .layerEntries: return layerLimits.tooManyEntries
            case .diskSpace: return layerLimits.diskFull
            case .cancelled: return limit("its caller's patience")
            }
        }

        private func limit(_ what: String) -> ToolFailure {
            ToolFailure(
                "limit_exceeded", "the program was ended because it used more than \(what)",
                remedy: "have it do less at once")
        }

        private static func stream(_ output: CapturedOutput) -> CommandResult.Stream {
            CommandResult.Stream(
                text: output.text, size: output.totalBytes, sha256: output.sha256, isTruncated: output.isTruncated)
        }

        private static func remedy(for problem: StartProblem) -> String {
            switch problem {
            case .noSuchProgram: "list the folder of its interpreter under toolchains in policy.yaml"
            case .notExecutable: "name a program"
            case .noSuchFolder: "name an existing folder in cwd"
            case .argumentsTooLong: "put long input into a file and name the file"
            case .malformed: "leave out NUL characters"
            case .cancelled, .noSupervisor: "repeat the call"
            case .walls: "execlayer doctor tells what this machine does not allow"
            }
        }
    }
#endif
