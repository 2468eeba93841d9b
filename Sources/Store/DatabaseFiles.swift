internal import Foundation

/// The files of one SQLite database, which nobody but the daemon's user may read.
struct DatabaseFiles {
    let path: String

    /// SQLite gives its other files the mode of the first.
    static let suffixes = ["", "-wal", "-shm"]

    /// Makes the file with mode 0600, or takes from an existing one, and from those beside it, what others may do.
    ///
    /// When that is not possible, opening the database says why.
    func protect() {
        let files = FileManager.default
        if !files.fileExists(atPath: path) {
            _ = files.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        for suffix in Self.suffixes where files.fileExists(atPath: path + suffix) {
            try? files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix)
        }
    }
}
