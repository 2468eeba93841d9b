#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Turns what is wrong with a host into the exact fix for it.
enum HostRemedy {
    /// What can be seen without building a wall; `nil` when nothing speaks against it.
    static func problem(of host: SandboxHost) -> Confinement? {
        #if os(Linux)
            if let problem = bubblewrapProblem(host.programs.bubblewrap) { return problem }
            for program in [host.programs.launcher, host.programs.supervisor] where access(program, X_OK) != 0 {
                return .unavailable(
                    reason: "\(program) is missing",
                    remedy:
                        "Install \(SandboxPrograms.launcherName) and \(SandboxPrograms.supervisorName) in the folder "
                        + "of the execlayer executable")
            }
            if host.landlock == 0 {
                return .unavailable(
                    reason: "the kernel has no Landlock",
                    remedy: "Use Linux 5.13 or newer with `landlock` in the kernel's `lsm=` list")
            }
            return nil
        #else
            return .unavailable(
                reason: "commands are confined on Linux only",
                remedy: "Run the daemon on Linux, or without command tools")
        #endif
    }

    private static func bubblewrapProblem(_ path: String) -> Confinement? {
        var status = stat()
        guard stat(path, &status) == 0, access(path, X_OK) == 0 else {
            return .unavailable(
                reason: "bubblewrap is not installed at \(path)",
                remedy: "Install it: `apt-get install bubblewrap`, `dnf install bubblewrap` or `pacman -S bubblewrap`")
        }
        // Whoever may change it could leave every sandbox.
        guard status.st_uid == 0, status.st_mode & 0o022 == 0 else {
            return .unavailable(
                reason: "\(path) can be changed by others than root",
                remedy: "Give it back to root: `chown root:root \(path) && chmod 0755 \(path)`")
        }
        return nil
    }

    /// The reason and the remedy after a wall could not be built.
    ///
    /// - Parameter traits: What the host says of itself.
    static func afterFailure(
        _ reason: String, log: String, on host: SandboxHost, traits: HostTraits = .ofThisHost()
    ) -> Confinement {
        let said = log.isEmpty ? reason : log
        // A missing folder fails too, and no right would help.
        let isForbidden = ["not permitted", "ermission denied", "user namespace"].contains { said.contains($0) }
        if isForbidden, !host.isRoot, traits.appArmorRestricts {
            return .unavailable(
                reason: "AppArmor forbids user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1): \(said)",
                remedy: appArmorRemedy(host.programs))
        }
        if !host.isRoot, traits.usersMayNotClone {
            return .unavailable(
                reason: "this kernel forbids user namespaces to users: \(said)",
                remedy: "Allow them: `sysctl -w kernel.unprivileged_userns_clone=1`, and the same line in /etc/sysctl.d"
            )
        }
        if traits.allowsNoNamespaces {
            return .unavailable(
                reason: "this machine allows no user namespaces: \(said)",
                remedy: "Allow them: `sysctl -w user.max_user_namespaces=15000`, and the same line in /etc/sysctl.d")
        }
        if isForbidden, traits.isContainer {
            return .unavailable(
                reason: "this container does not let a program build a sandbox: \(said)", remedy: containerRemedy)
        }
        return .unavailable(
            reason: "the sandbox cannot be built: \(said)",
            remedy: "Run `execlayer doctor`, which tries each step by itself")
    }

    /// Covers the launcher, which makes the user namespace, and bubblewrap, which mounts in it.
    static func appArmorRemedy(_ programs: SandboxPrograms) -> String {
        """
        Write this to /etc/apparmor.d/execlayer and load it with `apparmor_parser -r /etc/apparmor.d/execlayer`:
        abi <abi/4.0>,
        include <tunables/global>
        profile execlayer-sandbox \(programs.launcher) flags=(unconfined) {
          userns,
        }
        profile execlayer-bwrap \(programs.bubblewrap) flags=(unconfined) {
          userns,
        }
        """
    }

    /// `systempaths` because a fresh /proc may not be mounted where parts of the container's own are covered.
    static let containerRemedy = """
        Start the container with `docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --security-opt systempaths=unconfined`; with podman `--security-opt unmask=ALL --security-opt seccomp=unconfined`
        """
}
