/// This machine's own files about itself, read in process; no program is started.
public protocol HostFacts: Sendable {
    /// The text of one file of `/proc`, `/sys` or the service manager, whole, at most 4 MiB.
    ///
    /// - Parameter path: Absolute, without `..`.
    /// - Throws: ``ToolFailure`` when it cannot be read or the call was not granted that aspect.
    func text(of path: String, for aspect: Access.HostAspect) throws -> String

    /// Names in a folder, sorted; empty when there is no such folder.
    func names(in path: String, for aspect: Access.HostAspect) throws -> [String]

    /// Where a symbolic link points, `nil` when it is none or may not be read.
    func destination(of path: String, for aspect: Access.HostAspect) throws -> String?

    /// Total and available bytes of the file system that holds the workspace.
    func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int)
}
