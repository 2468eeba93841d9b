internal import Audit
internal import Testing
internal import ToolKit

@testable internal import Engine

@Suite("Somebody who watches programs")
struct OutputBoardTests {
    private let ada = CallLabel(auditID: "aud_1", principal: "ada", toolName: "t")
    private let bob = CallLabel(auditID: "aud_2", principal: "bob", toolName: "t")
    private let board = OutputBoard(redactor: Redactor(knownSecrets: ["hunter2-hunter2"]))

    private func write(_ text: String, of call: CallLabel, _ stream: CommandStream = .stdout, at offset: UInt64) {
        write(Array(text.utf8), of: call, stream, at: offset)
    }

    private func write(_ bytes: [UInt8], of call: CallLabel, _ stream: CommandStream = .stdout, at offset: UInt64) {
        bytes.withUnsafeBytes { board.observer(of: call).wrote($0, to: stream, at: offset) }
    }

    /// Everything that is delivered once the watch is cancelled.
    private func rest(_ watch: OutputWatch) async -> [OutputEvent] {
        watch.cancel()
        var events: [OutputEvent] = []
        for await event in watch.events { events.append(event) }
        return events
    }

    @Test("sees both streams, with their offsets, and nothing from before")
    func streams() async {
        write("unseen", of: ada, at: 0)
        let watch = board.watch()
        write("one ", of: ada, at: 6)
        write("two", of: ada, at: 10)
        write("bad", of: ada, .stderr, at: 0)
        board.ended(ada)
        let events = await rest(watch)
        #expect(events.map(\.text) == ["one two", "bad"])
        #expect(events.map(\.offset) == [6, 0])
        #expect(events.map(\.length) == [7, 3])
        #expect(events.map(\.stream) == [.stdout, .stderr])
        #expect(Set(events.map(\.auditID)) == ["aud_1"])
    }

    @Test("who is an agent sees its own calls only")
    func own() async {
        let (all, own) = (board.watch(), board.watch(principal: "ada"))
        write("a", of: ada, at: 0)
        write("b", of: bob, at: 0)
        #expect(await rest(all).map(\.text) == ["a", "b"])
        #expect(await rest(own).map(\.text) == ["a"])
    }

    @Test("gets an event that comes while it waits")
    func waiting() async {
        let watch = board.watch()
        async let first = watch.events.first { _ in true }
        write("late", of: ada, at: 0)
        #expect(await first?.text == "late")
    }

    @Test("and is too slow loses what does not fit, and the offset shows the gap")
    func slow() async {
        let watch = board.watch(capacity: 10)
        write("0123456789", of: ada, at: 0)
        write("lost", of: ada, at: 10)
        board.ended(ada)
        let events = watch.events
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next()?.text == "0123456789")
        write("after", of: bob, at: 14)
        let next = await iterator.next()
        #expect(next?.text == "after")
        #expect(next?.offset == 14)
    }

    @Test("a character that is cut in two comes whole with the second half")
    func characters() async {
        let watch = board.watch()
        let bytes = Array("aé漢🙂z".utf8)
        for (place, byte) in bytes.enumerated() {
            write([byte], of: ada, at: UInt64(place))
            // Keeps the pieces apart.
            write(".", of: bob, at: UInt64(place))
        }
        board.ended(ada)
        let events = await rest(watch).filter { $0.auditID == "aud_1" }
        #expect(events.map(\.text).joined() == "aé漢🙂z")
        #expect(events.map(\.length).reduce(0, +) == bytes.count)
    }

    @Test("what is no text is replaced, and an unfinished end comes with the call's")
    func noText() async {
        let watch = board.watch()
        write([0x61, 0xFF, 0x62, 0xE6, 0xBC], of: ada, at: 0)
        board.ended(ada)
        #expect(await rest(watch).map(\.text).joined() == "a\u{FFFD}b\u{FFFD}")
    }

    @Test("R37: a known secret is not shown, however its bytes are cut", arguments: 1..<15)
    func secrets(cut: Int) async {
        let watch = board.watch()
        let text = Array("key=hunter2-hunter2!".utf8)
        write(Array(text[..<(4 + cut)]), of: ada, at: 0)
        write(".", of: bob, at: 0)
        write(Array(text[(4 + cut)...]), of: ada, at: UInt64(4 + cut))
        board.ended(ada)
        let shown = await rest(watch).filter { $0.auditID == "aud_1" }.map(\.text).joined()
        #expect(shown == "key=[redacted]!")
    }

    @Test("R37: half of a secret behind a gap is not shown either")
    func halfSecret() async {
        let watch = board.watch()
        write("hunter2! and more", of: ada, at: 100)
        board.ended(ada)
        let events = await rest(watch)
        #expect(events.map(\.text) == ["! and more"])
        #expect(events.map(\.offset) == [107])
    }

    @Test("goes away and costs nothing any more; one that is dropped does as well")
    func leaving() async {
        do { _ = board.watch() }
        let watch = board.watch()
        watch.cancel()
        watch.cancel()
        write("x", of: ada, at: 0)
        #expect(await rest(watch).isEmpty)
    }

    @Test("ends when its task is cancelled")
    func cancelled() async {
        let watch = board.watch()
        let task = Task { await watch.events.first { _ in true } }
        task.cancel()
        #expect(await task.value == nil)
    }
}
