#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif
internal import Foundation

/// What a host says of its own rules about namespaces; decides which remedy fits.
struct HostTraits: Sendable, Hashable {
    /// `kernel.apparmor_restrict_unprivileged_userns` is 1, as on Ubuntu 24.04.
    var appArmorRestricts = false
    /// `kernel.unprivileged_userns_clone` is 0, as on older Debian.
    var usersMayNotClone = false
    /// `user.max_user_namespaces` is 0.
    var allowsNoNamespaces = false
    /// Docker or podman left their mark.
    var isContainer = false

    static func ofThisHost() -> HostTraits {
        HostTraits(
            appArmorRestricts: number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1,
            usersMayNotClone: number("/proc/sys/kernel/unprivileged_userns_clone") == 0,
            allowsNoNamespaces: number("/proc/sys/user/max_user_namespaces") == 0,
            isContainer: access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0)
    }

    private static func number(_ path: String) -> Int? {
        // A file that is not there is a rule that this kernel does not have.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
