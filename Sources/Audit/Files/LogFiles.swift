internal import Synchronization

/// The open files of a log by the `seq` of their first line, so that a place stays readable while files are rotated.
final class LogFiles: Sendable {
    private struct Open: Sendable {
        var activeSeq: Int
        var active: any LogFile
        /// A few rotated files, the latest used last.
        var rotated: [(seq: Int, file: any LogFile)] = []
    }

    /// More would only cost descriptors: pages walk from new to old.
    private static let mostRotated = 8

    let storage: any LogStorage
    private let open: Mutex<Open>

    init(_ storage: any LogStorage, active: any LogFile, firstSeq: Int) {
        self.storage = storage
        open = Mutex(Open(activeSeq: firstSeq, active: active))
    }

    /// The file whose first line is `firstSeq`.
    func file(_ firstSeq: Int) throws -> any LogFile {
        let known = open.withLock { open -> (any LogFile)? in
            if open.activeSeq == firstSeq { return open.active }
            return open.rotated.first { $0.seq == firstSeq }?.file
        }
        if let known { return known }
        let file = try storage.open(LogNames.rotated(firstSeq: firstSeq))
        keep(file, firstSeq)
        return file
    }

    private func keep(_ file: any LogFile, _ firstSeq: Int) {
        open.withLock { open in
            open.rotated.removeAll { $0.seq == firstSeq }
            open.rotated.append((firstSeq, file))
            if open.rotated.count > Self.mostRotated { open.rotated.removeFirst() }
        }
    }

    /// A rotation: the present active file keeps being readable under its first `seq`.
    func activate(_ file: any LogFile, firstSeq: Int) {
        let former = open.withLock { open in
            let former = (open.active, open.activeSeq)
            open.active = file
            open.activeSeq = firstSeq
            return former
        }
        if former.1 != firstSeq { keep(former.0, former.1) }
    }

    var active: any LogFile { open.withLock { $0.active } }
}
