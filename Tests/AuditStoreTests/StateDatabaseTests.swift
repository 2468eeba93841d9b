internal import Audit
internal import Foundation
internal import GRDB
internal import Testing
internal import ToolKit

@testable internal import Store

/// A fresh folder that is removed afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
}

/// The same for what waits.
private func withFolder(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}

private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

@Suite("The state database as a memory of the audit")
struct StateDatabaseTests {
    private let head = RememberedHead(
        position: IndexPosition(seq: 9, hash: LineHash.of([9]), end: LinePlace(file: 3, offset: 700)), at: 5)
    private let loss = AuditLoss(lines: 4...9, hash: LineHash.of([9]), isCut: true, foundAt: 7)

    @Test("keeps the last head and every loss over restarts, each loss once")
    func keeps() throws {
        try withFolder { folder in
            let first = try StateDatabase(path: folder + "/state.sqlite")
            #expect(try first.rememberedHead() == nil && first.losses().isEmpty)
            try first.remember(RememberedHead(position: head.position, at: 1))
            try first.remember(head)
            try first.add(loss)
            try first.add(loss)
            try first.close()
            let second = try StateDatabase(path: folder + "/state.sqlite")
            #expect(try second.rememberedHead() == head)
            #expect(try second.losses() == [loss])
            #expect(try second.acknowledgeLosses(at: 11) == 1)
            #expect(try second.losses().first?.acknowledgedAt == 11)
            #expect(try second.acknowledgeLosses(at: 12) == 0)
        }
    }

    @Test("syncs every write: what returned survives a loss of power")
    func syncs() async throws {
        try await withFolder { folder in
            let state = try StateDatabase(path: folder + "/state.sqlite")
            // 2 is FULL. The pool's own choice for write-ahead logs, NORMAL, syncs at checkpoints only.
            func level() throws -> Int? {
                try state.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            }
            #expect(try level() == 2)
            // Also after one that need not, and after one that failed.
            try await state.writeUnsynced { try $0.execute(sql: "CREATE TABLE more (x)") }
            #expect(try level() == 2)
            await #expect(throws: DatabaseError.self) {
                try await state.writeUnsynced { try $0.execute(sql: "CREATE TABLE more (x)") }
            }
            #expect(try level() == 2)
        }
    }

    @Test("can be read beside its writer, and not be written that way")
    func reading() throws {
        try withFolder { folder in
            let writer = try StateDatabase(path: folder + "/state.sqlite")
            try writer.remember(head)
            let reader = try StateDatabase(readingFrom: folder + "/state.sqlite")
            #expect(try reader.rememberedHead() == head)
            #expect(throws: DatabaseError.self) { try reader.remember(head) }
        }
    }

    @Test("R68: that others could read is taken from them", arguments: ["state.sqlite", "index.sqlite"])
    func wideMode(_ name: String) throws {
        try withFolder { folder in
            let path = folder + "/" + name
            func open() throws -> Any {
                name == "state.sqlite" ? try StateDatabase(path: path) : try AuditIndexStore.open(path: path)
            }
            _ = try open()
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            for name in names {
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/" + name)
            }
            let opened = try open()
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                #expect(try mode(folder + "/" + name) == 0o600, "\(name)")
            }
            withExtendedLifetime(opened) {}
        }
    }
}

@Suite("An index that is only read")
struct IndexReadingTests {
    @Test("is neither moved aside nor changed when it is damaged, and is when its writer opens it (positive control)")
    func damaged() throws {
        try withFolder { folder in
            let path = folder + "/i.sqlite"
            let rubbish = Data(repeating: 0x78, count: 8_192)
            try rubbish.write(to: URL(fileURLWithPath: path))
            #expect(throws: DatabaseError.self) { try AuditIndexStore.reading(path: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == rubbish)
            #expect(!FileManager.default.fileExists(atPath: path + ".broken"))
            _ = try AuditIndexStore.open(path: path)
            #expect(FileManager.default.fileExists(atPath: path + ".broken"))
        }
    }

    @Test("answers as the one that writes it")
    func answers() throws {
        try withFolder { folder in
            let writer = try AuditIndexStore.open(path: folder + "/i.sqlite")
            var source = LineSource()
            let line = source.line(.refusal, "r1", status: "invalid")
            try writer.add(line, from: source)
            let reader = try AuditIndexStore.reading(path: folder + "/i.sqlite")
            #expect(try reader.entry(auditID: "r1")?.seq == 1)
            #expect(try reader.position() == writer.position())
        }
    }
}
