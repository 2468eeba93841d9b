/// How a call ended. Everything it started is gone when there is one.
package struct CallEnd: Sendable {
    package enum Ending: Sendable, Hashable {
        case exited(code: Int32)
        case signalled(Int32)
        /// Nothing of the program ran.
        case notStarted(StartProblem)
        /// The supervisor died, and the call with it; nobody can say how far it came.
        case lost(reason: String)
    }

    /// What ended it before its time.
    package enum Stop: String, Sendable, Hashable, CaseIterable {
        case wallTime = "wall_time"
        case cpuTime = "cpu_time"
        case memory
        /// The machine itself was short of memory, and this was the largest call.
        case spareMemory = "spare_memory"
        case processes
        case fileSize = "file_size"
        case output
        /// More bytes in its layers than may be.
        case layerBytes = "layer_bytes"
        /// More files and folders in them.
        case layerEntries = "layer_entries"
        /// The disk that its layers lie on was nearly full.
        case diskSpace = "disk_space"
        case cancelled
    }

    /// What the call used.
    package struct Usage: Sendable, Hashable {
        package var userTime: Duration = .zero
        /// Half a millisecond of it is the call's own walls.
        package var systemTime: Duration = .zero
        /// Of its largest process.
        package var largestResidentBytes: UInt64 = 0
        /// Of all processes together as far as it was measured; 0: it ended before a measurement.
        package var peakBytes: UInt64 = 0

        package init() {}
    }

    package var ending: Ending
    package var stop: Stop?
    package var usage = Usage()
    package var duration: Duration = .zero
    package var stdout: CapturedOutput
    package var stderr: CapturedOutput
    /// What the call left in its folder, when it was asked to lend it and came so far as to have one.
    package var folder: LentFolder?

    /// Whether it ended by itself with exit code 0.
    package var isSuccess: Bool { ending == .exited(code: 0) && stop == nil }

    package init(
        ending: Ending, stop: Stop? = nil, stdout: CapturedOutput = .empty, stderr: CapturedOutput = .empty
    ) {
        self.ending = ending
        self.stop = stop
        self.stdout = stdout
        self.stderr = stderr
    }
}

/// Why a program did not start.
package enum StartProblem: Sendable, Hashable {
    /// There is no such file inside, or the interpreter or loader it names is missing.
    case noSuchProgram
    case notExecutable
    case noSuchFolder
    /// Arguments and environment together, or one of them, are longer than the kernel takes.
    case argumentsTooLong
    /// A NUL in a string, an empty argv, a path that is not absolute.
    case malformed
    /// Cancelled before it began.
    case cancelled
    /// The supervisor had as many calls as it takes, or was gone before the call reached it.
    case noSupervisor(reason: String)
    /// A step of the walls failed; the number is the errno.
    case walls(step: String, error: Int32)

    /// One sentence for people, without a full stop and without values of the call.
    package var message: String {
        switch self {
        case .noSuchProgram: "the program, or the interpreter it names, does not exist inside the sandbox"
        case .notExecutable: "the program may not be executed"
        case .noSuchFolder: "the folder to run in does not exist inside the sandbox or cannot be entered"
        case .argumentsTooLong: "the arguments and the environment are longer than the kernel takes"
        case .malformed: "an argument, a variable or a path of the call cannot be passed to a program"
        case .cancelled: "the call was cancelled before it began"
        case .noSupervisor(let reason): "the sandbox could not take the call: \(reason)"
        case .walls(let step, let error): "the sandbox failed at the step \(step) with error \(error)"
        }
    }
}
