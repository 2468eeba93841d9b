#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif
internal import CPlatform
internal import Foundation

/// What this machine offers for confinement, found once at start. Whether the walls really stand is only known after
/// ``examined(workspace:)`` has built one.
package struct SandboxHost: Sendable, Hashable {
    package var programs: SandboxPrograms
    package var system: SystemLayout
    package var user: UInt32
    package var group: UInt32
    /// The kernel's Landlock ABI; 0: none, and then there is no sandbox (SECURITY R25).
    package var landlock: Int
    /// Why no wall can be built, as far as that can be seen without trying.
    package var confinement: Confinement
    /// Whether root's own folders can be shown to an unprivileged user: the kernel and the file system decide.
    package var ownerMapWorks: Bool

    package var isRoot: Bool { user == 0 }

    package init(
        programs: SandboxPrograms, system: SystemLayout = .merged, user: UInt32, group: UInt32, landlock: Int,
        confinement: Confinement = .full, ownerMapWorks: Bool = true
    ) {
        self.programs = programs
        self.system = system
        self.user = user
        self.group = group
        self.landlock = landlock
        self.confinement = confinement
        self.ownerMapWorks = ownerMapWorks
    }

    /// Looks at this machine.
    ///
    /// - Parameter programs: `nil`: bubblewrap at its usual place and our two beside the running executable.
    package static func find(programs: SandboxPrograms? = nil) -> SandboxHost {
        let programs = programs ?? .beside(folder: executableFolder())
        var host = SandboxHost(
            programs: programs, system: .ofThisHost(), user: geteuid(), group: getegid(),
            landlock: Int(cp_landlock_abi()))
        if let problem = HostRemedy.problem(of: host) { host.confinement = problem }
        return host
    }

    private static func executableFolder() -> String {
        #if os(Linux)
            let path = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        #else
            let path = Bundle.main.executablePath ?? ""
        #endif
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
    }

    /// Who the calls of a profile with these folders run as. A daemon of root's gives them an unprivileged user: the
    /// owner of the workspace, or nobody in particular when that is root.
    ///
    /// - Parameter others: Toolchains and binds; those that only their owner may enter are mapped as well.
    package func runAs(workspace: String?, others: [String] = []) -> RunAs {
        guard isRoot else { return .daemon }
        var (user, group) = (RunAs.unprivileged, RunAs.unprivileged)
        var maps: [String] = []
        if let workspace, let facts = Self.facts(of: workspace) {
            if facts.st_uid == 0 {
                guard ownerMapWorks else { return .daemon }
                maps.append(workspace)
            } else {
                user = facts.st_uid
                group = facts.st_gid == 0 ? RunAs.unprivileged : facts.st_gid
            }
        }
        for folder in others where ownerMapWorks && maps.count < 8 && !maps.contains(where: { folder.isInside($0) }) {
            guard let facts = Self.facts(of: folder), facts.st_uid != user else { continue }
            let isOpen = facts.st_mode & 0o005 == 0o005
            if !isOpen { maps.append(folder) }
        }
        return .other(user: user, group: group, ownerMaps: maps)
    }

    private static func facts(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
