#if os(Linux)
    internal import Foundation
    internal import Glibc

    /// Where this daemon may make cgroups for its calls: a folder of its own below the cgroup it runs in.
    struct CgroupBase: Sendable {
        var memory: String?
        var pids: String?
        var isUnified: Bool

        private static let mount = "/sys/fs/cgroup"
        private static let prefix = "execlayer-"

        /// `nil` when nothing can be counted.
        static func make() -> CgroupBase? {
            let own = ownGroups()
            let name = prefix + "\(getpid())"
            if let path = own[""], access(mount + "/cgroup.controllers", F_OK) == 0 {
                return unified(below: mount + path, name)
            }
            func folder(_ controller: String) -> String? {
                guard let path = own[controller] else { return nil }
                let parent = mount + "/" + controller + (path == "/" ? "" : path)
                removeAbandoned(below: parent)
                return makeFolder(parent + "/" + name)
            }
            let base = CgroupBase(memory: folder("memory"), pids: folder("pids"), isUnified: false)
            return base.memory == nil && base.pids == nil ? nil : base
        }

        /// Works where the daemon's cgroup has no processes but its own and was delegated to it.
        private static func unified(below parent: String, _ name: String) -> CgroupBase? {
            removeAbandoned(below: parent)
            guard write(parent + "/cgroup.subtree_control", "+memory +pids"),
                let folder = makeFolder(parent + "/" + name)
            else {
                return nil
            }
            guard write(folder + "/cgroup.subtree_control", "+memory +pids") else {
                rmdir(folder)
                return nil
            }
            return CgroupBase(memory: folder, pids: folder, isUnified: true)
        }

        /// This process's folders that exist.
        static func own() -> [String] {
            let groups = ownGroups()
            let parents = ["memory", "pids"].compactMap { name in
                groups[name].map { mount + "/" + name + ($0 == "/" ? "" : $0) }
            }
            return (parents + [mount + (groups[""] ?? "")]).map { $0 + "/" + prefix + "\(getpid())" }
                .filter { access($0, F_OK) == 0 }
        }

        /// The lines of /proc/self/cgroup by controller; the unified hierarchy has none.
        private static func ownGroups() -> [String: String] {
            // Without the file there are no cgroups.
            let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
            var groups: [String: String] = [:]
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3 else { continue }
                for controller in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                    groups[String(controller)] = String(fields[2])
                }
            }
            return groups
        }

        private static func makeFolder(_ path: String) -> String? {
            mkdir(path, 0o755) == 0 || errno == EEXIST ? path : nil
        }

        /// Folders of daemons that were killed. Empty ones only: the kernel refuses others.
        private static func removeAbandoned(below parent: String) {
            // A folder that cannot be listed has nothing of ours to tidy.
            for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
                guard name.hasPrefix(prefix), let process = Int32(name.dropFirst(prefix.count)),
                    kill(process, 0) != 0, errno == ESRCH
                else { continue }
                removeTree(parent + "/" + name)
            }
        }

        private static func removeTree(_ folder: String) {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where name.hasPrefix("call-") {
                rmdir(folder + "/" + name)
            }
            rmdir(folder)
        }

        func remove() { for folder in Set([memory, pids].compactMap(\.self)) { rmdir(folder) } }

        func limitMemory(_ folder: String, to bytes: UInt64?) {
            if isUnified {
                Self.write(folder + "/memory.max", bytes.map { "\($0)" } ?? "max")
                // Only where the kernel counts swap.
                Self.write(folder + "/memory.swap.max", bytes == nil ? "max" : "0")
            } else {
                Self.write(folder + "/memory.limit_in_bytes", bytes.map { "\($0)" } ?? "-1")
            }
        }

        /// The file that tells how often the kernel has killed in this cgroup, open for reading.
        func openMemoryKills(_ folder: String) -> Int32? {
            let file = open(folder + (isUnified ? "/memory.events" : "/memory.oom_control"), O_RDONLY | O_CLOEXEC)
            return file >= 0 ? file : nil
        }

        /// How often the kernel has killed because of the memory limit. Read for every call, hence without opening.
        static func memoryKills(_ file: Int32) -> UInt64 {
            withUnsafeTemporaryAllocation(byteCount: 512, alignment: 1) { buffer in
                let count = pread(file, buffer.baseAddress, buffer.count, 0)
                // A cgroup that is gone has killed nobody.
                guard count > 0 else { return 0 }
                for line in buffer[..<count].split(separator: UInt8(ascii: "\n"))
                where line.starts(with: "oom_kill ".utf8) {
                    return UInt64(String(decoding: line.dropFirst("oom_kill ".utf8.count), as: UTF8.self)) ?? 0
                }
                return 0
            }
        }

        @discardableResult
        static func write(_ path: String, _ text: String) -> Bool {
            let file = open(path, O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return false }
            defer { close(file) }
            return text.utf8CString.withUnsafeBytes { Glibc.write(file, $0.baseAddress, text.utf8.count) }
                == text.utf8.count
        }
    }
#endif
