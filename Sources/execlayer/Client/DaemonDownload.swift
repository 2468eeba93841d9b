/// What a daemon sent instead of the file that it was asked for, or the file.
enum DaemonDownload: Sendable, Hashable {
    case file([UInt8])
    case answer(DaemonAnswer)
}
