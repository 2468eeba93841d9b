internal import Audit
internal import Foundation
internal import Synchronization
internal import Testing
internal import ToolKit

/// One kind of tampering with a closed log of two rotated files and an active one.
struct Tampering: Sendable, CustomTestStringConvertible {
    let name: String
    /// The kinds of problem that name it rightly.
    let found: Set<LineProblem.Kind>
    /// Whether it is only found with the index as a witness.
    var needsIndex = false
    let apply: @Sendable (inout Forger) -> Void

    var testDescription: String { name }

    init(
        _ name: String, _ found: Set<LineProblem.Kind>, needsIndex: Bool = false,
        _ apply: @escaping @Sendable (inout Forger) -> Void
    ) {
        self.name = name
        self.found = found
        self.needsIndex = needsIndex
        self.apply = apply
    }

    static let all: [Tampering] = lines + chain + checkpoints + cuts + witnesses

    static let lines: [Tampering] = [
        Tampering("a field edited", [.hashMismatch]) { $0.edit(0, 4, #""ops""#, #""dev""#) },
        Tampering("a time edited", [.hashMismatch]) { $0.edit(0, 4, "1800000000.25", "1800000900.25") },
        Tampering("an argument edited", [.hashMismatch]) { $0.edit(0, 4, "today.md", "other.md") },
        Tampering("a status edited", [.hashMismatch]) { forger in
            let line = forger.place(of: #""status":"ok""#, in: 1)
            forger.edit(1, line, #""status":"ok""#, #""status":"error""#)
        },
        Tampering("one bit flipped", [.hashMismatch]) { $0.files[1].lines[3][20] ^= 1 },
        Tampering("seq changed", [.hashMismatch]) { $0.edit(0, 6, #""seq":7"#, #""seq":8"#) },
        Tampering("prev changed", [.hashMismatch]) { forger in
            let prev = forger.place(of: "prev", in: 0, after: 5)
            forger.edit(0, prev, #""prev":""#, #""prev":"0"#)
        },
        Tampering("hash changed", [.hashMismatch]) { forger in
            let end = forger.files[0].lines[6].count - 4
            forger.files[0].lines[6][end] = forger.files[0].lines[6][end] == 0x30 ? 0x31 : 0x30
        },
        Tampering("hash removed", [.hashMissing]) { forger in
            forger.files[0].lines[6].removeLast(76)
            forger.files[0].lines[6] += Array("}\n".utf8)
        },
        Tampering("a member added behind the hash", [.hashMissing]) { forger in
            forger.files[0].lines[6].removeLast(2)
            forger.files[0].lines[6] += Array(#","x":1}"#.utf8) + [0x0A]
        },
        Tampering("a second hash added", [.hashMismatch]) { forger in
            let suffix = forger.files[0].lines[6].suffix(76)
            forger.files[0].lines[6].removeLast(2)
            forger.files[0].lines[6] += suffix
        },
        Tampering("white space added", [.hashMismatch]) { $0.edit(0, 6, ",", ", ") },
        Tampering("white space at the end of a line", [.hashMissing]) { forger in
            forger.files[0].lines[6].insert(0x20, at: forger.files[0].lines[6].count - 1)
        },
        Tampering("invalid UTF-8", [.hashMismatch]) { $0.files[0].lines[6][15] = 0xFF },
        Tampering("zero bytes", [.lostPages]) { forger in
            for place in 10..<30 { forger.files[0].lines[6][place] = 0 }
        },
        Tampering("CRLF line ends", [.carriageReturn]) { forger in
            for line in forger.files[1].lines.indices {
                forger.files[1].lines[line].insert(0x0D, at: forger.files[1].lines[line].count - 1)
            }
        },
        Tampering("a line merged with its neighbour", [.hashMismatch]) { $0.files[0].lines[6].removeLast() },
        Tampering("an empty line put in", [.emptyLine]) { $0.files[0].lines.insert([0x0A], at: 6) },
        Tampering("rubbish put in", [.hashMissing]) { $0.files[0].lines.insert(Array("hello\n".utf8), at: 6) },
        Tampering("an endless line", [.tooLong]) { forger in
            forger.files[0].lines.insert(Array(repeating: 0x61, count: 300_000) + [0x0A], at: 6)
        },
    ]

    static let chain: [Tampering] = [
        Tampering("a line deleted", [.seqGap]) { $0.files[0].lines.remove(at: 6) },
        Tampering("the first line deleted", [.seqGap]) { $0.files[0].lines.removeFirst() },
        Tampering("a range deleted", [.seqGap]) { $0.files[1].lines.removeSubrange(3..<9) },
        Tampering("two lines swapped", [.seqGap]) { $0.files[0].lines.swapAt(4, 5) },
        Tampering("a line moved back", [.seqRepeated, .seqGap]) { forger in
            forger.files[1].lines.insert(forger.files[1].lines.remove(at: 2), at: 9)
        },
        Tampering("a line doubled", [.seqRepeated]) { $0.files[0].lines.insert($0.files[0].lines[6], at: 6) },
        Tampering("a forged line put in", [.hashMismatch]) { forger in
            forger.files[0].lines.insert(forger.files[0].lines[6], at: 6)
            forger.edit(0, 6, "today.md", "never.md")
        },
        Tampering("a forged line with its own hash put in", [.seqRepeated]) { forger in
            forger.files[0].lines.insert(forger.files[0].lines[6], at: 6)
            forger.edit(0, 6, "today.md", "never.md")
            let prev = String(decoding: forger.files[0].lines[5].suffix(67).prefix(64), as: UTF8.self)
            forger.files[0].lines[6] = Forger.chained(forger.files[0].lines[6], seq: 7, prev: prev)
        },
        Tampering("an edited line with its own hash", [.prevMismatch]) { forger in
            forger.edit(0, 6, "today.md", "never.md")
            let prev = String(decoding: forger.files[0].lines[5].suffix(67).prefix(64), as: UTF8.self)
            forger.files[0].lines[6] = Forger.chained(forger.files[0].lines[6], seq: 7, prev: prev)
        },
        Tampering("an outcome without intent, chained anew", [.outcomeWithoutIntent]) { forger in
            forger.files[0].lines.remove(at: 6)
            forger.rechain(from: 0, 6)
        },
        Tampering("two outcomes of one intent, chained anew", [.outcomeWithoutIntent]) { forger in
            let line = forger.place(of: #""kind":"outcome""#, in: 0)
            forger.files[0].lines.insert(forger.files[0].lines[line], at: line + 1)
            forger.rechain(from: 0, line)
        },
        Tampering("two intents of one call, chained anew", [.intentRepeated]) { forger in
            let line = forger.place(of: #""kind":"intent""#, in: 0)
            forger.files[0].lines.insert(forger.files[0].lines[line], at: line + 1)
            forger.rechain(from: 0, line)
        },
        Tampering("another home's log", [.checkpointForged]) { forger in
            forger.files = forger.foreignFiles
        },
    ]

    static let checkpoints: [Tampering] = [
        Tampering("a checkpoint's signature edited, chained anew", [.checkpointForged]) { forger in
            let line = forger.place(of: #""kind":"checkpoint""#, in: 0)
            forger.edit(0, line, #""signature":""#, #""signature":"00"#)
            forger.rechain(from: 0, line)
        },
        Tampering("a checkpoint's root edited, chained anew", [.checkpointForged]) { forger in
            let line = forger.place(of: #""kind":"checkpoint""#, in: 0)
            let root = String(repeating: "a", count: 64)
            let text = String(decoding: forger.files[0].lines[line], as: UTF8.self)
            let start = text.range(of: #""root":""#)?.upperBound ?? text.startIndex
            forger.edit(0, line, String(text[start...].prefix(64)), root)
            forger.rechain(from: 0, line)
        },
        Tampering("a checkpoint signed with another key, chained anew", [.checkpointForged]) { forger in
            let line = forger.place(of: #""kind":"checkpoint""#, in: 0)
            forger.files[0].lines[line] = forger.foreignFiles[0].lines[line]
            forger.rechain(from: 0, line)
        },
        Tampering("a checkpoint replaced by an older one, chained anew", [.checkpointMismatch]) { forger in
            let first = forger.place(of: #""kind":"checkpoint""#, in: 0)
            let second = forger.place(of: #""kind":"checkpoint""#, in: 0, after: first + 1)
            forger.files[0].lines[second] = forger.files[0].lines[first]
            forger.rechain(from: 0, second)
        },
        Tampering("a checkpoint removed, chained anew", [.checkpointMissing]) { forger in
            let line = forger.place(of: #""kind":"checkpoint""#, in: 0)
            forger.files[0].lines.remove(at: line)
            forger.rechain(from: 0, line)
        },
        Tampering("every checkpoint removed, chained anew, head file deleted", [.checkpointMissing]) { forger in
            for file in forger.files.indices {
                forger.files[file].lines.removeAll {
                    String(decoding: $0, as: UTF8.self).contains(#""kind":"checkpoint""#)
                }
            }
            forger.rechain(from: 0, 0)
            forger.storage.state.withLock { $0.names["tools_audit.head"] = nil }
        },
        Tampering("an edit before a checkpoint, everything after it chained anew", [.checkpointMismatch]) { forger in
            forger.edit(0, 6, "today.md", "never.md")
            forger.rechain(from: 0, 6)
        },
    ]

    static let cuts: [Tampering] = [
        Tampering("cut at a line's end", [.truncated]) { $0.files[2].lines.removeLast(2) },
        Tampering("cut within a line", [.truncated]) { forger in
            forger.files[2].lines.removeLast(2)
            forger.files[2].lines[forger.files[2].lines.count - 1].removeLast(40)
        },
        Tampering("a rotated file cut within a line", [.unfinishedLine]) { forger in
            forger.files[0].lines[forger.files[0].lines.count - 1].removeLast(40)
        },
        Tampering("the active file emptied", [.truncated]) { $0.files[2].lines = [] },
        Tampering("a rotated file emptied", [.truncated, .fileMissing]) { $0.files[0].lines = [] },
        Tampering("the last checkpoint cut off, head file deleted", [.headMissing]) { forger in
            forger.files[2].lines.removeLast()
            forger.storage.state.withLock { $0.names["tools_audit.head"] = nil }
        },
        Tampering("cut after a checkpoint, head file deleted, with the index", [.truncated], needsIndex: true) {
            forger in
            let line = forger.place(of: #""kind":"checkpoint""#, in: 2)
            forger.files[2].lines.removeSubrange((line + 1)...)
            forger.storage.state.withLock { $0.names["tools_audit.head"] = nil }
        },
        Tampering("a rotated file removed", [.fileMissing]) { forger in
            let name = forger.files.remove(at: 1).name
            forger.storage.state.withLock { $0.names[name] = nil }
        },
        Tampering("the oldest file removed", [.fileMissing]) { forger in
            let name = forger.files.remove(at: 0).name
            forger.storage.state.withLock { $0.names[name] = nil }
        },
        Tampering("the active file removed", [.truncated]) { forger in
            let name = forger.files.remove(at: 2).name
            forger.storage.state.withLock { $0.names[name] = nil }
        },
        Tampering("two rotated files swapped", [.seqGap]) { forger in
            let lines = forger.files[0].lines
            forger.files[0].lines = forger.files[1].lines
            forger.files[1].lines = lines
        },
        Tampering("a rotated file renamed", [.fileMissing]) { forger in
            let name = forger.files[1].name
            forger.storage.state.withLock { $0.names[name] = nil }
            forger.files[1].name = "tools_audit.000000000999.jsonl"
        },
    ]

    static let witnesses: [Tampering] = [
        Tampering("the head file edited", [.headForged]) { forger in
            let text = String(decoding: forger.storage.bytes("tools_audit.head"), as: UTF8.self)
            forger.storage.set(
                "tools_audit.head", Array(text.replacingOccurrences(of: #""version": 1"#, with: #""version": 2"#).utf8))
        },
        Tampering("the head file signed with another key", [.headForged]) { forger in
            forger.storage.set("tools_audit.head", forger.foreignHead)
        },
        Tampering("the head file rolled back", [.headRolledBack]) { forger in
            forger.storage.set("tools_audit.head", forger.storage.bytes("old.head"))
        },
        Tampering("the head file removed", [.headMissing]) { forger in
            forger.storage.state.withLock { $0.names["tools_audit.head"] = nil }
        },
        Tampering(
            "the tail after the last checkpoint chained anew, head file rolled back, with the index", [.indexMismatch],
            needsIndex: true
        ) { forger in
            let last = forger.files[2].lines.count - 1
            forger.files[2].lines.remove(at: last)
            forger.edit(2, last - 1, #""status":"ok""#, #""status":"error""#)
            forger.rechain(from: 2, last - 1)
            forger.files[2].lines.append(forger.files[2].lines[last - 2])
            forger.rechain(from: 2, last - 1)
            forger.storage.set("tools_audit.head", forger.storage.bytes("late.head"))
        },
    ]
}

/// A closed log, made once: two rotated files, a checkpoint every 20 lines, head files of earlier times beside it.
enum TamperedLog {
    static let shared = Task { await make() }
    /// The same history in another home, so with another key.
    static let foreign = Task { await make() }

    private static func make() async -> AuditFixture {
        let fixture = AuditFixture()
        await fill(fixture)
        return fixture
    }

    private static func fill(_ fixture: AuditFixture) async {
        do {
            let log = try fixture.open { $0.checkpointLines = 20 }
            try await log.record(calls: 0..<25)
            fixture.storage.set("old.head", fixture.storage.bytes("tools_audit.head"))
            fixture.clock.advance(by: 60)
            try await log.rotate()
            try await log.record(calls: 25..<50)
            try await log.append(.change("change_1"), .refusal("refusal_1"))
            fixture.clock.advance(by: 60)
            try await log.rotate()
            try await log.record(calls: 50..<75)
            _ = try await log.page(LogQuery())
            fixture.storage.set("late.head", fixture.storage.bytes("tools_audit.head"))
            await log.close()
        } catch {
            Issue.record("the log to be tampered with could not be made: \(error)")
        }
    }
}

@Suite("A log that was tampered with")
struct TamperingTests {
    @Test("R61: verifies while nobody touched it (positive control)")
    func control() async {
        let log = await TamperedLog.shared.value
        let result = log.verify(index: log.index, checkpointLines: 20)
        #expect(result.problem == nil)
        #expect(result.files == 3 && result.lines > 150 && result.checkpoints > 7 && result.tornBytes == 0)
    }

    @Test("R61: is found out, and the kind of tampering is named", arguments: Tampering.all)
    func found(_ tampering: Tampering) async throws {
        let original = await TamperedLog.shared.value
        let log = AuditFixture(storage: original.storage.copy(), index: original.index, signer: original.signer)
        var forger = Forger(log.storage)
        let foreign = await TamperedLog.foreign.value.storage
        forger.foreignFiles = Forger(foreign).files
        forger.foreignHead = foreign.bytes(LogNames.head)
        tampering.apply(&forger)
        forger.store()
        let result = log.verify(index: tampering.needsIndex ? original.index : nil, checkpointLines: 20)
        let problem = try #require(result.problem, "nothing was found")
        #expect(tampering.found.contains(problem.kind), "\(problem)")
        #expect(!problem.message.isEmpty && !problem.file.isEmpty)
    }

    @Test("R61: at least 30 kinds are told apart by name")
    func count() {
        #expect(Tampering.all.count >= 30)
        #expect(Set(Tampering.all.map(\.name)).count == Tampering.all.count)
    }

    @Test("R61: a line that a crash left without its end is said, and is no fault")
    func torn() async {
        let original = await TamperedLog.shared.value
        let log = AuditFixture(storage: original.storage.copy(), signer: original.signer)
        var forger = Forger(log.storage)
        forger.files[2].lines.append(Array(#"{"audit_id":"#.utf8))
        forger.store()
        let result = log.verify(checkpointLines: 20)
        #expect(result.isGood && result.tornBytes == 12)
    }
}
