#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension LogStorageError {
    package var isNotFound: Bool { code == ENOENT }

    /// No space, no quota, or a write that was cut short.
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT || (operation == .write && code == 0) }

    package var isUnsupported: Bool { code == EOPNOTSUPP || code == ENOSYS || code == EINVAL }

    /// What the system says about it, for an operator.
    package var reason: String {
        code == 0 ? "it was cut short" : String(cString: strerror(code))
    }
}
