#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What the disk says about one path, links not followed.
struct ProgramFile: Sendable {
    enum Kind: Sendable { case file, folder, other }

    let kind: Kind
    let owner: UInt32
    let isExecutable: Bool
    let othersWrite: Bool
    let groupWrites: Bool

    /// `nil` when nothing is there or it may not be looked at.
    init?(path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFDIR: kind = .folder
        default: kind = .other
        }
        owner = facts.st_uid
        isExecutable = facts.st_mode & 0o111 != 0
        // In a sticky folder nobody can replace what belongs to another.
        let isSticky = facts.st_mode & S_ISVTX != 0 && kind == .folder
        othersWrite = facts.st_mode & S_IWOTH != 0 && !isSticky
        groupWrites = facts.st_mode & S_IWGRP != 0 && !isSticky
    }

    /// With every link followed; `nil` when it leads nowhere.
    static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    /// Every folder above it, from the root down, and the path itself.
    static func chain(_ path: String) -> [String] {
        var chain = ["/"]
        var current = ""
        for name in path.split(separator: "/") {
            current += "/" + name
            chain.append(current)
        }
        return chain
    }
}
