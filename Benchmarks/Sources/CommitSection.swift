internal import Audit
internal import Foundation
internal import Synchronization
internal import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Appends to the audit by 1, 16 and 64 callers at a time, beside the bare writes and syncs of as many bytes.
struct CommitSection {
    static func run(_ options: BenchOptions, into report: inout Report) async throws {
        var rows = [
            ["callers", "bytes a line", "appends/s", "bare: write + fdatasync/s", "lines/s at that batch", "of bare"]
        ]
        var figures: [JSONValue] = []
        for callers in [1, 16, 64] {
            var appends: [Double] = []
            var bare: [Double] = []
            var lineLength = 0
            for round in 0..<3 {
                let home = "\(options.folder)/commit-\(callers)-\(round)"
                let appended = try await append(home, callers: callers, seconds: options.commitSeconds / 3)
                appends.append(appended.rate)
                lineLength = appended.bytesPerLine
                bare.append(
                    try syncRate(
                        home + "/bare.bin", bytes: callers * lineLength, seconds: options.commitSeconds / 3))
                try FileManager.default.removeItem(atPath: home)
            }
            let appendRate = appends.median
            let lineRate = bare.median * Double(callers)
            rows.append([
                "\(callers)", "\(lineLength)", appendRate.text(0), bare.median.text(0), lineRate.text(0),
                (appendRate / lineRate).text(2),
            ])
            figures.append([
                "callers": .integer(callers), "bytes_per_line": .integer(lineLength),
                "appends_per_second": .number(appendRate.rounded3),
                "bare_syncs_per_second": .number(bare.median.rounded3),
                "bare_lines_per_second": .number(lineRate.rounded3),
                "of_bare": .number((appendRate / lineRate).rounded3),
            ])
        }
        report.add("group_commit", .array(figures))
        report.table(
            "Group commit", rows,
            note: "a bare batch is one write of as many bytes as that many lines have, and one fdatasync")
    }

    private static func append(
        _ home: String, callers: Int, seconds: Double
    ) async throws -> (rate: Double, bytesPerLine: Int) {
        let log = try SampleLog.open(in: home)
        let begun = ContinuousClock.now
        let deadline = begun + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var number = 0
                    while ContinuousClock.now < deadline {
                        try await log.append(SampleLog.entry(number * callers + caller))
                        number += 1
                    }
                    return number
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = (ContinuousClock.now - begun).milliseconds / 1_000
        await log.close()
        let size =
            try FileManager.default.attributesOfItem(atPath: home + "/logs/tools_audit.jsonl")[.size] as? Int ?? 0
        return (Double(count) / elapsed, size / max(1, count))
    }

    /// Batches a second, appended to a file that grows, as a log does.
    private static func syncRate(_ path: String, bytes: Int, seconds: Double) throws -> Double {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchFailure("\(path) cannot be made") }
        defer { close(descriptor) }
        let batch = [UInt8](repeating: UInt8(ascii: "x"), count: bytes)
        let begun = ContinuousClock.now
        let deadline = begun + .seconds(seconds)
        var count = 0
        while ContinuousClock.now < deadline {
            let written = batch.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written == bytes, sync(descriptor) == 0 else { throw BenchFailure("\(path) cannot be written") }
            count += 1
        }
        return Double(count) / ((ContinuousClock.now - begun).milliseconds / 1_000)
    }

    private static func sync(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
            fdatasync(descriptor)
        #else
            fsync(descriptor)
        #endif
    }
}
