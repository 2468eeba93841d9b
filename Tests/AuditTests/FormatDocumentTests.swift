internal import Audit
internal import Foundation
internal import Testing

@Suite("The verifier in docs/audit-format.md")
struct FormatDocumentTests {
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The only Python on the page.
    private func script() throws -> String {
        let page = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/audit-format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.range(of: "```python\n")).upperBound
        let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
        return String(text[start..<end])
    }

    private func run(_ files: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.python ?? "")
        process.arguments = ["-c", try script()] + files
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test("R61: agrees with ours on a good log, and finds an edit", .enabled(if: python != nil))
    func agrees() async throws {
        try await withFolder { folder in
            let configuration = AuditLogConfiguration(signer: AuditSigner(), now: { 1_800_000_000 })
            let storage = try DiskLogStorage(folder: folder)
            let log = try AuditLog.open(configuration, index: InMemoryAuditIndex(), files: storage)
            try await log.record(calls: 0..<20)
            try await log.rotate()
            try await log.record(calls: 20..<30)
            await log.close()
            let files = [LogNames.rotated(firstSeq: 1), LogNames.active].map { folder + "/" + $0 }
            let result = AuditVerifier(storage, key: configuration.signer.publicKey).verify()
            #expect(result.isGood)
            let good = try run(files)
            #expect(good.status == 0)
            #expect(good.output == "\(result.lines) lines, head \(result.head.hex)\n")
            let text = try String(contentsOfFile: files[0], encoding: .utf8)
            try text.replacingOccurrences(of: "call_7", with: "call_8").write(
                toFile: files[0], atomically: true, encoding: .utf8)
            let bad = try run(files)
            #expect(bad.status == 1 && bad.output.contains("was edited"))
        }
    }
}
