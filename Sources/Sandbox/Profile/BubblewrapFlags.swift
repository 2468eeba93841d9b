/// The outer wall's command line: a pure function of the profile, the same for root and for a user, because the launcher
/// has made the user namespace before.
///
/// Later mounts cover earlier ones, so the order decides:
/// 1. namespaces, process 1, capabilities of the supervisor
/// 2. an empty root, `/usr` and its links, what programs need of `/etc`, devices, `/proc`, empty folders
/// 3. toolchains and binds outside the workspace
/// 4. the workspace, and copies of its folders
/// 5. toolchains inside the workspace, then folders that may be written
/// 6. protected paths: read-only whatever was writable before
/// 7. masks, then files with other content
/// 8. the folder of layers, which no program sees; the supervisor's program; the root and `/dev` become read-only
package enum BubblewrapFlags {
    /// Where the supervisor's program is found inside.
    package static let supervisor = "/.execlayer/init"
    /// Where the supervisor finds the layers of calls. It takes them away from each call.
    static let layers = "/.execlayer/layers"

    /// What the supervisor needs in its own user namespace; calls have none of it.
    ///
    /// SYS_ADMIN mounts and makes namespaces; SETPCAP, SETUID, SETGID become the call's user; KILL and SYS_PTRACE end and
    /// measure processes of another user; SETFCAP allows a namespace that maps the parent's root; DAC_OVERRIDE, CHOWN,
    /// FOWNER, FSETID copy files up in overlays.
    static let capabilities = [
        "SYS_ADMIN", "SETPCAP", "SETUID", "SETGID", "KILL", "SYS_PTRACE", "DAC_OVERRIDE", "SETFCAP", "CHOWN", "FOWNER",
        "FSETID",
    ]

    /// Without secrets and without anything about this machine's users and network.
    static let settings = [
        "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "timezone", "nsswitch.conf",
        "ssl/certs",
        "ssl/openssl.cnf", "pki/tls/certs", "pki/ca-trust/extracted", "mime.types", "magic", "terminfo", "java",
    ]

    package static func flags(for profile: Profile, system: SystemLayout, supervisor program: String) -> [String] {
        let inWorkspace = { (path: String) in profile.workspace.path.map { path.isInside($0) } ?? false }
        var flags = namespaces + root(system)
        for folder in profile.toolchains where !inWorkspace(folder) {
            flags += ancestors(of: folder) + ["--ro-bind", folder, folder]
        }
        for bind in profile.binds {
            flags += ancestors(of: bind.target)
            flags += [bind.isWritable ? "--bind" : "--ro-bind", bind.source, bind.target]
        }
        if let path = profile.workspace.path {
            flags += ancestors(of: path) + [profile.workspace.isWritable ? "--bind" : "--ro-bind", path, path]
        }
        for copy in profile.copies { flags += ["--bind", copy.source, copy.target] }
        for folder in profile.toolchains where inWorkspace(folder) { flags += ["--ro-bind", folder, folder] }
        for folder in profile.writableFolders { flags += ["--bind", folder, folder] }
        for path in profile.protectedPaths { flags += ["--ro-bind", path, path] }
        for mask in profile.masks {
            switch mask {
            case .folder(let path): flags += ["--perms", "0555", "--tmpfs", path, "--remount-ro", path]
            case .file(let path): flags += ["--ro-bind", "/dev/null", path]
            }
        }
        for file in profile.replacements { flags += ["--ro-bind", file.source, file.target] }
        if let folder = profile.layers { flags += ["--bind", folder, layers] }
        return flags + ["--ro-bind", program, supervisor, "--remount-ro", "/", "--remount-ro", "/dev"]
    }

    private static var namespaces: [String] {
        [
            "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--die-with-parent", "--new-session", "--as-pid-1", "--clearenv", "--hostname", "sandbox",
            "--cap-drop", "ALL",
        ] + capabilities.flatMap { ["--cap-add", "CAP_" + $0] }
    }

    private static func root(_ system: SystemLayout) -> [String] {
        var flags = ["--tmpfs", "/", "--ro-bind", "/usr", "/usr"]
        for (name, entry) in system.entries {
            switch entry {
            case .link: flags += ["--symlink", "usr/" + name, "/" + name]
            case .folder: flags += ["--ro-bind", "/" + name, "/" + name]
            case .missing: break
            }
        }
        // Bubblewrap makes the missing folders above a bound file 0700, shut to another user than its own.
        for folder in ["/etc", "/etc/ssl", "/etc/pki", "/etc/pki/tls", "/etc/pki/ca-trust"] {
            flags += ["--dir", folder]
        }
        for name in settings { flags += ["--ro-bind-try", "/etc/" + name, "/etc/" + name] }
        flags += ["--dev", "/dev", "--proc", "/proc"]
        for folder in ["/tmp", "/home", "/home/sandbox", "/run", "/var", "/var/tmp"] { flags += ["--dir", folder] }
        return flags
    }

    /// `/a/b` for `/a/b/c` after `/a`.
    private static func ancestors(of path: String) -> [String] {
        var flags: [String] = []
        var folder = ""
        for name in path.split(separator: "/").dropLast() {
            folder += "/" + name
            flags += ["--dir", folder]
        }
        return flags
    }
}

extension String {
    /// Whether the path is `folder` or lies below it. Both are absolute and normalised.
    func isInside(_ folder: String) -> Bool {
        self == folder || folder == "/"
            || (hasPrefix(folder) && utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/"))
    }
}
