import Foundation

/// A disk of 8 MiB in memory.
enum SmallDisk {
    /// - Returns: Whether it is there; only root may mount, and not in every container.
    static func mount(at folder: String) async throws -> Bool {
        try await Program.run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", folder]).status == 0
    }

    static func unmount(_ folder: String) { umount2(folder, Int32(MNT_DETACH)) }

    /// Tries it.
    static func canBeMounted() async throws -> Bool {
        let playground = try Playground()
        guard try await mount(at: playground.workspace) else { return false }
        unmount(playground.workspace)
        return true
    }
}
