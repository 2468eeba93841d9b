internal import Audit
internal import Foundation
internal import Gate
internal import Store
internal import Testing
internal import ToolKit

@testable internal import Engine

@Suite("Files that calls keep")
struct ArtifactStoreTests {
    private func bytes(_ count: Int, _ value: UInt8 = 7) -> ArtifactBytes {
        ArtifactBytes([UInt8](repeating: value, count: count))
    }

    @Test("are there after a restart, byte by byte, for nobody but the daemon's user")
    func restart() async throws {
        let fixture = try StoreFixture()
        let first = try await fixture.open()
        let kept = try await first.store.keeper(for: StoreFixture.call).keep(
            "out/a.txt", from: ArtifactBytes(Array("abc".utf8)))
        #expect(kept.size == 3)
        #expect(kept.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Identifier.isWellFormed(kept.id))
        try await first.close()
        let second = try await fixture.open()
        #expect(try await second.store.tidy(closed: []) == ArtifactStore.Tidied())
        let record = try #require(try await second.store.record(kept.id))
        #expect(record.artifact == kept)
        #expect(record.call == StoreFixture.call)
        #expect(try second.store.open(record)?.read(offset: 0, count: 10) == Array("abc".utf8))
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.home + "/artifacts/" + kept.id)
        #expect(mode[.posixPermissions] as? Int == 0o600)
        try await second.close()
    }

    @Test("R66: an id that has not the form of one is not looked up", arguments: ["", "../state.sqlite", "A", "a/b"])
    func form(id: String) async throws {
        let life = try await StoreFixture().open()
        #expect(try await life.store.record(id) == nil)
        try await life.close()
    }

    @Test("an empty file is a file")
    func empty() async throws {
        let life = try await StoreFixture().open()
        let kept = try await life.store.keeper(for: StoreFixture.call).keep("empty", from: bytes(0))
        let record = try #require(try await life.store.record(kept.id))
        #expect(life.store.open(record) != nil)
        try await life.close()
    }

    @Test("are held to the largest size, whatever the source says of itself")
    func largest() async throws {
        struct Liar: ArtifactSource {
            let size = 1
            func read(offset: Int, count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }
        }
        let fixture = try StoreFixture()
        let life = try await fixture.open { $0.fileBytes = 1_000_000 }
        let keeper = life.store.keeper(for: StoreFixture.call)
        await #expect(throws: ArtifactRefusal.self) { try await keeper.keep("endless", from: Liar()) }
        #expect(fixture.files.isEmpty)
        _ = try await keeper.keep("fits", from: bytes(1_000_000))
        #expect(fixture.files.count == 1)
        try await life.close()
    }

    @Test("are held to what one call may, in number and in bytes")
    func perCall() async throws {
        let life = try await StoreFixture().open {
            $0.callFiles = 3
            $0.callBytes = 100
        }
        let keeper = life.store.keeper(for: StoreFixture.call)
        _ = try await keeper.keep("a", from: bytes(60))
        let tooMany = await #expect(throws: ArtifactRefusal.self) { try await keeper.keep("b", from: bytes(41)) }
        #expect(tooMany?.isFinal == false)
        _ = try await keeper.keep("c", from: bytes(40))
        _ = try await keeper.keep("d", from: bytes(0))
        let over = await #expect(throws: ArtifactRefusal.self) { try await keeper.keep("e", from: bytes(0)) }
        #expect(over?.isFinal == true)
        #expect(keeper.kept.map(\.name) == ["a", "c", "d"])
        // Another call has its own.
        _ = try await life.store.keeper(for: StoreFixture.other).keep("a", from: bytes(60))
        try await life.close()
    }

    @Test("the oldest give way when there are too many bytes, and the audit tells which")
    func eviction() async throws {
        let fixture = try StoreFixture()
        let life = try await fixture.open { $0.totalBytes = 250 }
        let keeper = life.store.keeper(for: StoreFixture.call)
        let first = try await keeper.keep("first", from: bytes(100))
        let second = try await keeper.keep("second", from: bytes(100))
        let third = try await life.store.keeper(for: StoreFixture.other).keep("third", from: bytes(100))
        #expect(try await life.store.record(first.id) == nil)
        #expect(fixture.files == [second.id, third.id])
        let changes = try await life.log.page(LogQuery(limit: 10, group: .change)).entries
        #expect(changes.count == 1)
        #expect(changes.first?["tool_name"] == "change:artifact")
        #expect(changes.first?["principal"] == "bob")
        #expect(changes.first?["before"]?["artifact_id"] == .string(first.id))
        #expect(changes.first?["before"]?["sha256"] == .string(first.sha256))
        try await life.close()
    }

    @Test("somebody who fills the store loses their own, in bytes and in number, and nobody else anything")
    func crowding() async throws {
        for isByNumber in [false, true] {
            let fixture = try StoreFixture()
            let life = try await fixture.open { limits in
                limits.totalBytes = isByNumber ? 1 << 20 : 250
                limits.totalFiles = isByNumber ? 25 : 1_000
                limits.callFiles = 1_000
            }
            // The oldest of all, and less than an equal share.
            let modest = try await life.store.keeper(for: StoreFixture.call).keep("mine", from: bytes(10))
            let greedy = life.store.keeper(for: StoreFixture.other)
            for number in 0..<40 { _ = try await greedy.keep("flood-\(number)", from: bytes(10)) }
            #expect(try await life.store.record(modest.id) != nil)
            let page = try await life.store.page(ArtifactQuery(principal: "bob"))
            // The control: the flood was cut to what is left beside it, the newest of it.
            #expect(page.records.map(\.artifact.name) == (16..<40).reversed().map { "flood-\($0)" })
            // And whoever comes later gets room from whoever has most.
            let late = try await life.store.keeper(for: StoreFixture.call).keep("late", from: bytes(10))
            #expect(try await life.store.record(late.id) != nil)
            #expect(try await life.store.record(modest.id) != nil)
            #expect(try await life.store.page(ArtifactQuery(principal: "bob")).records.count == 23)
            try await life.close()
        }
    }

    @Test("the oldest give way when there are too many of them, also those of an earlier life")
    func evictionByCount() async throws {
        let fixture = try StoreFixture()
        let first = try await fixture.open { $0.totalFiles = 2 }
        for name in ["a", "b"] { _ = try await first.store.keeper(for: StoreFixture.call).keep(name, from: bytes(1)) }
        try await first.close()
        let second = try await fixture.open { $0.totalFiles = 2 }
        _ = try await second.store.keeper(for: StoreFixture.call).keep("c", from: bytes(1))
        let names = try await second.store.page(ArtifactQuery()).records.map(\.artifact.name)
        #expect(names == ["c", "b"])
        #expect(fixture.files.count == 2)
        try await second.close()
    }

    @Test("R60: nothing gives way that the audit cannot record")
    func unrecorded() async throws {
        let fixture = try StoreFixture()
        let life = try await fixture.open { $0.totalFiles = 1 }
        let keeper = life.store.keeper(for: StoreFixture.call)
        let old = try await keeper.keep("old", from: bytes(1))
        await life.log.close()
        await #expect(throws: ArtifactRefusal.self) { try await keeper.keep("new", from: bytes(1)) }
        #expect(fixture.files == [old.id])
        #expect(try await life.store.record(old.id) != nil)
        try life.state.close()
    }

    @Test("one that the index does not take leaves nothing behind, and the next is kept")
    func failingIndex() async throws {
        let fixture = try StoreFixture()
        var failing: FailingIndex?
        let life = try await fixture.open(index: {
            let index = FailingIndex($0)
            failing = index
            return index
        })
        let keeper = life.store.keeper(for: StoreFixture.call)
        await #expect(throws: ArtifactRefusal.self) { try await keeper.keep("a", from: bytes(5)) }
        #expect(fixture.files.isEmpty)
        failing?.mend()
        _ = try await keeper.keep("a", from: bytes(5))
        #expect(fixture.files.count == 1)
        #expect(keeper.kept.count == 1)
        try await life.close()
    }

    @Test("a disk without room keeps nothing and says so")
    func fullDisk() async throws {
        let fixture = try StoreFixture()
        let life = try await fixture.open { $0.spareBytes = .max / 2 }
        let refusal = await #expect(throws: ArtifactRefusal.self) {
            try await life.store.keeper(for: StoreFixture.call).keep("a", from: bytes(5))
        }
        #expect(refusal == ArtifactRefusal("the disk of the home folder is nearly full", isFinal: true))
        #expect(fixture.files.isEmpty)
        try await life.close()
    }

    @Test("what a crash left between copy and record is gone after the next start")
    func orphans() async throws {
        let fixture = try StoreFixture()
        let first = try await fixture.open()
        let good = try await first.store.keeper(for: StoreFixture.call).keep("good", from: bytes(1))
        let lost = try await first.store.keeper(for: StoreFixture.call).keep("lost", from: bytes(1))
        let unanswered = try await first.store.keeper(for: StoreFixture.other).keep("unanswered", from: bytes(1))
        try await first.close()
        let folder = fixture.home + "/artifacts/"
        for name in ["art_half.part", "art_unknown"] { try Data([1]).write(to: URL(fileURLWithPath: folder + name)) }
        try FileManager.default.removeItem(atPath: folder + lost.id)
        let second = try await fixture.open()
        let tidied = try await second.store.tidy(closed: [StoreFixture.other.auditID])
        #expect(tidied == ArtifactStore.Tidied(files: 3, records: 2))
        #expect(fixture.files == [good.id])
        #expect(try await second.store.record(unanswered.id) == nil)
        #expect(try await second.store.page(ArtifactQuery()).records.map(\.artifact.id) == [good.id])
        try await second.close()
    }

    @Test("one whose bytes were cut on disk is not served as if it were whole")
    func cut() async throws {
        let fixture = try StoreFixture()
        let life = try await fixture.open()
        let kept = try await life.store.keeper(for: StoreFixture.call).keep("a", from: bytes(10))
        let record = try #require(try await life.store.record(kept.id))
        #expect(life.store.open(record) != nil)
        #expect(truncate(fixture.home + "/artifacts/" + kept.id, 4) == 0)
        #expect(life.store.open(record) == nil)
        try await life.close()
    }

    @Test("R37: a name that holds the operator's token is kept without it")
    func secretName() async throws {
        let life = try await StoreFixture().open()
        let kept = try await life.store.keeper(for: StoreFixture.call).keep("the-operators-token.txt", from: bytes(1))
        #expect(kept.name == "[redacted].txt")
        try await life.close()
    }

    @Test("are listed newest first, by call and by caller, page by page")
    func listing() async throws {
        let life = try await StoreFixture().open()
        let keeper = life.store.keeper(for: StoreFixture.call)
        for name in ["a", "b", "c"] { _ = try await keeper.keep(name, from: bytes(1)) }
        _ = try await life.store.keeper(for: StoreFixture.other).keep("d", from: bytes(1))
        func names(_ query: ArtifactQuery) async throws -> [String] {
            try await life.store.page(query).records.map(\.artifact.name)
        }
        #expect(try await names(ArtifactQuery()) == ["d", "c", "b", "a"])
        #expect(try await names(ArtifactQuery(auditID: "aud_2")) == ["d"])
        #expect(try await names(ArtifactQuery(principal: "ada")) == ["c", "b", "a"])
        #expect(try await names(ArtifactQuery(auditID: "aud_2", principal: "ada")).isEmpty)
        let page = try await life.store.page(ArtifactQuery(limit: 3))
        #expect(page.next != nil)
        #expect(try await names(ArtifactQuery(limit: 3, before: page.next)) == ["a"])
        #expect(try await life.store.page(ArtifactQuery(limit: 3, before: page.next)).next == nil)
        try await life.close()
    }

    @Test("many at once stay within the cap, on disk as in the index")
    func race() async throws {
        let fixture = try StoreFixture()
        let life = try await fixture.open { $0.totalFiles = 10 }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                let label = CallLabel(auditID: "aud_w\(worker)", principal: "ada", toolName: "t")
                group.addTask {
                    let keeper = life.store.keeper(for: label)
                    for number in 0..<10 { _ = try? await keeper.keep("\(number)", from: self.bytes(10)) }
                }
            }
        }
        #expect(fixture.files.count == 10)
        #expect(try await life.state.artifactTotals() == (10, 100))
        #expect(try await life.state.artifactIDs() == fixture.files)
        try await life.close()
    }
}
