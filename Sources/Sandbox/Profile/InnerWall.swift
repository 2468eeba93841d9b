/// What the supervisor is told about a profile: the paths of its Landlock rules and the private folders of each call.
/// A pure function, like the flags it belongs to.
struct InnerWall: Sendable, Hashable {
    struct Scratch: Sendable, Hashable {
        var path: String
        var mode: UInt32
    }

    var readable: [String]
    var writable: [String]
    var scratch = [
        Scratch(path: "/tmp", mode: 0o1777), Scratch(path: "/home/sandbox", mode: 0o700),
        Scratch(path: "/dev/shm", mode: 0o1777),
    ]
    /// Folders that stay visible below a scratch folder, such as a workspace in `/tmp`.
    var kept: [String]

    init(_ profile: Profile, system: SystemLayout) {
        readable = ["/usr"] + system.entries.filter { $0.entry != .missing }.map { "/" + $0.name } + ["/etc", "/dev"]
        writable = ["/dev"]
        readable += profile.toolchains
        for bind in profile.binds {
            if bind.isWritable { writable.append(bind.target) } else { readable.append(bind.target) }
        }
        switch profile.workspace {
        case .none: break
        case .readOnly(let path): readable.append(path)
        case .writable(let path): writable.append(path)
        }
        writable += profile.writableFolders + profile.copies.map(\.target)

        let shown = [profile.workspace.path].compactMap(\.self) + profile.toolchains + profile.binds.map(\.target)
        let below = shown.filter { path in ["/tmp", "/home/sandbox", "/dev/shm"].contains { path.isInside($0) } }
        // A folder brings along what is mounted on it.
        kept = below.enumerated().filter { index, path in
            !below.enumerated().contains { other, folder in
                other != index && path.isInside(folder) && (path != folder || other < index)
            }
        }.map(\.element)
    }
}
