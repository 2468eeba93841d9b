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
            #expect(try await second.unfinished().map(\.id) == ["req_1"])
            #expect(try await second.grants(inForceAt: 1_500).map(\.usesLeft) == [1])
            try second.close()
        }
    }

    @Test("R54: neither shows nor runs an item whose call was changed in the file")
    func tampered() async throws {
        try await TemporaryFolder.with { folder in
            let state = try StateDatabase(path: folder + "/state.sqlite")
            for number in 1...2 { try await state.insert(Sample.item(number)) }
            let other = try DatabaseQueue(path: folder + "/state.sqlite")
            try await other.write { database in
                try database.execute(sql: "UPDATE inbox SET call = replace(call, 'a1.txt', 'b1.txt')")
            }
            #expect(try await state.item("req_1") == nil)
            #expect(try await state.item("req_2") != nil)
            #expect(try await state.items(InboxQuery()).items.map(\.id) == ["req_2"])
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
