internal import Foundation
internal import ToolKit

/// Measures the daemon beside its floors in the same run. Started by `./bench`; docs/performance.md tells the method.
@main
struct Bench {
    static func main() async {
        do {
            try await run(BenchOptions(Array(CommandLine.arguments.dropFirst())))
        } catch {
            print("No figures: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: BenchOptions) async throws {
        try? FileManager.default.removeItem(atPath: options.folder)
        try FileManager.default.createDirectory(
            atPath: options.folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: options.folder) }
        var report = Report()
        report.add("machine", machine())
        if options.only == nil { try CallSection.run(options, into: &report) }
        if options.includes(.watchers) { try WatcherSection.run(options, into: &report) }
        #if os(Linux)
            if options.includes(.commands) { try await CommandSection.run(options, into: &report) }
            if options.includes(.effects) { try EffectSection.run(options, into: &report) }
        #endif
        if options.only == nil {
            try await CommitSection.run(options, into: &report)
            try await LogSection.run(options, into: &report)
            try StartSection.run(options, into: &report)
        }
        try report.write(to: options.report)
        print("\nEvery answer was right. The load generator shares the machine's cores with the servers.")
        print("Figures as JSON: \(options.report)")
    }

    private static func machine() -> JSONValue {
        let information = ProcessInfo.processInfo
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n")
            .first { $0.hasPrefix("model name") }
            .map { $0.drop { $0 != ":" }.dropFirst().drop { $0 == " " } }
        return [
            "cores": .integer(information.activeProcessorCount),
            "system": .string(information.operatingSystemVersionString),
            "processor": JSONValue(cpu.map { String($0) }), "measured_at": .number(Date.now.timeIntervalSince1970),
        ]
    }
}
