#if os(Linux)
    internal import Foundation

    #if canImport(Glibc)
        internal import Glibc
    #elseif canImport(Musl)
        internal import Musl
    #endif

    /// What can be seen of processes: one's own and others.
    enum ProcessProbes {
        static var namespaces: [String] { ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] }

        /// The names of variables, never their values: a report is printed.
        static func variables(_ report: inout ProbeReport) {
            for process in processes() {
                guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/environ") else {
                    report.refused("process \(process)", "cannot be read")
                    continue
                }
                for variable in bytes.split(separator: 0) {
                    let name = variable.prefix { $0 != UInt8(ascii: "=") }
                    report.reached(String(decoding: name, as: UTF8.self), "process \(process)")
                }
            }
        }

        static func descriptors(_ report: inout ProbeReport) {
            for descriptor in Int32(3)..<1_024 where fcntl(descriptor, F_GETFD) >= 0 {
                report.reached("\(descriptor)", link("/proc/self/fd/\(descriptor)"))
            }
        }

        static func walls(_ report: inout ProbeReport) {
            for name in namespaces { report.reached("namespace \(name)", link("/proc/self/ns/\(name)")) }
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            for line in status.split(separator: "\n") {
                let fields = line.split(separator: ":", maxSplits: 1)
                guard fields.count == 2 else { continue }
                report.reached(String(fields[0]), fields[1].trimmingCharacters(in: .whitespaces))
            }
            report.reached("processes", "\(processes().count)")
            let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
            if terminal >= 0 {
                close(terminal)
                report.reached("terminal")
            } else {
                report.refused("terminal", FileProbes.lastError())
            }
        }

        private static func processes() -> [Int32] {
            ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.sorted()
        }

        static func link(_ path: String) -> String {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? "unknown"
        }
    }
#endif
