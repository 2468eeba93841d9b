internal import Synchronization

/// Shows how far long work has come: one line on a watched error output, at most ten times a second, erased at the end.
final class ProgressLine: Sendable {
    private let terminal: Terminal
    private let title: String
    private let lastShown = Mutex<ContinuousClock.Instant?>(nil)

    init(_ title: String, on terminal: Terminal) {
        self.title = title
        self.terminal = terminal
    }

    func report(_ progress: OfflineProgress) {
        guard terminal.isWatched else { return }
        let now = ContinuousClock.now
        let isDue = lastShown.withLock { last in
            if let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }
        if isDue { terminal.progress("\(title): \(progress.sentence)") }
    }

    func end() {
        if lastShown.withLock({ $0 != nil }) { terminal.progress(nil) }
    }
}
