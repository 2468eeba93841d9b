#if os(Linux)
    internal import CPlatform
    internal import ToolKit

    /// The `.git` folder of a repository that a commit may be made in: a real folder in the workspace that steers itself.
    /// Everything in it is opened beneath its descriptor, and no link is followed.
    struct GitFolder {
        /// Where it lies, `.git` included.
        let place: WorkspacePath
        let folder: Descriptor

        /// The folder with the files.
        var workTree: WorkspacePath { place.parent }

        /// Looks upwards from `start` as git does, never above the workspace.
        ///
        /// - Throws: ``ToolFailure`` with `not_a_repository`, or with `repository_unsupported` where git would go on to a
        ///   place that somebody names: then what it changes there is not ours to let be changed.
        init(from start: WorkspacePath, in root: WorkspaceRoot) throws(ToolFailure) {
            var workTree = start
            while true {
                let control = workTree.appending(component: ".git")
                do throws(SystemError) {
                    let found = try root.open(control, purpose: CP_OPEN_LOOK, follow: false).facts()
                    guard FileFacts.Kind(found.kind) == .folder else { throw .isLink }
                    let opened = try root.open(control, purpose: CP_OPEN_FOLDER, follow: false)
                    (place, folder) = (control, opened)
                    break
                } catch {
                    guard error == .noEntry || error == .notAFolder else {
                        throw error == .isLink
                            ? Self.unsupported("\(control) is a file or a link that leads to another place")
                            : error.failure(for: control)
                    }
                }
                guard !workTree.isRoot else {
                    throw ToolFailure(
                        "not_a_repository", "\(start) lies in no repository of the workspace",
                        remedy: "name a folder of a repository in cwd; it must have a .git folder inside the workspace")
                }
                workTree = workTree.parent
            }
            if exists("commondir") { throw Self.unsupported("\(place) is a second work tree of another repository") }
            if exists("reftable") { throw Self.unsupported("\(place) keeps its references as a reftable") }
        }

        /// A merge and its like keep their state in files that only git itself may change.
        func requireNothingUnderWay() throws(ToolFailure) {
            for (name, deed) in Self.underWay where exists(name) {
                throw ToolFailure(
                    "operation_under_way", "\(deed) is under way in this repository",
                    remedy: "have a person finish or abort it, then repeat the call")
            }
        }

        private static let underWay = [
            ("MERGE_HEAD", "a merge"), ("CHERRY_PICK_HEAD", "a cherry-pick"), ("REVERT_HEAD", "a revert"),
            ("rebase-merge", "a rebase"), ("rebase-apply", "a rebase or the applying of mails"),
            ("sequencer", "a series of picks"), ("SQUASH_MSG", "a squashed merge"),
        ]

        private static func unsupported(_ reason: String) -> ToolFailure {
            ToolFailure(
                "repository_unsupported", "no commit is made here: \(reason)",
                remedy: "commit by hand, or use a repository whose .git is a folder of its own in the workspace")
        }

        func exists(_ path: String) -> Bool {
            guard let found = try? open(path, CP_OPEN_LOOK) else { return false }
            return withExtendedLifetime(found) { true }
        }

        /// - Parameter path: Relative to the folder.
        func open(_ path: String, _ purpose: Int32) throws(SystemError) -> Descriptor {
            Descriptor(owning: try SystemError.check(cp_open_beneath(folder.number, path, purpose, 0)))
        }

        /// The whole of a regular file; `nil` where there is none.
        ///
        /// - Throws: ``ToolFailure`` for anything else of that name, and for one of more than `limit` bytes.
        func bytes(of path: String, limit: Int) throws(ToolFailure) -> [UInt8]? {
            do throws(SystemError) {
                let file = try open(path, CP_OPEN_READ)
                let facts = try file.facts()
                guard FileFacts.Kind(facts.kind) == .file, facts.size <= limit else { throw .isLink }
                return try file.read(offset: 0, count: Int(facts.size))
            } catch {
                if error == .noEntry || error == .notAFolder { return nil }
                throw failure(error, at: path)
            }
        }

        func failure(_ error: SystemError, at path: String) -> ToolFailure {
            if error == .isLink {
                return Self.unsupported("\(place)/\(path) is a link, a special file or too large")
            }
            return error.failure(for: self.path(path))
        }

        /// - Parameter path: Relative to the folder, free of `.` and `..`.
        func path(_ path: String) -> WorkspacePath {
            path.split(separator: "/").reduce(place) { $0.appending(component: String($1)) }
        }
    }
#endif
