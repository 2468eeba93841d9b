#if os(Linux)
    package import Sandbox
    package import ToolKit

    /// What all confined commands of a daemon share: the workspace, the waiting supervisors, and what no program may see.
    package final class CommandGround: Sendable {
        let root: WorkspaceRoot
        let masked: [WorkspacePath]
        package let pool: SupervisorPool
        let hidden: HiddenPlaces
        let borrowed: BorrowedFolders
        /// `nil`: nothing can be written, and nothing previewed.
        let layers: LayerGround?
        /// False credentials that programs find; `nil`: none are planted now.
        let planted: @Sendable () -> PlantedCredentials?
        /// Calls that write the same folders.
        let writers = FolderTurns()
        /// One commit at a time.
        let commits = AsyncTurn()

        /// - Parameters:
        ///   - masked: The daemon's home where it lies in the workspace (SECURITY R65).
        ///   - copies: An existing folder of the daemon's own for configurations of repositories without their passwords;
        ///     `nil`: such a configuration is shown as an empty file.
        ///   - layers: Where commands write, until they end; `nil`: they can only read.
        ///   - planted: Asked before each program.
        package init(
            root: WorkspaceRoot, masked: [WorkspacePath], pool: SupervisorPool, copies: String? = nil,
            layers: LayerGround? = nil, planted: @escaping @Sendable () -> PlantedCredentials? = { nil }
        ) {
            self.planted = planted
            self.root = root
            self.masked = masked
            self.pool = pool
            self.layers = layers
            hidden = HiddenPlaces(root: root, copies: copies)
            borrowed = BorrowedFolders(root: root)
        }

        /// Ends every supervisor with its calls.
        package func close() async {
            await pool.close()
            await LayerFolder.settle()
        }

        /// How every path inside of the workspace begins.
        var inside: String { root.path == "/" ? "/" : root.path + "/" }

        /// The absolute path of a place in the workspace, the same outside and inside of the walls.
        func absolute(_ path: WorkspacePath) -> String {
            path.isRoot ? root.path : (root.path == "/" ? "" : root.path) + "/" + path.description
        }

        /// The commands of one call.
        ///
        /// - Parameters:
        ///   - revealed: Places that a person let this very call read although policy asks before they are read.
        ///   - artifacts: Where files go that the call keeps.
        ///   - output: Sees what the programs write, while they run.
        ///   - owner: Whom the call is for: nobody's programs may take up all walls.
        ///   - effects: Told what the programs change; decides whether they really do.
        ///   - way: The way out for a program that may reach hosts; `nil`: none has a network.
        package func commands(
            _ granted: [PinnedCommand], rules: any PathRules, revealing revealed: [WorkspacePath] = [],
            artifacts: any ArtifactKeeper = NoArtifacts(), output: any OutputObserver = NoObserver(),
            owner: String = "", effects: CallEffects = CallEffects(.run), way: NetworkWay? = nil
        ) -> ConfinedCommands {
            ConfinedCommands(
                ground: self, granted: granted, rules: rules, revealed: revealed, artifacts: artifacts,
                output: CallOutput(output), owner: owner, effects: effects, way: way)
        }
    }
#endif
