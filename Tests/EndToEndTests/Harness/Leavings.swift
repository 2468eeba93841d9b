import Foundation

/// What calls could pile up in a daemon, below it and on disk, as the kernel counts it.
struct Leavings: CustomStringConvertible {
    let counts: [String: Int]
    /// Descendants of the daemon, zombies included.
    let processes: Set<Int32>

    init(of daemon: Daemon, in playground: Playground) {
        let own = daemon.program.identifier
        processes = Self.descendants(of: own)
        let supervisors = Self.supervisors(of: daemon)
        counts = [
            "daemon's descriptors": Self.entries("/proc/\(own)/fd"),
            "supervisors' descriptors": supervisors.map { Self.entries("/proc/\($0)/fd") }.reduce(0, +),
            "processes": processes.count,
            // The daemon shares the mounts of the machine, where other suites mount small disks meanwhile.
            "mounts of supervisors": supervisors.map { Self.lines("/proc/\($0)/mountinfo") }.reduce(0, +),
            "mount namespaces": Set(processes.compactMap { Self.link("/proc/\($0)/ns/mnt") }).count,
            "cgroups": Self.cgroups(of: own), "folders of the home": Self.folders(playground.home),
            "temporary files": Self.everything(playground.folder + "/tmp").count,
            "files of the workspace": Self.everything(playground.workspace).count,
        ]
    }

    func isWithin(_ earlier: Leavings) -> Bool { counts.allSatisfy { $0.value <= earlier.counts[$0.key] ?? 0 } }

    /// What is more than it was.
    func growth(since earlier: Leavings) -> [String] {
        counts.sorted { $0.key < $1.key }.compactMap { name, count in
            let before = earlier.counts[name] ?? 0
            return count > before ? "\(name): \(before), then \(count)" : nil
        }
    }

    var description: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// Those that wait for calls: process 1 behind each outer wall.
    static func supervisors(of daemon: Daemon) -> [Int32] {
        descendants(of: daemon.program.identifier).filter { process in
            // The last number is the one inside; a call's first process is 1 inside as well, one namespace further down.
            guard let line = status(process, "NSpid") else { return false }
            return line.count == 2 && line.last == 1
        }.sorted()
    }

    /// Memory of the process that no file stands behind, in KiB.
    static func anonymousMemory(of daemon: Daemon) -> Int? { status(daemon.program.identifier, "RssAnon")?.first }

    static func descendants(of root: Int32) -> Set<Int32> {
        var children: [Int32: [Int32]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(name), let parent = status(process, "PPid")?.first else { continue }
            children[Int32(parent), default: []].append(process)
        }
        var found: Set<Int32> = []
        var rest = [root]
        while let next = rest.popLast() {
            for child in children[next] ?? [] where found.insert(child).inserted { rest.append(child) }
        }
        return found
    }

    /// The numbers in a line of `/proc/PID/status`.
    private static func status(_ process: Int32, _ name: String) -> [Int]? {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        return text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            .map { $0.split(whereSeparator: \.isWhitespace).compactMap { Int($0) } }
    }

    private static func entries(_ folder: String) -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).count
    }

    private static func lines(_ file: String) -> Int {
        ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").count
    }

    private static func link(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    private static func everything(_ folder: String) -> [String] {
        (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    }

    private static func folders(_ folder: String) -> Int {
        everything(folder).count { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }

    /// Folders that the daemon made for its calls, in every hierarchy.
    private static func cgroups(of daemon: Int32) -> Int {
        let own = ((try? String(contentsOfFile: "/proc/\(daemon)/cgroup", encoding: .utf8)) ?? "").split(
            separator: "\n")
        let bases = own.flatMap { line -> [String] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            let names = parts[1].isEmpty ? [""] : parts[1].split(separator: ",").map { "/" + $0 }
            return names.map { "/sys/fs/cgroup\($0)\(parts[2] == "/" ? "" : parts[2])/execlayer-\(daemon)" }
        }
        return bases.map { base in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? []
            return names.count { $0.hasPrefix("call-") }
        }.reduce(0, +)
    }
}
