internal import CPlatform

/// Tells a file or folder from every other, also from a later one of the same name and inode number.
package struct FileIdentity: Sendable, Hashable {
    package let device: UInt64
    package let inode: UInt64
    /// Nanoseconds since 1970.
    package let madeAt: Int64

    package init(device: UInt64, inode: UInt64, madeAt: Int64) {
        (self.device, self.inode, self.madeAt) = (device, inode, madeAt)
    }

    /// One system call; a link at the end is not followed.
    ///
    /// - Parameter path: Absolute.
    /// - Returns: `nil` when nothing is there.
    package init?(of path: String) {
        var identity = cp_identity()
        guard cp_identity_of(path, &identity) == 0 else { return nil }
        (device, inode, madeAt) = (identity.device, identity.inode, identity.made_ns)
    }

    /// - Parameters:
    ///   - folder: An open folder.
    ///   - name: One name in it, of any bytes; `.` is the folder itself, and on Linux an empty name what the descriptor
    ///     stands for, file or folder.
    package init?(in folder: Int32, named name: UnsafePointer<CChar>) {
        var identity = cp_identity()
        guard cp_identity_in(folder, name, &identity) == 0 else { return nil }
        (device, inode, madeAt) = (identity.device, identity.inode, identity.made_ns)
    }
}
