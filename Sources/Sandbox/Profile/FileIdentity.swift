internal import CPlatform

/// Tells a file or folder from every other, also from a later one of the same name and inode number.
package struct FileIdentity: Sendable, Hashable {
    let device: UInt64
    let inode: UInt64
    let madeAt: Int64

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
