/// Which limits really hold here and by what, for `doctor` and the `confinement` of a run.
package struct LimitEnforcement: Sendable, Hashable {
    package enum Means: String, Sendable, Hashable {
        /// The kernel stops the process at the limit.
        case kernel
        /// A cgroup of the call's own.
        case cgroup
        /// The supervisor measures every 50 ms and ends the call; it may be above its limit between two looks.
        case watched
        /// The daemon counts and ends the call.
        case daemon
    }

    package var memory: Means
    package var processes: Means
    package var wallTime = Means.daemon
    package var cpuTime = Means.kernel
    package var fileBytes = Means.kernel
    package var openFiles = Means.kernel
    package var output = Means.daemon

    /// What an operator should know, one sentence each.
    package var remarks: [String]

    package init(runAs: RunAs, isRoot: Bool, memoryCgroup: Bool, pidsCgroup: Bool) {
        remarks = []
        memory = memoryCgroup ? .cgroup : .watched
        if memory == .watched {
            remarks.append("memory is measured every 50 ms, so a call can be above its limit for a moment")
        }
        switch (runAs, isRoot) {
        case (.daemon, true) where pidsCgroup:
            processes = .cgroup
        case (.daemon, true):
            processes = .watched
            remarks.append(
                "the kernel does not count root's processes, so a fork bomb can pass its limit for up to 50 ms")
        default:
            processes = .kernel
        }
    }
}
