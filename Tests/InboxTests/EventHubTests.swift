internal import Audit
internal import Engine
internal import Gate
internal import Synchronization
internal import Testing
internal import ToolKit

@Suite("Those who watch")
struct EventHubTests {
    private static let all = Watcher(name: "operator", seesAll: true)

    /// Runs the fixture's hub while the body runs.
    private func watching(_ body: (DeskFixture) async throws -> Void) async throws {
        let fixture = try await DeskFixture()
        let running = Task { await fixture.hub.run() }
        try await body(fixture)
        fixture.hub.close()
        await running.value
    }

    private func run(_ fixture: DeskFixture, _ path: String, from principal: Principal? = nil) async {
        _ = await fixture.engine.answer(
            fixture.call(path, tool: "calm"), from: principal ?? fixture.person, through: "test")
    }

    /// Paths of the runs that are told, in order, until there are so many.
    private func paths(_ watch: EventHub.Watch, _ count: Int) async throws -> [String] {
        var paths: [String] = []
        while paths.count < count {
            for event in try #require(await watch.next()) where event.name == .run {
                paths.append(try JSONReader.read(event.data)["args"]?["path"]?.stringValue ?? "?")
            }
        }
        return paths
    }

    @Test("are told of every run in order, under the number of its line")
    func order() async throws {
        try await watching { fixture in
            let watch = try #require(fixture.hub.watch(as: Self.all))
            for number in 0..<30 { await run(fixture, "\(number)") }
            #expect(try await paths(watch, 30) == (0..<30).map(String.init))
        }
    }

    @Test("see their own only, when they are agents, and decisions about their own")
    func own() async throws {
        try await watching { fixture in
            let (bot, other) = (
                try await fixture.principal(.agent, named: "bot"), try await fixture.principal(.agent, named: "other")
            )
            let watch = try #require(fixture.hub.watch(as: Watcher(name: "bot", seesAll: false)))
            await run(fixture, "foreign", from: other)
            _ = try await fixture.waitingItem("foreign", from: other)
            _ = try await fixture.administration.setTool("asleep", enabled: true, by: fixture.person)
            await run(fixture, "own", from: bot)
            let item = try await fixture.waitingItem("own", from: bot)
            let rule: JSONValue = [
                "tool_name": "probe", "args": ["path": ["exact": "own"]], "uses": 1, "principal": "bot",
            ]
            _ = try await fixture.approve(item, grant: rule)
            _ = try await fixture.administration.setLockdown(active: true, reason: nil, by: fixture.person)
            var told: [LiveEvent] = []
            while told.last?.name != .lockdown { told += try #require(await watch.next()) }
            #expect(told.allSatisfy { $0.principal == "bot" || $0.name == .lockdown })
            #expect(told.map(\.name) == [.run, .approval, .run, .approval, .run, .lockdown])
        }
    }

    @Test("are told by the history exactly once what they missed, agents of decisions too", arguments: [true, false])
    func history(_ seesAll: Bool) async throws {
        let fixture = try await DeskFixture()
        let bot = try await fixture.principal(.agent, named: "bot")
        await run(fixture, "before", from: bot)
        let seen = try #require(try await fixture.calls().first?["outcome_seq"]?.integerValue)
        await run(fixture, "after", from: bot)
        let item = try await fixture.waitingItem("own", from: bot)
        _ = try await fixture.approve(item)
        await run(fixture, "foreign")
        let watcher = Watcher(name: "bot", seesAll: seesAll)
        let told = try await fixture.engine.recorder.events(after: seen, for: watcher)
        let names: [LiveEvent.Name] = [.run, .approval, .run, .approval, .run]
        #expect(told.map(\.name) == names + (seesAll ? [.run] : []))
        #expect(told.compactMap(\.seq) == told.compactMap(\.seq).sorted() && told.allSatisfy { $0.seq ?? 0 > seen })
        #expect(Set(told.compactMap(\.seq)).count == told.count)
        let rest = try await fixture.engine.recorder.events(after: told.last?.seq ?? 0, for: watcher)
        #expect(rest.isEmpty)
    }

    @Test("are told of a gap when more happened than is told again")
    func gap() async throws {
        let fixture = try await DeskFixture()
        for _ in 0..<1_010 { await run(fixture, "x") }
        let told = try await fixture.engine.recorder.events(after: 0, for: Self.all)
        #expect(told.first?.name == .gap && told.count == 1_001)
    }

    @Test("are told by the history of a call that began before a thousand others and ended behind what they saw")
    func lateEnd() async throws {
        let fixture = try await DeskFixture()
        let (began, end) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let isFirst = Mutex(true)
        fixture.waiting.set {
            let isMine = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard isMine else { return }
            began.continuation.yield()
            for await _ in end.stream { return }
        }
        let bot = try await fixture.principal(.agent, named: "bot")
        let slow = Task { await run(fixture, "slow", from: bot) }
        for await _ in began.stream { break }
        for number in 0..<1_100 { await run(fixture, "\(number)") }
        let seen = try #require(try await fixture.calls().first?["outcome_seq"]?.integerValue)
        await run(fixture, "after")
        end.continuation.yield()
        await slow.value
        for (watcher, paths) in [(Self.all, ["after", "slow"]), (Watcher(name: "bot", seesAll: false), ["slow"])] {
            let told = try await fixture.engine.recorder.events(after: seen, for: watcher)
            #expect(told.allSatisfy { $0.name == .run })
            #expect(try told.map { try JSONReader.read($0.data)["args"]?["path"]?.stringValue ?? "?" } == paths)
        }
    }

    @Test("are told of a gap and nothing else when they come with a number that this log has not reached")
    func beyond() async throws {
        let fixture = try await DeskFixture()
        await run(fixture, "x")
        let told = try await fixture.engine.recorder.events(after: 1_000, for: Self.all)
        #expect(told.map(\.name) == [.gap] && told[0].seq == nil)
        // The control: the newest number there is.
        let head = fixture.log.durableSeq
        #expect(try await fixture.engine.recorder.events(after: head, for: Self.all).isEmpty)
    }

    @Test("of too much at once are told the newest and how many there were besides")
    func flood() async throws {
        let fixture = try await DeskFixture()
        let watch = try #require(fixture.hub.watch(as: Self.all))
        for number in 0..<1_500 { await run(fixture, "\(number)") }
        // Once the index has them all, the hub was told of them all.
        _ = try await fixture.calls()
        let running = Task { await fixture.hub.run() }
        var told: [LiveEvent] = []
        while told.count < 65 { told += try #require(await watch.next()) }
        #expect(told.first?.name == .gap)
        #expect(try JSONReader.read(told[0].data)["runs"] == 1_436)
        #expect(try JSONReader.read(told[64].data)["args"]?["path"] == "1499")
        fixture.hub.close()
        await running.value
    }

    @Test("and fall behind are cut off, and cost the others nothing")
    func behind() async throws {
        let fixture = try await DeskFixture()
        let cuts = Mutex(0)
        let slow = try #require(fixture.hub.watch(as: Self.all) { cuts.withLock { $0 += 1 } })
        let quick = try #require(fixture.hub.watch(as: Self.all) { cuts.withLock { $0 += 100 } })
        for _ in 0..<300 {
            fixture.hub.beat()
            #expect(await quick.next()?.isEmpty == true)
        }
        #expect(cuts.withLock { $0 } == 1)
        #expect(await slow.next() == nil)
    }

    @Test("are no more than so many, of one name fewer, and whoever leaves makes room")
    func limits() throws {
        let hub = EventHub { _ in nil }
        var watches: [EventHub.Watch] = []
        while let watch = hub.watch(as: Watcher(name: "bot", seesAll: false)) { watches.append(watch) }
        #expect(watches.count == 128)
        while let watch = hub.watch(as: Watcher(name: "n\(watches.count)", seesAll: true)) { watches.append(watch) }
        #expect(watches.count == 256)
        watches.removeLast()
        #expect(hub.watch(as: Self.all) != nil)
        watches[0].end()
        watches = []
        #expect(!hub.isWatched)
    }

    @Test("are let go when the hub closes, when they leave, and when they are cancelled")
    func ends() async throws {
        let hub = EventHub { _ in nil }
        let left = try #require(hub.watch(as: Self.all))
        let cancelled = try #require(hub.watch(as: Self.all))
        let closed = try #require(hub.watch(as: Self.all))
        async let first = left.next()
        let task = Task { await cancelled.next() }
        async let third = closed.next()
        left.end()
        #expect(await first == nil)
        task.cancel()
        #expect(await task.value == nil)
        hub.close()
        #expect(await third == nil)
        #expect(hub.watch(as: Self.all) == nil)
        await hub.run()
    }
}
