#if os(Linux)
    internal import CPlatform
    internal import Synchronization
    internal import ToolKit

    /// Folders that a call may write to. One that is missing is made, because only what exists can be shown to a program, and
    /// goes again with the last call that had it when nothing was put into it: `make test` leaves no five empty folders.
    final class BorrowedFolders: Sendable {
        private struct Loan {
            var calls = 0
            /// Whether we made it.
            var isOurs = false
        }

        private let root: WorkspaceRoot
        private let loans = Mutex<[WorkspacePath: Loan]>([:])

        init(root: WorkspaceRoot) { self.root = root }

        /// Makes sure that they exist. Blocks for some system calls.
        ///
        /// - Returns: Those that did not, outer ones first.
        /// - Throws: ``ToolFailure`` when something else has the name of one; then none is lent.
        func lend(_ folders: [WorkspacePath]) throws -> [WorkspacePath] {
            var lent: [WorkspacePath] = []
            var made: [WorkspacePath] = []
            do {
                for folder in folders.flatMap(Self.chain) {
                    try loans.withLock { loans in
                        let isNew = (try? root.open(folder, purpose: CP_OPEN_LOOK, follow: false)) == nil
                        try root.makeFolder(folder)
                        var loan = loans[folder] ?? Loan()
                        loan.calls += 1
                        loan.isOurs = loan.isOurs || isNew
                        loans[folder] = loan
                        if isNew { made.append(folder) }
                    }
                    lent.append(folder)
                }
            } catch {
                giveBack(chains: lent)
                throw error
            }
            return made
        }

        /// - Parameter folders: As they were lent.
        func giveBack(_ folders: [WorkspacePath]) { giveBack(chains: folders.flatMap(Self.chain)) }

        private func giveBack(chains: [WorkspacePath]) {
            for folder in chains.reversed() {
                loans.withLock { loans in
                    guard var loan = loans[folder] else { return }
                    loan.calls -= 1
                    loans[folder] = loan.calls > 0 ? loan : nil
                    if loan.calls == 0, loan.isOurs { removeWhenEmpty(folder) }
                }
            }
        }

        /// `a`, then `a/b`.
        private static func chain(_ folder: WorkspacePath) -> [WorkspacePath] {
            var chain: [WorkspacePath] = []
            for component in folder.components {
                chain.append((chain.last ?? .root).appending(component: component))
            }
            return chain
        }

        private func removeWhenEmpty(_ folder: WorkspacePath) {
            guard let name = folder.components.last,
                let parent = try? root.open(folder.parent, purpose: CP_OPEN_FOLDER, follow: false)
            else { return }
            // The system refuses while there is anything in it.
            _ = cp_remove_folder_in(parent.number, name)
        }
    }
#endif
