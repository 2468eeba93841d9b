package import ToolKit

/// What a call has changed, kept so that it can be taken back.
package struct UndoRecord: Sendable, Hashable {
    /// Of the call.
    package let auditID: String
    package let principal: String
    /// Canonical.
    package let toolName: String
    package let effect: Effect
    /// Commits that it made, in their order; taken back the other way round, and before the files.
    package let commits: [GitMove]
    /// Why it cannot be undone, as a clause for people; `nil` when it can.
    package let problem: String?
    /// Contents that are kept for it, by hash, with their sizes.
    package let contents: [String: Int]
    /// Unix seconds.
    package let createdAt: Double
    /// Of the call that undoes or undid it.
    package var undoneBy: String?
    /// Whether that call has not ended.
    package var isUndoing = false
    /// When its contents gave way to newer ones.
    package var evictedAt: Double?

    package init(
        auditID: String, principal: String, toolName: String, effect: Effect, commits: [GitMove] = [],
        problem: String? = nil,
        contents: [String: Int], createdAt: Double
    ) {
        self.auditID = auditID
        self.principal = principal
        self.toolName = toolName
        self.effect = effect
        self.commits = commits
        self.problem = problem
        let indexes = commits.flatMap { [$0.before.index, $0.after.index] }.compactMap(\.self)
        let all = contents.merging(indexes.map { ($0.sha256, $0.size) }) { own, _ in own }
        self.contents = problem == nil ? all : [:]
        self.createdAt = createdAt
    }

    /// What takes it back: commits first, then files.
    package var inverse: (commits: [GitMove], effect: Effect) {
        (commits.reversed().map(\.inverse), effect.inverse)
    }

    package var state: UndoState {
        if let problem { return .impossible(problem) }
        if let undoneBy { return isUndoing ? .underWay : .undone(by: undoneBy) }
        return evictedAt == nil ? .possible : .impossible("what it replaced is not kept any more")
    }
}

/// Whether a call can be taken back now.
package enum UndoState: Sendable, Hashable {
    case possible
    case undone(by: String)
    case underWay
    /// The reason is a clause for people.
    case impossible(String)

    /// Members of an entry of the audit that say so.
    package var members: [String: JSONValue] {
        switch self {
        case .possible: ["undoable": true]
        case .undone(let auditID): ["undoable": false, "undone_by": .string(auditID)]
        case .underWay: ["undoable": false]
        case .impossible(let reason): ["undoable": false, "undo_problem": .string(reason)]
        }
    }
}
