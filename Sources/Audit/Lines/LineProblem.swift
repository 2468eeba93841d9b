/// What is wrong with the log at one place. The kinds are stable; `execlayer audit verify --json` prints them.
package struct LineProblem: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        // One line by itself.
        case emptyLine = "empty_line"
        case tooLong = "too_long"
        case carriageReturn = "carriage_return"
        case hashMissing = "hash_missing"
        case hashMismatch = "hash_mismatch"
        case notJSON = "not_json"
        case memberMissing = "member_missing"
        // A line and those before it.
        case seqGap = "seq_gap"
        case seqRepeated = "seq_repeated"
        case prevMismatch = "prev_mismatch"
        case outcomeWithoutIntent = "outcome_without_intent"
        case intentRepeated = "intent_repeated"
        case checkpointForged = "checkpoint_forged"
        case checkpointMismatch = "checkpoint_mismatch"
        case checkpointMissing = "checkpoint_missing"
        // Files.
        case fileMissing = "file_missing"
        case fileMisnamed = "file_misnamed"
        case truncated
        case unfinishedLine = "unfinished_line"
        case lostPages = "lost_pages"
        // The witnesses.
        case headMissing = "head_missing"
        case headForged = "head_forged"
        case headMismatch = "head_mismatch"
        case headRolledBack = "head_rolled_back"
        case indexMismatch = "index_mismatch"
        case memoryMismatch = "memory_mismatch"
        /// Found by an earlier start, and nobody has answered for it yet.
        case linesMissing = "lines_missing"
        case unreadable
    }

    package let kind: Kind
    /// One clause without a full stop.
    package let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
