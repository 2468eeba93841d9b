internal import Audit
internal import Gate
internal import Synchronization
internal import Testing
internal import ToolKit

@testable internal import Engine

@Suite("Those who watch while programs write", .timeLimit(.minutes(2)))
struct OutputEventTests {
    private static let all = Watcher(name: "operator", seesAll: true)
    private let ada = CallLabel(auditID: "aud_1", principal: "ada", toolName: "t")
    private let bob = CallLabel(auditID: "aud_2", principal: "bob", toolName: "t")
    private let hub = EventHub { _ in nil }
    private let board = OutputBoard(redactor: Redactor(knownSecrets: ["hunter2-hunter2"]))

    private func telling(_ body: () async throws -> Void) async throws {
        let telling = Task { await hub.tellOutput(of: board) }
        do {
            try await body()
        } catch {
            hub.close()
            throw error
        }
        hub.close()
        await telling.value
        #expect(!board.isWatched)
    }

    /// Once somebody watches the hub, the hub watches the board, a moment later.
    private func watch(as watcher: Watcher = all) async throws -> EventHub.Watch {
        let watch = try #require(hub.watch(as: watcher))
        while !board.isWatched { await Task.yield() }
        return watch
    }

    private func write(_ text: String, of call: CallLabel, _ stream: CommandStream = .stdout, at offset: Int = 0) {
        var text = text
        text.withUTF8 { bytes in
            board.observer(of: call).wrote(UnsafeRawBufferPointer(bytes), to: stream, at: UInt64(offset))
        }
    }

    /// Texts until one fits, that one included.
    private func texts(_ watch: EventHub.Watch, through isLast: (String) -> Bool) async throws -> [String] {
        var texts: [String] = []
        while texts.last.map(isLast) != true {
            for event in try #require(await watch.next()) where event.name == .output {
                texts.append(try JSONReader.read(event.data)["text"]?.stringValue ?? "?")
            }
        }
        return texts
    }

    @Test("are told what it is, of which call and where it stands")
    func told() async throws {
        try await telling {
            let watch = try await watch()
            write("one\n\u{2028}two", of: ada, .stderr, at: 7)
            let events = try #require(await watch.next())
            let event = try #require(events.first)
            #expect(event.name == .output && event.seq == nil && !event.data.contains(UInt8(ascii: "\n")))
            let data = try JSONReader.read(event.data)
            #expect(data["audit_id"] == "aud_1" && data["stream"] == "stderr" && data["offset"] == 7)
            #expect(data["text"] == "one\n\u{2028}two" && data["length"] == 10)
        }
    }

    @Test("see the output of their own calls only, when they are agents")
    func own() async throws {
        try await telling {
            let own = try await watch(as: Watcher(name: "bob", seesAll: false))
            let all = try await watch()
            write("ada's", of: ada)
            board.ended(ada)
            write("bob's", of: bob)
            #expect(try await texts(own) { _ in true } == ["bob's"])
            #expect(try await texts(all) { $0 == "bob's" } == ["ada's", "bob's"])
        }
    }

    @Test("R37: see no known secret")
    func secret() async throws {
        try await telling {
            let watch = try await watch()
            write("key=hunter2-hunter2", of: ada)
            board.ended(ada)
            #expect(try await texts(watch) { $0.hasSuffix("]") }.joined() == "key=[redacted]")
        }
    }

    @Test("and never read are not cut off for what a program writes, and miss nothing that happens")
    func flood() async throws {
        try await telling {
            let cuts = Mutex(0)
            let slow = try #require(hub.watch(as: Self.all) { cuts.withLock { $0 += 1 } })
            let quick = try await watch()
            hub.tell(LiveEvent(.config, seq: 1, data: [:], principal: nil))
            let pump = Task { await hub.run() }
            let text = String(repeating: "x", count: 200_000)
            for number in 0..<20 {
                write(text, of: ada, at: number * text.count)
                board.ended(ada)
                // The quick one takes each piece before the next is written.
                _ = try await texts(quick) { _ in true }
            }
            var names: [LiveEvent.Name] = []
            var offsets: [Int] = []
            while offsets.last != 19 * text.count || !names.contains(.config) {
                for event in try #require(await slow.next()) {
                    names.append(event.name)
                    if event.name == .output {
                        offsets.append(try JSONReader.read(event.data)["offset"]?.integerValue ?? -1)
                    }
                }
            }
            #expect(names.contains(.config) && cuts.withLock { $0 } == 0)
            #expect(offsets.count < 20 && offsets == offsets.sorted())
            hub.close()
            await pump.value
        }
    }

    @Test("see the others although one program writes without end")
    func loud() async throws {
        try await telling {
            let watch = try await watch()
            for number in 0..<50 { write(String(repeating: "x", count: 32_768), of: ada, at: number * 32_768) }
            write("quiet", of: bob)
            #expect(try await texts(watch) { $0 == "quiet" }.map(\.utf8.count).reduce(0, +) <= 262_144 + 5)
        }
    }

    @Test("go on seeing after thousands of the smallest pieces")
    func small() async throws {
        try await telling {
            let watch = try await watch()
            for number in 0..<40_000 { write("x", of: ada, number % 2 == 0 ? .stdout : .stderr, at: number / 2) }
            board.ended(ada)
            write("after", of: bob)
            _ = try await texts(watch) { $0.hasPrefix("x") }
            write("later", of: bob, at: 5)
            _ = try await texts(watch) { $0.hasSuffix("later") }
        }
    }

    @Test("cost programs nothing once they have left, and see again when they come back")
    func leaving() async throws {
        try await telling {
            let first = try await watch()
            first.end()
            while board.isWatched { await Task.yield() }
            write("unseen", of: ada)
            let second = try await watch()
            write("seen", of: ada, at: 6)
            #expect(try await texts(second) { _ in true } == ["seen"])
        }
    }
}
