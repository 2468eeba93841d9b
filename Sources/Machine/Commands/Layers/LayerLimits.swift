internal import ToolKit

/// How much one call may change in the workspace, and what it leaves of the disk that its layers lie on.
package struct LayerLimits: Sendable, Hashable {
    /// Bytes of all files that it made or changed, each with its whole size: a hole counts as what will be written.
    package var bytes = 1 << 30
    /// Files, links and folders that it made, changed or deleted.
    package var entries = 200_000
    /// Bytes of the disk that stay free.
    package var spareDisk = 64 << 20
    /// Bytes and entries of the workspace that are copied where no layer can be made.
    package var copiedBytes = 1 << 30
    package var copiedEntries = 100_000

    package init() {}

    static let mebibyte = 1 << 20

    var tooManyBytes: ToolFailure {
        ToolFailure(
            "limit_exceeded",
            "the call may write \(bytes / Self.mebibyte) MiB to files of the workspace, and this is more",
            remedy: "have it write less at once")
    }

    var tooManyEntries: ToolFailure {
        ToolFailure(
            "limit_exceeded", "the call may change \(entries) files and folders of the workspace, and this is more",
            remedy: "have it change less at once")
    }

    var diskFull: ToolFailure {
        ToolFailure(
            "limit_exceeded",
            "the disk that the daemon's home lies on has less than \(spareDisk / Self.mebibyte) MiB left",
            remedy: "free space on that disk")
    }
}
