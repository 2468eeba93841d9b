internal import Synchronization

/// What one call does to the workspace, as whoever does it tells: the file layer, the runner of commands.
public final class CallEffects: Sendable {
    public enum Mode: Sendable, Hashable {
        /// What is noted has happened.
        case run
        /// What is noted would happen; the workspace is as it was.
        case preview
    }

    /// How an effect of a command was found.
    public enum Method: String, Sendable, Hashable {
        /// The program wrote to a copy-on-write layer.
        case overlay
        /// It wrote to a copy of the workspace, because no layer can be made here.
        case copy
    }

    /// All that was told.
    public struct Account: Sendable {
        public var effect = Effect.none
        /// `nil` when no command had a part in it.
        public var method: Method?
        /// Commits that were made, in their order. To be undone the other way round, and before the files.
        public var commits: [GitMove] = []
        /// Why what happened cannot be undone, as a clause for people; `nil` when it can.
        public var undoProblem: String?
        /// What the effect leaves out, each a sentence without a full stop: sockets, FIFOs, what was capped.
        public var omissions: [String] = []
    }

    /// The one of the call that this task works for. Whoever keeps contents for it keeps them until it is settled.
    @TaskLocal public static var underWay: CallEffects?

    public let mode: Mode
    private let account = Mutex(Account())
    /// `nil`: it is settled.
    private let ends = Mutex<[@Sendable () -> Void]?>([])

    public init(_ mode: Mode) { self.mode = mode }

    /// A part of the call that has happened, after those noted before.
    public func note(_ effect: Effect, method: Method? = nil) {
        account.withLock { account in
            account.effect = account.effect.followed(by: effect)
            account.method = method ?? account.method
        }
    }

    /// A commit that is in place.
    public func note(_ commit: GitMove) { account.withLock { $0.commits.append(commit) } }

    /// What has happened cannot be undone. The first reason counts.
    public func forbidUndo(_ reason: String) {
        account.withLock { $0.undoProblem = $0.undoProblem ?? reason }
    }

    public func omit(_ sentence: String) {
        account.withLock { account in
            if account.omissions.count < 100, !account.omissions.contains(sentence) {
                account.omissions.append(sentence)
            }
        }
    }

    public var current: Account { account.withLock { $0 } }

    /// Calls back once, when what the call needs is on record, or at once when it is by now.
    public func whenSettled(_ end: @escaping @Sendable () -> Void) {
        let isOver = ends.withLock { ends in
            ends?.append(end)
            return ends == nil
        }
        if isOver { end() }
    }

    /// What it needs is on record, or nothing of it is needed.
    public func settle() {
        let waiting = ends.withLock { ends in
            defer { ends = nil }
            return ends ?? []
        }
        for end in waiting { end() }
    }
}
