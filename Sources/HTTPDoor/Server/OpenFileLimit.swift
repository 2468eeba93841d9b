#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The process's limit of open files, which many systems set to 1,024: fewer than the connections we admit.
enum OpenFileLimit {
    /// Files that the rest of the daemon needs beside the connections.
    static let reserve = 512

    /// Raises the soft limit as far as it is needed and the hard one allows. Where that is not far enough, the accept loop
    /// backs off while files are short.
    static func raise(toAtLeast wanted: Int) {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(wanted) else { return }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        setrlimit(resource, &limit)
    }
}
