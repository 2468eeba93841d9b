/// What one outer wall lets its calls see: a pure value. Calls with equal profiles share a waiting supervisor, so
/// whatever must not be shared between two calls has to make their profiles differ.
///
/// Every path is absolute, exists, and is free of links and of `.` and `..`: bubblewrap binds it to the same place
/// inside. Who makes a profile resolves its paths first.
package struct Profile: Sendable, Hashable {
    package enum Workspace: Sendable, Hashable {
        case none
        case readOnly(String)
        case writable(String)

        package var path: String? {
            switch self {
            case .none: nil
            case .readOnly(let path), .writable(let path): path
            }
        }

        package var isWritable: Bool {
            if case .writable = self { true } else { false }
        }
    }

    /// What calls are not to see although it lies in something they see.
    package enum Mask: Sendable, Hashable {
        /// Found as an empty folder that nobody can write to.
        case folder(String)
        /// Found as an empty file.
        case file(String)

        package var path: String {
            switch self {
            case .folder(let path), .file(let path): path
            }
        }
    }

    /// A folder or file outside of the workspace.
    package struct Bind: Sendable, Hashable {
        package var source: String
        package var target: String
        package var isWritable: Bool

        package init(_ source: String, at target: String? = nil, isWritable: Bool = false) {
            self.source = source
            self.target = target ?? source
            self.isWritable = isWritable
        }
    }

    /// Something that has to be mounted on its path before the first call starts.
    package struct Landmark: Sendable, Hashable {
        package var path: String
        /// Of what was chosen; `nil`: whatever is mounted there.
        package var identity: FileIdentity?

        package init(_ path: String, _ identity: FileIdentity?) {
            self.path = path
            self.identity = identity
        }
    }

    package var workspace: Workspace
    /// Folders that calls may write to although the workspace is read-only: a rule's `writes:`.
    package var writableFolders: [String] = []
    /// Read-only even inside a writable workspace or folder; they win over ``writableFolders``.
    package var protectedPaths: [String] = []
    /// They win over everything else.
    package var masks: [Mask] = []
    /// Folders of the workspace in whose place calls find others, which they may write to: where no layer can be made.
    package var copies: [Bind] = []
    /// Files that calls find other content in, read-only; each target lies in something they see.
    package var replacements: [Bind] = []
    /// Read-only folders of compilers and interpreters outside the system's.
    package var toolchains: [String] = []
    package var binds: [Bind] = []
    /// A folder of the daemon's own for the layers of calls, see ``ConfinedCall/Overlay``. No program sees it. It is no
    /// part of what is shown, so it is the same for all profiles; `nil`: calls have no overlays.
    package var layers: String?
    /// Whether `AF_INET` and `AF_INET6` sockets exist. Only the wall's own `lo` answers them.
    package var internetSockets = true
    /// Whether unix sockets exist beyond connected pairs. Then whoever listens on one that can be seen is reached,
    /// programs of the host's included (SECURITY R29).
    package var unixSockets = false
    /// Whether each call has pseudo-terminals of its own.
    package var terminals = true
    package var runAs: RunAs
    /// What the paths above meant when the profile was made. A mount goes when what it is on is replaced on the host, so
    /// a wall that waits from before would show the new file, however secret, and lose the new folder.
    package var identities: [FileIdentity] = []
    /// Paths that lead through folders to which another call may write. Bubblewrap resolves names, so that call could put
    /// a link to any place of the host in their way; a wall in which one of them is something else takes no call.
    package var landmarks: [Landmark] = []
    package var scratch = ScratchSizes()

    package init(workspace: Workspace, runAs: RunAs) {
        self.workspace = workspace
        self.runAs = runAs
    }
}

extension Profile {
    /// Whether every landmark still is where it was chosen, as seen from outside.
    var isInPlace: Bool {
        landmarks.allSatisfy { mark in
            guard let found = FileIdentity(of: mark.path) else { return false }
            return mark.identity == nil || mark.identity == found
        }
    }
}

/// How much each call may put into its private folders in memory.
package struct ScratchSizes: Sendable, Hashable {
    /// Bytes of each of `/tmp`, `/home/sandbox` and `/dev/shm`.
    package var bytes: UInt64 = 256 << 20
    package var files: UInt32 = 65_536

    package init() {}
}
