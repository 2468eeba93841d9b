package import ToolKit

/// One program to run behind both walls. Nothing is inherited: what is not here does not exist for it.
package struct ConfinedCall: Sendable {
    /// Absolute, as it is seen inside.
    package var program: String
    /// The whole argv, the program's own name first.
    package var arguments: [String]
    package var environment: [String: String]
    /// Absolute, as it is seen inside.
    package var folder: String
    /// `nil`: `/dev/null`.
    package var standardInput: [UInt8]?
    /// Its standard input instead, written while the call runs.
    package var input: CallInput?
    package var limits: CallLimits
    /// Permissions that files made by the call do not get.
    package var umask: UInt32 = 0o022
    /// Folders that this call alone finds writable, without changing them. None lies in another.
    package var overlays: [Overlay] = []
    /// Absolute existing paths, as they are seen inside, that this call alone finds read-only, and as the outer wall has
    /// them also where an overlay would not show what is mounted there. A folder comes before what lies in it. Costs half a
    /// millisecond.
    package var protectedPaths: [String] = []
    /// Whom it is for. Nobody's calls may take up all walls there can be, see ``SupervisorPool/Settings``.
    package var owner = ""
    /// Ends the call from outside at a limit that nobody inside can see.
    package var stopper: CallStopper?
    /// Whether the end of the call brings a descriptor of ``folder``, see ``CallEnd/folder``.
    package var lendsFolder = false
    /// Gives the call a network of its own, see ``GuardedNetwork``, and is given the only way out of it. `nil`: it shares
    /// the loopback interface of its wall with other calls of the profile. Costs a few milliseconds: no first process waits
    /// that has one.
    package var network: ListenerTaker?

    /// A copy-on-write layer over a folder. What the call changes there lands in ``upper`` and nowhere else.
    package struct Overlay: Sendable, Hashable {
        /// Absolute and existing, as it is seen inside.
        package var folder: String
        /// Names of two empty folders of one file system below ``Profile/layers``, such as `k3f/upper` and `k3f/work`,
        /// that no other call has. ``upper`` lends the folder its owner and permissions.
        package var upper: String
        package var work: String

        package init(over folder: String, upper: String, work: String) {
            self.folder = folder
            self.upper = upper
            self.work = work
        }
    }

    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = ConfinedCall.plainEnvironment,
        folder: String, standardInput: [UInt8]? = nil, limits: CallLimits = CallLimits()
    ) {
        self.program = program
        self.arguments = [program] + arguments
        self.environment = environment
        self.folder = folder
        self.standardInput = standardInput
        self.limits = limits
    }

    /// The folders every call has.
    package static let plainEnvironment = [
        "PATH": "/usr/bin:/bin", "HOME": "/home/sandbox", "LANG": "C.UTF-8", "TMPDIR": "/tmp",
    ]
}

/// Sees a call's output while it comes: the stream, how many bytes came before, the bytes, which are only there during the
/// call. Called on the one thread that reads for all calls, so it must hand over and return at once; the last call comes
/// before the call's end.
package typealias OutputWatcher = @Sendable (CommandStream, UInt64, UnsafeRawBufferPointer) -> Void
