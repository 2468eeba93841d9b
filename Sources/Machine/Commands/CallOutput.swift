#if os(Linux)
    internal import Sandbox
    internal import Synchronization
    internal import ToolKit

    /// The output of a call's programs as one stream of each kind: what the second program writes comes behind what the
    /// first has written. A call runs one program after the other.
    final class CallOutput: Sendable {
        private struct Written {
            var stdout: UInt64 = 0
            var stderr: UInt64 = 0
        }

        private let observer: any OutputObserver
        private let written = Mutex(Written())

        init(_ observer: any OutputObserver) { self.observer = observer }

        /// For the next program.
        func watcher() -> OutputWatcher {
            let before = written.withLock { $0 }
            return { [observer] stream, offset, bytes in
                observer.wrote(bytes, to: stream, at: offset + (stream == .stdout ? before.stdout : before.stderr))
            }
        }

        func ended(_ end: CallEnd) {
            written.withLock { written in
                written.stdout += end.stdout.totalBytes
                written.stderr += end.stderr.totalBytes
            }
        }
    }
#endif
