package import ToolKit

/// Processor, memory and disk of this machine in figures.
package struct SystemInfo: Tool {
    package let name = "system_info"
    package let description = "Tells processor load, memory, disk space of the workspace, uptime and operating system."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "System information", readOnly: true)

    /// The last reading, so that a call answers the load since the one before without waiting for it.
    private let meter = ProcessorMeter()

    package init() {}

    package var availability: Availability { ProcFiles.availability }

    package func access(for arguments: NoArguments) throws(ToolFailure) -> Access { .observe(.system) }

    package func plan(for arguments: NoArguments, in context: ToolContext) async throws -> [String: JSONValue] {
        [
            "summary": "read processor, memory, disk and uptime figures from /proc; no program is started",
            "reads": ["/proc/stat", "/proc/meminfo", "/proc/loadavg", "/proc/uptime"],
        ]
    }

    package func call(arguments: NoArguments, in context: ToolContext) async throws -> ToolOutput {
        let facts = ProcFiles(host: context.host, aspect: .system)
        let statistics = facts.text("/proc/stat")
        let memory = Memory(facts.text("/proc/meminfo") ?? "")
        let disk = try context.host.diskSpace(for: .system)
        let uptime = facts.text("/proc/uptime")?.split(separator: " ").first.flatMap { Double($0) }
        let load = facts.text("/proc/loadavg")?.split(separator: " ").prefix(3).compactMap { Double($0) }
        let result: [String: JSONValue] = [
            "cpu_percent": Self.rounded(statistics.flatMap { meter.percent($0) }),
            "cpu_count": JSONValue(statistics.map { ProcessorMeter.count(in: $0) }),
            "load_average": load.map { .array($0.map(JSONValue.number)) } ?? .null,
            "memory_total_mb": Self.rounded(memory.total.map { Double($0) / 1_024 }),
            "memory_available_mb": Self.rounded(memory.available.map { Double($0) / 1_024 }),
            "memory_percent": Self.rounded(memory.usedPercent),
            "disk_total_gb": Self.rounded(Double(disk.total) / 1_073_741_824),
            "disk_free_gb": Self.rounded(Double(disk.available) / 1_073_741_824),
            "uptime_seconds": Self.rounded(uptime),
            "hostname": JSONValue(facts.line("/proc/sys/kernel/hostname")),
            "os": JSONValue(Self.operatingSystem(facts)),
            "kernel": JSONValue(facts.line("/proc/sys/kernel/osrelease")),
        ]
        return ToolOutput(.object(result), summary: "figures of this machine")
    }

    /// Two decimals; `null` for what this machine does not tell.
    private static func rounded(_ number: Double?) -> JSONValue {
        number.map { .number(($0 * 100).rounded() / 100) } ?? .null
    }

    private static func operatingSystem(_ facts: ProcFiles) -> String? {
        let release = facts.text("/usr/lib/os-release") ?? facts.text("/etc/os-release") ?? ""
        for line in release.split(separator: "\n") where line.hasPrefix("PRETTY_NAME=") {
            return line.dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" }
        }
        return nil
    }
}

/// `/proc/meminfo`, in KiB.
private struct Memory {
    var total: Int?
    var available: Int?

    init(_ text: String) {
        var values: [Substring: Int] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == ":" }
            if words.count >= 2 { values[words[0]] = Int(words[1]) }
        }
        total = values["MemTotal"]
        // Kernels before 3.14 do not tell what is available; free plus caches comes near.
        available = values["MemAvailable"] ?? values["MemFree"].map { $0 + (values["Cached"] ?? 0) }
    }

    var usedPercent: Double? {
        guard let total, let available, total > 0 else { return nil }
        return Double(total - available) * 100 / Double(total)
    }
}
