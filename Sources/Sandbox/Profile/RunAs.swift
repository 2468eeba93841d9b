/// Who the calls of a profile are, for the host's kernel. Inside they always see themselves as user 1000.
package enum RunAs: Sendable, Hashable {
    /// The daemon's own user. For a daemon that is root this is the weakest form: still without capabilities and behind
    /// both walls, but the limit on processes does not hold without a cgroup, and files keep root as their owner.
    case daemon
    /// For a daemon that is root: an unprivileged user. `ownerMaps` are the folders that belong to somebody else and are
    /// shown to that user as their own; what calls make there belongs to the folder's owner.
    case other(user: UInt32, group: UInt32, ownerMaps: [String])

    /// Not 65534, which is also what the kernel shows for an owner that is not mapped.
    package static let unprivileged: UInt32 = 65_533
}
