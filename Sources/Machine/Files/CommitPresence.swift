internal import CPlatform
internal import ToolKit

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The sign that a commit is under way somewhere in the workspace: a shared lock (`flock`) on the root folder, under a
/// descriptor of the commit's own. The kernel takes it back with the process, however that ends.
///
/// Who cleans up asks for the same lock alone, and gets it only in a moment without any commit, of this daemon or of
/// another one. A process id in the names would not do: the other daemon may live in a container with ids of its own.
enum CommitPresence {
    /// Somebody who has nothing to do with us may hold the lock for ever, and must not be able to stop all writing.
    /// So a commit waits as long as a cleaner holds it many times over, and then goes on.
    private static let patience = 50

    /// Runs a commit, and shows that it is there.
    static func shown<T>(in root: WorkspaceRoot, _ commit: () throws -> T) rethrows -> T {
        // A file system without such locks has none for the cleaner either, so nothing is cleaned there.
        let folder = try? root.openAgain()
        if let folder {
            for _ in 0..<patience {
                guard flock(folder.number, LOCK_SH | LOCK_NB) < 0, errno == EWOULDBLOCK else { break }
                usleep(1_000)
            }
        }
        return try withExtendedLifetime(folder, commit)
    }

    /// Runs `body` in a moment in which no commit is under way. Commits that begin meanwhile use new names.
    ///
    /// - Returns: `nil` when there is no such moment until `deadline`, or when the file system knows no locks.
    static func absent<T>(
        in root: WorkspaceRoot, until deadline: ContinuousClock.Instant, _ body: () -> T
    ) -> T? {
        guard let folder = try? root.openAgain() else { return nil }
        while flock(folder.number, LOCK_EX | LOCK_NB) < 0 {
            guard errno == EWOULDBLOCK, ContinuousClock.now < deadline else { return nil }
            usleep(2_000)
        }
        return withExtendedLifetime(folder, body)
    }
}

extension WorkspaceRoot {
    /// A descriptor with locks of its own.
    fileprivate func openAgain() throws(SystemError) -> Descriptor {
        Descriptor(owning: try SystemError.check(cp_open_in(folder.number, ".", CP_OPEN_FOLDER)))
    }
}
