import Foundation
import Glibc
import Testing

@testable import Sandbox

/// A fresh workspace with a pool of supervisors around it. Everything is gone after ``close()``.
final class Cage: Sendable {
    static let host = SandboxHost.find()
    private static let examined = Task { await host.examined(workspace: nil) }

    /// False without bubblewrap, and inside a sandbox, where no other can be built.
    static func works() async -> Bool { await examined.value.confinement == .full }

    let workspace: String
    let pool: SupervisorPool
    let profile: Profile

    init(
        settings: SupervisorPool.Settings = .init(), cgroups: CallCgroups? = nil, runAs: RunAs? = nil,
        now: (@Sendable () -> Duration)? = nil, change: (inout Profile) -> Void = { _ in }
    ) throws {
        workspace = FileManager.default.temporaryDirectory.path + "/cage-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: workspace, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var profile = Profile(
            workspace: .writable(workspace), runAs: runAs ?? Self.host.runAs(workspace: workspace))
        change(&profile)
        self.profile = profile
        if let now {
            pool = try SupervisorPool(host: Self.host, settings: settings, cgroups: cgroups, now: now)
        } else {
            pool = try SupervisorPool(host: Self.host, settings: settings, cgroups: cgroups)
        }
    }

    func close() async {
        await pool.close()
        try? FileManager.default.removeItem(atPath: workspace)
    }

    /// Runs the body with a cage that is closed in every case.
    static func with<Result>(
        settings: SupervisorPool.Settings = .init(), cgroups: CallCgroups? = nil, runAs: RunAs? = nil,
        change: (inout Profile) -> Void = { _ in }, _ body: (Cage) async throws -> Result
    ) async throws -> Result {
        let cage = try Cage(settings: settings, cgroups: cgroups, runAs: runAs, change: change)
        do {
            let result = try await body(cage)
            await cage.close()
            return result
        } catch {
            await cage.close()
            throw error
        }
    }

    func call(_ program: String, _ arguments: [String] = []) -> ConfinedCall {
        ConfinedCall(program, arguments, folder: workspace)
    }

    func run(_ program: String, _ arguments: [String] = [], change: (inout ConfinedCall) -> Void = { _ in })
        async throws -> CallEnd
    {
        var call = call(program, arguments)
        change(&call)
        return try await pool.run(call, in: profile)
    }

    func shell(_ script: String, change: (inout ConfinedCall) -> Void = { _ in }) async throws -> CallEnd {
        try await run("/bin/sh", ["-c", script], change: change)
    }

    func python(_ script: String, change: (inout ConfinedCall) -> Void = { _ in }) async throws -> CallEnd {
        try await run("/usr/bin/python3", ["-I", "-S", "-c", script], change: change)
    }

    func supervisor() async throws -> Supervisor {
        let seat = try await pool.lease(profile)
        pool.release(seat, of: profile, counts: false)
        return seat.supervisor
    }
}

/// What the kernel counts for this process and below it.
enum Census {
    /// Descendants of a process, zombies included.
    static func descendants(of root: Int32) -> Set<Int32> {
        var parents: [Int32: Int32] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let process = Int32(name), let parent = parent(of: process) else { continue }
            parents[process] = parent
        }
        var found: Set<Int32> = [root]
        while true {
            let more = parents.filter { found.contains($0.value) && !found.contains($0.key) }.map(\.key)
            if more.isEmpty { return found.subtracting([root]) }
            found.formUnion(more)
        }
    }

    private static func parent(of process: Int32) -> Int32? {
        let fields = facts(of: process)
        return fields.count > 1 ? Int32(fields[1]) : nil
    }

    /// False for a zombie: an orphan's belongs to the machine's first process, which takes its time.
    static func isAlive(_ process: Int32) -> Bool { facts(of: process).first.map { $0 != "Z" } ?? false }

    /// The name of its program.
    static func name(of process: Int32) -> String? {
        try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// State, parent and what follows.
    private static func facts(of process: Int32) -> [Substring] {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    static var descriptors: Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count
    }

    /// Polls, because ends are seen by others a moment later; false when it did not come true in time.
    static func becomes(within limit: Duration = .seconds(5), _ condition: () async -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if await condition() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return await condition()
    }
}

/// All suites that start bubblewrap, one after the other: what they measure must not depend on each other.
@Suite(
    "Behind both walls", .serialized,
    .enabled("bubblewrap cannot run here: not installed, or this is a sandbox already") { await Cage.works() })
struct BehindBothWalls {}
