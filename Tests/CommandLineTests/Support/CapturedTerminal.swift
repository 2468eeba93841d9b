import Synchronization

@testable import execlayer

/// What a verb wrote, on both sides.
final class CapturedTerminal: Sendable {
    private let answers = Mutex("")
    private let remarks = Mutex("")
    let isInteractive: Bool

    init(isInteractive: Bool = false) { self.isInteractive = isInteractive }

    var answer: String { answers.withLock { $0 } }
    var remark: String { remarks.withLock { $0 } }
    var everything: String { answer + remark }

    var terminal: Terminal {
        Terminal(
            isInteractive: isInteractive, isWatched: isInteractive,
            answer: { text in self.answers.withLock { $0 += text } },
            remark: { text in self.remarks.withLock { $0 += text } })
    }
}
