internal import CPlatform

/// What was written and shall be on the disk together. All of it is begun before the first is waited for: a file system with
/// a journal then writes that once for most of them. Used by one thread.
final class PendingSyncs {
    private var opened: [Descriptor] = []

    /// - Parameter opened: A file or a folder; it stays open until ``finish()``.
    func add(_ opened: Descriptor) {
        // Only a hint: what it fails at, the sync will tell.
        _ = cp_begin_sync(opened.number)
        self.opened.append(opened)
    }

    /// Returns when all of it is on the disk. Blocks.
    func finish() throws(SystemError) {
        while let next = opened.popLast() { try SystemError.check(cp_sync(next.number)) }
    }
}
