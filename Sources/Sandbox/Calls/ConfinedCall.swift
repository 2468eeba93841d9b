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
    package var limits: CallLimits
    /// Permissions that files made by the call do not get.
    package var umask: UInt32 = 0o022
    /// Absolute existing paths, as they are seen inside, that this call alone finds read-only. Costs half a millisecond.
    package var protectedPaths: [String] = []
    /// Whom it is for. Nobody's calls may take up all walls there can be, see ``SupervisorPool/Settings``.
    package var owner = ""
    /// Whether the end of the call brings a descriptor of ``folder``, see ``CallEnd/folder``.
    package var lendsFolder = false

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
