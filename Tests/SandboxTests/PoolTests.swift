import Foundation
import Glibc
import Synchronization
import Testing
import ToolKit

@testable import Sandbox

extension BehindBothWalls {
    @Suite("A pool of waiting supervisors")
    struct PoolTests {
        @Test("a call whose supervisor is killed is lost, and the next one runs")
        func killed() async throws {
            try await Cage.with { cage in
                let supervisor = try await cage.supervisor()
                let process = try #require(supervisor.process)
                let task = Task { try await cage.run("/usr/bin/sleep", ["100"]) }
                #expect(try await Census.becomes { supervisor.running == 1 })
                let inside = Census.descendants(of: process)
                let start = ContinuousClock.now
                #expect(kill(process, SIGKILL) == 0)
                let end = try await task.value
                #expect(ContinuousClock.now - start < .seconds(2))
                guard case .lost(let reason) = end.ending else { Issue.record("it ended as \(end.ending)"); return }
                #expect(reason.contains("supervisor ended"))
                #expect(try await Census.becomes(within: .seconds(1)) { !inside.contains(where: Census.isAlive) })
                #expect(try await cage.run("/usr/bin/true").isSuccess)
            }
        }

        @Test("one owner's calls leave room for everybody else's, and take none of it once they have ended")
        func owners() async throws {
            var settings = SupervisorPool.Settings()
            (settings.profiles, settings.profilesInUse, settings.profilesPerOwner) = (1, 4, 2)
            try await Cage.with(settings: settings) { try await crowd($0) }
        }

        private func crowd(_ cage: Cage) async throws {
            func profile(_ number: UInt32) -> Profile {
                var profile = cage.profile
                profile.scratch.files -= number
                return profile
            }
            func run(_ number: UInt32, _ owner: String, _ program: String, _ more: String...) async throws
                -> CallEnd
            {
                var call = cage.call(program, more)
                call.owner = owner
                return try await cage.pool.run(call, in: profile(number))
            }
            let long = [(1, "ada"), (2, "ada"), (3, "bob")].map { number, owner in
                Task { try await run(UInt32(number), owner, "/usr/bin/sleep", "100") }
            }
            #expect(try await Census.becomes { cage.pool.supervisors == 3 })
            let crowded = await #expect(throws: ToolFailure.self) { try await run(4, "ada", "/usr/bin/true") }
            #expect(crowded?.code == "sandbox_busy" && crowded?.message.contains("caller") == true)
            // The controls: where she is already, and somebody else.
            #expect(try await run(1, "ada", "/usr/bin/true").isSuccess)
            #expect(try await run(4, "bob", "/usr/bin/true").isSuccess)
            for task in long { task.cancel() }
            for task in long { _ = try? await task.value }
            #expect(try await run(5, "ada", "/usr/bin/true").isSuccess)
            // What was made while all others were in use does not wait.
            #expect(cage.pool.supervisors == 1)
        }

        /// The supervisor itself, not the launcher: the first of its pid namespace.
        private func heart(of supervisor: Supervisor) throws -> Int32 {
            let process = try #require(supervisor.process)
            return try #require(Census.descendants(of: process).filter { Census.name(of: $0) == "init" }.min())
        }

        @Test("R30: a call whose supervisor hangs ends soon after its time, and the next one has another supervisor")
        func hanging() async throws {
            try await Cage.with { cage in
                let supervisor = try await cage.supervisor()
                let process = try #require(supervisor.process)
                let heart = try heart(of: supervisor)
                let task = Task {
                    try await cage.run("/usr/bin/sleep", ["100"]) {
                        $0.limits.wallTime = .milliseconds(500)
                        $0.limits.grace = .milliseconds(100)
                    }
                }
                #expect(try await Census.becomes { supervisor.running == 1 })
                let inside = Census.descendants(of: process).union([process])
                let start = ContinuousClock.now
                #expect(kill(heart, SIGSTOP) == 0)
                let end = try await task.value
                // Half a second of its own, five for a supervisor to obey, and a slow machine.
                #expect(ContinuousClock.now - start < .seconds(10))
                guard case .lost(let reason) = end.ending else { Issue.record("it ended as \(end.ending)"); return }
                #expect(reason.contains("told to kill"))
                #expect(try await cage.run("/usr/bin/true").isSuccess)
                #expect(try await cage.supervisor().process != process)
                #expect(try await Census.becomes { !inside.contains(where: Census.isAlive) })
            }
        }

        @Test("R30: a supervisor that is killed while calls run takes them along, and the next one has another")
        func heartKilled() async throws {
            try await Cage.with { cage in
                let supervisor = try await cage.supervisor()
                let process = try #require(supervisor.process)
                let tasks = (0..<3).map { _ in Task { try await cage.run("/usr/bin/sleep", ["100"]) } }
                #expect(try await Census.becomes { supervisor.running == 3 })
                let inside = Census.descendants(of: process)
                #expect(kill(try heart(of: supervisor), SIGKILL) == 0)
                for task in tasks {
                    guard case .lost = try await task.value.ending else { Issue.record("it was not lost"); return }
                }
                #expect(try await Census.becomes(within: .seconds(2)) { !inside.contains(where: Census.isAlive) })
                #expect(try await cage.run("/usr/bin/true").isSuccess)
            }
        }

        @Test("uses one supervisor for calls of one profile, side by side")
        func shared() async throws {
            try await Cage.with { cage in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<20 { group.addTask { try await cage.shell("sleep 0.1").isSuccess } }
                    for try await isSuccess in group { #expect(isSuccess) }
                }
                #expect(cage.pool.supervisors == 1)
            }
        }

        @Test("replaces a supervisor after its number of calls, without a call that fails")
        func recycling() async throws {
            var settings = SupervisorPool.Settings()
            settings.callsPerSupervisor = 10
            try await Cage.with(settings: settings) { cage in
                var processes: Set<Int32> = []
                for _ in 0..<45 {
                    #expect(try await cage.run("/usr/bin/true").isSuccess)
                    if let process = try await cage.supervisor().process { processes.insert(process) }
                }
                #expect(processes.count >= 4)
                #expect(try await Census.becomes { cage.pool.supervisors <= 2 })
                #expect(
                    try await Census.becomes { processes.filter(Census.isAlive).count <= 2 })
            }
        }

        @Test("ends supervisors that nobody has asked for, by its clock")
        func idle() async throws {
            let time = Mutex(Duration.zero)
            let cage = try Cage(now: { time.withLock { $0 } })
            #expect(try await cage.run("/usr/bin/true").isSuccess)
            time.withLock { $0 = .seconds(299) }
            #expect(cage.pool.closeIdle() == 0)
            time.withLock { $0 = .seconds(301) }
            #expect(cage.pool.closeIdle() == 1)
            #expect(cage.pool.supervisors == 0)
            #expect(try await cage.run("/usr/bin/true").isSuccess)
            await cage.close()
        }

        @Test("keeps a bounded number of profiles: the one unused longest makes room")
        func eviction() async throws {
            var settings = SupervisorPool.Settings()
            settings.profiles = 2
            try await Cage.with(settings: settings) { cage in
                for bytes in [1, 2, 3] as [UInt64] {
                    var profile = cage.profile
                    profile.scratch.bytes = bytes << 20
                    let end = try await cage.pool.run(cage.call("/usr/bin/true"), in: profile)
                    #expect(end.isSuccess)
                }
                #expect(cage.pool.supervisors == 2)
            }
        }

        @Test("answers a ping, and says how many have ended")
        func ping() async throws {
            try await Cage.with { cage in
                for _ in 0..<3 { _ = try await cage.run("/usr/bin/true") }
                let pong = await (try cage.supervisor()).ping()
                #expect(pong?.finished == 3 && pong?.running == 0)
            }
        }

        @Test("a supervisor that is sent nonsense ends, and its call is lost")
        func nonsense() async throws {
            try await Cage.with { cage in
                let supervisor = try await cage.supervisor()
                let task = Task { try await cage.run("/usr/bin/sleep", ["100"]) }
                #expect(try await Census.becomes { supervisor.running == 1 })
                supervisor.channel.send([UInt8](repeating: 0xFF, count: 16))
                guard case .lost = try await task.value.ending else { Issue.record("it was not lost"); return }
                #expect(!supervisor.isAlive)
            }
        }
    }
}
