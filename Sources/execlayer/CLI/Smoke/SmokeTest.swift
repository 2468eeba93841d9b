internal import ToolKit

/// The checks that every running daemon passes. They call tools that only read.
struct SmokeTest: Sendable {
    let door: any DaemonDoor

    /// - Throws: ``ClientFailure`` when no daemon answers at all.
    func run(into record: inout SmokeProtocol) async throws {
        let health = try await door.send(.health)
        await record.check("the daemon answers") {
            guard health.body["status"] == "ok" else { throw SmokeEnd.failed("/health does not say ok") }
        }
        await record.check("it lists its tools") {
            let list = ToolList(try await door.demand(.api(.get, "tools")))
            guard list.entry(named: "system_info") != nil else {
                throw SmokeEnd.failed("system_info is not among \(list.tools.count) tools")
            }
        }
        // Without its tools (a token is missing, most often) every further check would only say the same again.
        guard record.checks.last?.hasFailed == false else { return }
        await record.check("a dry run plans and does nothing") {
            let answer = try await call("system_info", dryRun: true)
            guard answer["dry_run"]?.boolValue == true, answer["result"]?["dry_run"]?.boolValue == true else {
                throw SmokeEnd.failed("the answer is not that of a dry run")
            }
        }
        await record.check("a call runs and answers") { _ = try await realRun() }
        await record.check("the newest audit entry is that run") { try await newestEntryIsTheRun() }
        await record.check("a file of the workspace is read") { try await readSomeFile() }
        await record.check("git_status reads the repository") { try await readRepository() }
    }

    /// - Returns: The body of a `Result` that is a success.
    func call(_ tool: String, _ arguments: JSONValue = [:], dryRun: Bool) async throws -> JSONValue {
        let body: JSONValue = [
            "tool_name": .string(tool), "args": arguments, "dry_run": .bool(dryRun), "reason": "execlayer smoke",
        ]
        return try await door.demand(.api(.post, "run", body: body))
    }

    private func realRun() async throws -> String {
        let answer = try await call("system_info", dryRun: false)
        guard answer["result"]?["memory_total_mb"]?.doubleValue != nil else {
            throw SmokeEnd.failed("system_info answers no memory_total_mb")
        }
        guard let id = answer["audit_id"]?.stringValue else { throw SmokeEnd.failed("the answer has no audit_id") }
        return id
    }

    /// Others may use the daemon meanwhile: three tries, so that a busy one does not fail by chance.
    private func newestEntryIsTheRun() async throws {
        var newest: String?
        for _ in 0..<3 {
            let id = try await realRun()
            let logs = try await door.demand(.api(.get, "logs", query: [("limit", "1")]))
            let entry = logs["logs"]?.arrayValue?.first
            newest = entry?["audit_id"]?.stringValue
            guard newest == id else { continue }
            guard entry?["tool_name"] == "system_info", entry?["status"] == "ok" else {
                throw SmokeEnd.failed("the entry of that run does not say system_info, ok")
            }
            return
        }
        throw SmokeEnd.failed(newest.map { "the newest is \($0)" } ?? "there is none")
    }

    /// Proves the sandbox with it: git is a program that runs behind the walls.
    private func readRepository() async throws {
        let entry = try ToolList(try await door.demand(.api(.get, "tools"))).require("git_status")
        guard entry["available"]?.boolValue != false else {
            throw SmokeEnd.skipped(entry["unavailable_reason"]?.stringValue ?? "it is unavailable on this machine")
        }
        guard entry["enabled"]?.boolValue != false else { throw SmokeEnd.skipped("it is switched off") }
        let result = try await call("git_status", dryRun: false)["result"]
        guard let code = result?["returncode"]?.integerValue, let output = result?["stdout"]?.stringValue else {
            throw SmokeEnd.failed("the answer has no returncode or no stdout")
        }
        let errors = result?["stderr"]?.stringValue ?? ""
        guard code == 0 else {
            guard errors.contains("not a git repository") else {
                let line = errors.split(separator: "\n").first ?? "without a word"
                throw SmokeEnd.failed("git ended with \(code): \(line.prefix(200))")
            }
            throw SmokeEnd.skipped("the workspace is no repository")
        }
        guard output.hasPrefix("## ") else { throw SmokeEnd.failed("the answer does not begin with the branch") }
    }

    private func readSomeFile() async throws {
        let index = try await call("workspace_index", ["max_entries": 500], dryRun: false)
        let candidates = SmokeFiles.candidates(in: index["result"]?["entries"]?.arrayValue ?? [])
        guard !candidates.isEmpty else { throw SmokeEnd.skipped("the workspace has no small text file") }
        var refusal: (any Error)?
        for path in candidates.prefix(5) {
            do {
                let answer = try await call("filesystem_read", ["path": .string(path)], dryRun: false)
                guard answer["result"]?["content"]?.stringValue != nil else {
                    throw SmokeEnd.failed("the answer has no content")
                }
                return
            } catch let error as DaemonRefusal {
                // Policy may keep this one back, or it is not text after all; another will do.
                refusal = error
            }
        }
        if let refusal { throw refusal }
    }
}
