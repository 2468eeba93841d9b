/// The three programs that make the walls.
package struct SandboxPrograms: Sendable, Hashable {
    package var bubblewrap: String
    package var launcher: String
    package var supervisor: String

    package static let launcherName = "execlayer-sandbox-launch"
    package static let supervisorName = "execlayer-sandbox-init"

    package init(bubblewrap: String = "/usr/bin/bwrap", launcher: String, supervisor: String) {
        self.bubblewrap = bubblewrap
        self.launcher = launcher
        self.supervisor = supervisor
    }

    /// As they are installed: ours in the folder of the running executable.
    package static func beside(folder: String) -> SandboxPrograms {
        SandboxPrograms(launcher: folder + "/" + launcherName, supervisor: folder + "/" + supervisorName)
    }
}
