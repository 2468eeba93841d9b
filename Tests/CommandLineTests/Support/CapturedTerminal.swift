import Synchronization

@testable import execlayer

/// What a verb wrote, on both sides.
final class CapturedTerminal: Sendable {
    private let answers = Mutex("")
    private let remarks = Mutex("")
    private let files = Mutex<[UInt8]>([])
    let isInteractive: Bool

    init(isInteractive: Bool = false) { self.isInteractive = isInteractive }

    var answer: String { answers.withLock { $0 } }
    var remark: String { remarks.withLock { $0 } }
    /// What was written as it is.
    var file: [UInt8] { files.withLock { $0 } }
    var everything: String { answer + remark }

    var terminal: Terminal {
        Terminal(
            isInteractive: isInteractive, isWatched: isInteractive,
            answer: { text in self.answers.withLock { $0 += text } },
            file: { bytes in self.files.withLock { $0 += bytes } },
            remark: { text in self.remarks.withLock { $0 += text } })
    }
}
