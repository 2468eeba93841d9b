#if os(Linux)
    internal import Foundation

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// Attempts on files.
    enum FileProbes {
        static func read(_ path: String, _ report: inout ProbeReport) {
            let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
            guard file >= 0 else { return report.refused(path, lastError()) }
            defer { close(file) }
            var byte: UInt8 = 0
            switch Glibc.read(file, &byte, 1) {
            case 1: report.reached(path, "one byte")
            case 0: report.refused(path, "empty")
            default:
                let problem = lastError()
                // A folder is read by its names. An empty one has nothing to show.
                let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
                if names.isEmpty { report.refused(path, problem) } else { report.reached(path, "\(names.count) names") }
            }
        }

        /// Opens and closes; what is found is left as it is.
        static func overwrite(_ path: String, _ report: inout ProbeReport) {
            let file = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
            guard file >= 0 else { return report.refused(path, lastError()) }
            close(file)
            report.reached(path)
        }

        static func create(_ path: String, _ report: inout ProbeReport) {
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard file >= 0 else { return report.refused(path, lastError()) }
            close(file)
            report.reached(path)
        }

        static func move(_ path: String, _ report: inout ProbeReport) {
            guard rename(path, path + "-moved") == 0 else { return report.refused(path, lastError()) }
            report.reached(path)
        }

        static func lastError() -> String { String(cString: strerror(errno)) }
    }
#endif
