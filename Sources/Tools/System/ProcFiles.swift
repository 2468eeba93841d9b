internal import ToolKit

/// Files about this machine that may be missing: a container, another kernel, a process that ended meanwhile.
struct ProcFiles {
    let host: any HostFacts
    let aspect: Access.HostAspect

    static var availability: Availability {
        #if os(Linux)
            .available
        #else
            .unavailable(
                reason: "needs the /proc files of Linux", remedy: "run the daemon on Linux", dependency: "linux")
        #endif
    }

    /// `nil` when it cannot be read; what is missing is answered as unknown, not as an error.
    func text(_ path: String) -> String? { try? host.text(of: path, for: aspect) }

    /// The first line.
    func line(_ path: String) -> String? { text(path)?.split(separator: "\n").first.map(String.init) }

    /// Empty when there is no such folder or it cannot be read.
    func names(_ path: String) -> [String] { (try? host.names(in: path, for: aspect)) ?? [] }

    /// `nil` for what is no link, and for what cannot be read.
    func destination(_ path: String) -> String? { (try? host.destination(of: path, for: aspect)) ?? nil }
}
