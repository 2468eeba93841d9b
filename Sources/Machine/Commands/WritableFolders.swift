#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    extension WorkspaceRoot {
        /// Makes sure that the folder exists, so that it can be shown to a program as one it may write to.
        ///
        /// No link is followed on the way: a link in its place could lead to any folder of the host. A new folder belongs to
        /// the owner of the one it lies in.
        ///
        /// - Throws: ``ToolFailure`` when something else has that name.
        func makeFolder(_ path: WorkspacePath) throws(ToolFailure) {
            var parent = try naming(path) { () throws(SystemError) in
                try open(.root, purpose: CP_OPEN_FOLDER, follow: false)
            }
            var place = WorkspacePath.root
            for component in path.components {
                let made = cp_make_folder_in(parent.number, component) >= 0
                place = place.appending(component: component)
                let folder = try naming(path) { () throws(SystemError) in
                    let folder = try open(place, purpose: CP_OPEN_FOLDER, follow: false)
                    if made {
                        let facts = try parent.facts()
                        // Only root can, and only then is it needed.
                        _ = cp_set_owner(folder.number, facts.owner, facts.group)
                    }
                    return folder
                }
                parent = folder
            }
        }
    }
#endif
