internal import Audit
internal import Foundation
internal import Synchronization
internal import Testing

@Suite("A start on a log that is not what was written")
struct DamageTests {
    /// A log after a crash, with twelve lines behind the head file.
    private func crashed() async throws -> AuditFixture {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<6)
        _ = try await log.page(LogQuery())
        var random = SeededRandom(9)
        return fixture.crashed(using: &random)
    }

    private func damage(_ fixture: AuditFixture) -> LineProblem.Kind? {
        do {
            _ = try fixture.open()
            return nil
        } catch let damaged as AuditDamaged {
            return damaged.remedy.isEmpty ? nil : damaged.kind
        } catch {
            return nil
        }
    }

    @Test("succeeds when nothing was touched (positive control)")
    func control() async throws {
        #expect(try await crashed().open().recovery.lines == 12)
    }

    @Test("R61: is refused when a line behind the head file was edited")
    func edited() async throws {
        let fixture = try await crashed()
        var forger = Forger(fixture.storage)
        forger.edit(0, 4, "today.md", "never.md")
        forger.store()
        #expect(damage(fixture) == .hashMismatch)
    }

    @Test("R61: is refused when the last line was edited")
    func lastLine() async throws {
        let fixture = try await crashed()
        var forger = Forger(fixture.storage)
        forger.edit(0, 11, "\"ok\"", "\"no\"")
        forger.store()
        #expect(damage(fixture) == .hashMismatch)
    }

    @Test("R61: is refused when lines that the index saw were cut off")
    func cut() async throws {
        let fixture = try await crashed()
        var forger = Forger(fixture.storage)
        forger.files[0].lines.removeLast(2)
        forger.store()
        #expect(damage(fixture) == .truncated)
    }

    @Test("R61: is refused when lines that the index saw were chained anew")
    func rechained() async throws {
        let fixture = try await crashed()
        var forger = Forger(fixture.storage)
        forger.edit(0, 10, "today.md", "never.md")
        forger.rechain(from: 0, 10)
        forger.store()
        #expect(damage(fixture) == .indexMismatch)
    }

    @Test("R61: is refused when the log was removed")
    func removed() async throws {
        let fixture = try await crashed()
        fixture.storage.state.withLock { $0.names[LogNames.active] = nil }
        #expect(damage(fixture) == .truncated)
    }

    @Test("R61: is refused when a log that was closed is shorter than its head file says")
    func closedAndCut() async throws {
        let fixture = AuditFixture()
        let log = try fixture.open()
        try await log.record(calls: 0..<6)
        await log.close()
        var forger = Forger(fixture.storage)
        forger.files[0].lines.removeLast()
        forger.store()
        #expect(damage(fixture) == .truncated)
    }

    @Test("R61: is refused with another signing key")
    func otherKey() async throws {
        let fixture = try await crashed()
        let other = AuditFixture(storage: fixture.storage, index: fixture.index)
        #expect(damage(other) == .headForged)
    }

    @Test("R61: goes on without a head file, checks everything and records that")
    func headMissing() async throws {
        let fixture = try await crashed()
        fixture.storage.state.withLock { $0.names[LogNames.head] = nil }
        let log = try fixture.open()
        #expect(log.recovery.isHeadMissing && log.recovery.checkedLines == 12)
        #expect(try await log.page(LogQuery(group: .change)).entries.count == 1)
    }
}
