internal import ToolKit

/// Which files of this machine each aspect covers. What is not named here cannot be read: neither a process's
/// environment or command line nor anything else of `/proc`, `/sys` and `/etc`.
enum HostAllowance {
    private static let texts: [Access.HostAspect: Set<String>] = [
        .system: [
            "/proc/stat", "/proc/meminfo", "/proc/loadavg", "/proc/uptime", "/proc/sys/kernel/hostname",
            "/proc/sys/kernel/osrelease", "/usr/lib/os-release", "/etc/os-release",
        ],
        .connections: ["/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"],
    ]

    private static let unitFolders: Set<String> = [
        "/etc/systemd/system", "/run/systemd/system", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system",
    ]

    private static let serviceFolders: Set<String> = unitFolders.union([
        "/run/systemd/units", "/etc/init.d", "/sys/fs/cgroup/system.slice", "/sys/fs/cgroup/systemd/system.slice",
        "/sys/fs/cgroup/unified/system.slice",
    ])

    static func coversText(of path: String, _ aspect: Access.HostAspect) -> Bool {
        switch aspect {
        case .system, .connections: return texts[aspect]?.contains(path) == true
        case .processes:
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == 4 && parts[0].isEmpty && parts[1] == "proc" && parts[3] == "stat"
                && !parts[2].isEmpty && parts[2].utf8.allSatisfy { (0x30...0x39).contains($0) }
        case .services:
            guard let (folder, name) = split(path) else { return false }
            return folder == "/etc/init.d" || (unitFolders.contains(folder) && name.hasSuffix(".service"))
        case .eventLog: return false
        }
    }

    static func coversNames(in path: String, _ aspect: Access.HostAspect) -> Bool {
        switch aspect {
        case .processes: path == "/proc"
        case .services: serviceFolders.contains(path)
        case .system, .connections, .eventLog: false
        }
    }

    static func coversLink(_ path: String, _ aspect: Access.HostAspect) -> Bool {
        guard aspect == .services, let (folder, _) = split(path) else { return false }
        return unitFolders.contains(folder)
    }

    /// `nil` for a path that is not plainly folder and name.
    private static func split(_ path: String) -> (folder: String, name: String)? {
        guard let slash = path.lastIndex(of: "/"), !path.utf8.contains(0) else { return nil }
        let name = String(path[path.index(after: slash)...])
        return name.isEmpty || name == "." || name == ".." ? nil : (String(path[..<slash]), name)
    }
}
