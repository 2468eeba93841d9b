import Foundation
import Glibc
import Synchronization
import Testing

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
