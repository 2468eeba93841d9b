internal import CPlatform
package import ToolKit

/// The workspace's root folder, opened once. Everything is opened beneath its descriptor (SECURITY R1).
package final class WorkspaceRoot: Sendable {
    /// Absolute, links resolved, without a trailing slash unless it is `/`.
    package let path: String
    let folder: Descriptor

    /// - Parameter path: An existing folder.
    /// - Throws: ``ToolFailure`` with `not_a_folder` or `permission_denied`.
    package init(opening path: String) throws(ToolFailure) {
        do throws(SystemError) {
            folder = Descriptor(owning: try SystemError.check(cp_open_root(path)))
            self.path = try folder.systemPath() ?? path
        } catch {
            throw ToolFailure(
                error == .noEntry ? "not_found" : "not_a_folder",
                "the workspace root cannot be opened as a folder (error \(error.number))",
                remedy: "name an existing folder that the daemon's user may enter")
        }
    }

    /// How callers may spell the root in an absolute path (see ``WorkspacePath/init(_:roots:)``).
    package var spellings: [String] { [path == "/" ? "" : path] }

    /// Where an open descriptor really lies; `nil` when that is outside, deleted, or not UTF-8.
    func place(of descriptor: Descriptor) throws(SystemError) -> WorkspacePath? {
        guard let root = try folder.systemPath(), let real = try descriptor.systemPath() else { return nil }
        var rest = real.utf8[...]
        if root != "/" {
            guard rest.starts(with: root.utf8) else { return nil }
            rest = rest.dropFirst(root.utf8.count)
            guard rest.isEmpty || rest.first == UInt8(ascii: "/") else { return nil }
        }
        var place = WorkspacePath.root
        for component in rest.split(separator: UInt8(ascii: "/")) {
            guard let name = String(component), name != "..", name != "." else { return nil }
            place = place.appending(component: name)
        }
        return place
    }
}
