#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Where the tests run.
package enum Surroundings {
    /// Whether that is behind our own walls: a tool runs these tests. There is no `openat2`, which every workspace is
    /// opened with, and no second sandbox.
    package static let isInsideSandbox = access("/.execlayer", F_OK) == 0
}
