/// What a call may use (SECURITY R31). Which of these really hold on a host is told by ``LimitEnforcement``.
package struct CallLimits: Sendable, Hashable {
    /// Then the program's group gets SIGTERM, and after ``grace`` everything is killed.
    package var wallTime: Duration = .seconds(60)
    package var grace: Duration = .seconds(2)
    /// Of each process, in whole seconds, rounded up; `nil`: only the wall time.
    package var cpuTime: Duration? = .seconds(120)
    /// Bytes of all processes together; pages they share count once.
    package var memory: UInt64? = 2 << 30
    /// Processes at the same time.
    package var processes: UInt32? = 256
    /// Bytes of the largest file the call may write.
    package var fileBytes: UInt64? = 1 << 30
    package var openFiles: UInt64? = 1_024
    /// Bytes of each stream that are kept: the first and the last half.
    package var keptOutput = 1 << 20
    /// Bytes of both streams together after which the call is ended.
    package var countedOutput: UInt64 = 64 << 20

    package init() {}
}
