internal import Foundation
internal import Gate
internal import GRDB
internal import Store
internal import Testing
internal import ToolKit

@Suite("An inbox in the database")
struct InboxDatabaseTests {
    @Test("survives the end of its process: items, decisions, results and grants")
    func reopening() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder + "/state.sqlite"
            let first = try StateDatabase(path: path)
            for number in 1...3 { try await first.insert(Sample.item(number)) }
            #expect(try await first.decide("req_1", Sample.decision(), grant: Sample.grant(uses: 2)))
            #expect(try await first.begin("req_1", auditID: "aud_1") != nil)
            #expect(try await first.use("grt_1", at: 1_500))
            #expect(try await first.decide("req_2", Sample.decision(false), grant: nil))
            let before = try await first.items(InboxQuery()).items
            try first.close()
            let second = try StateDatabase(path: path)
            #expect(try await second.items(InboxQuery()).items == before)
            #expect(try await second.held(until: .infinity, limit: 9).map(\.id) == ["run_1"])
            #expect(try await second.grants(inForceAt: 1_500).map(\.usesLeft) == [1])
            try second.close()
        }
    }

    @Test("takes over what an older version kept: items, decisions and how far their runs had come")
    func migration() async throws {
        try await TemporaryFolder.with { folder in
            let path = folder + "/state.sqlite"
            try StateDatabase.makeOlder(at: path, upTo: "rules that asked when a grant was given")
            let states = ["waiting_approval", "queued", "running", "refused"]
            let statuses = ["pending", "approved", "approved", "denied"]
            try await DatabaseQueue(path: path).write { database in
                for number in 1...4 {
                    try Self.insertOlder(
                        Sample.item(number), statuses[number - 1], states[number - 1], into: database)
                }
            }
            let state = try StateDatabase(path: path)
            var expected = (1...4).map { Sample.item($0) }
            for place in 1...3 {
                expected[place].status = place == 3 ? .denied : .approved
                expected[place].decision = InboxItem.Decision(isApproved: place != 3, by: "ann", at: 1_500, note: nil)
                expected[place].execution.state = [.queued, .running, .refused][place - 1]
            }
            expected[2].execution.auditID = "aud_3"
            #expect(try await state.items(InboxQuery()).items == expected.reversed())
            #expect(try await state.queued(limit: 9) == ["run_2"])
            #expect(try await state.held(until: .infinity, limit: 9).map(\.id) == ["run_3"])
            let token = try #require(try await state.run("run_3")?.lease?.token)
            #expect(try await state.finish("run_3", token: token, state: .done, result: ["success": true]))
            #expect(try await state.decide("req_1", Sample.decision(), grant: nil))
            try state.close()
        }
    }

    /// As it was while an item held its one run itself.
    private static func insertOlder(
        _ item: InboxItem, _ status: String, _ runState: String, into database: Database
    ) throws {
        func text(_ value: JSONValue) -> String { String(decoding: JSONWriter.write(value), as: UTF8.self) }
        let isDecided = status != "pending"
        try database.execute(
            sql: """
                INSERT INTO inbox (id, kind, call, digest, principal, risk, plan, is_undoable, risk_estimate,
                    created_at, expires_at, size, status, decided_by, decided_at, run_id, run_state, audit_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                item.id, item.kind.rawValue, text(item.call.stored), item.digest.hex, item.principal,
                item.risk.rawValue, text(item.plan), item.isUndoable, item.riskEstimate, item.createdAt,
                item.expiresAt, item.storedSize, status, isDecided ? "ann" : nil, isDecided ? 1_500.0 : nil,
                item.execution.runID, runState, runState == "running" ? "aud_3" : nil,
            ])
    }

    @Test("R54: neither shows nor runs an item whose call was changed in the file")
    func tampered() async throws {
        try await TemporaryFolder.with { folder in
            let state = try StateDatabase(path: folder + "/state.sqlite")
            for number in 1...2 { try await state.insert(Sample.item(number)) }
            let other = try DatabaseQueue(path: folder + "/state.sqlite")
            try await other.write { database in
                try database.execute(sql: "UPDATE runs SET call = replace(call, 'a1.txt', 'b1.txt')")
            }
            #expect(try await state.item("req_1") == nil)
            #expect(try await state.item("req_2") != nil)
            #expect(try await state.items(InboxQuery()).items.map(\.id) == ["req_2"])
            #expect(try await state.run("run_1") == nil)
            try state.close()
        }
    }

    @Test("that another program holds says so, changes nothing, and works again afterwards")
    func held() async throws {
        try await TemporaryFolder.with { folder in
            let state = try StateDatabase(path: folder + "/state.sqlite")
            try await state.insert(Sample.item())
            var configuration = GRDB.Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: folder + "/state.sqlite", configuration: configuration)
            try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let failure = await #expect(throws: StoreUnavailable.self) {
                _ = try await state.decide("req_1", Sample.decision(), grant: nil)
            }
            #expect(failure?.message.contains("another program") == true)
            #expect(try await state.item("req_1")?.status == .pending)
            try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
            #expect(try await state.decide("req_1", Sample.decision(), grant: nil))
            try state.close()
        }
    }
}
