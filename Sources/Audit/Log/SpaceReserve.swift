/// Keeps disk space allocated behind the end of the log, so that the outcomes of calls that were admitted still fit
/// when the disk fills up.
struct SpaceReserve {
    private let configuration: AuditLogConfiguration
    private let storage: any LogStorage
    /// How far the file may grow without asking again.
    private var end = 0
    private(set) var isLow = false

    init(_ configuration: AuditLogConfiguration, storage: any LogStorage) {
        self.configuration = configuration
        self.storage = storage
    }

    /// - Returns: Whether a batch of that many bytes fits and leaves enough for outcomes.
    mutating func renew(for file: any LogFile, size: Int, batch: Int) -> Bool {
        let needed = size + batch + configuration.outcomeReserve
        if needed <= end { return true }
        let wanted = needed + configuration.reserve
        do {
            try file.reserve(upTo: wanted)
        } catch {
            look()
            guard error.isUnsupported, let free = try? storage.freeBytes() else { return false }
            // Where space cannot be kept, enough of it has to be free now.
            guard free >= batch + configuration.outcomeReserve + configuration.reserve else { return false }
        }
        end = wanted
        look()
        return true
    }

    mutating func forget() { end = 0 }

    /// Looks at the free space, and tells when a warning is due or over.
    mutating func look() {
        guard let free = try? storage.freeBytes() else { return }
        let isLow = free < configuration.spaceWarning
        guard isLow != self.isLow else { return }
        self.isLow = isLow
        configuration.onSpaceWarning(isLow ? free : nil)
    }
}
