@testable import HTTPDoor
import Testing

@Suite("A flood of refused requests") struct FailureTallyTests {
    @Test("R59: the first ones of a minute are recorded one by one, the rest counted and reported once")
    func counts() {
        var tally = FailureTally(individually: 3)
        let verdicts = (0..<10).map { tally.note(peer: "10.0.0.1", code: "unauthorized", now: 600 + Double($0)) }
        #expect(verdicts == [.record, .record, .record] + Array(repeating: .counted, count: 7))
        #expect(tally.drain(now: 659) == [])
        let expected = FailureTally.Summary(peer: "10.0.0.1", code: "unauthorized", minuteStart: 600, count: 7)
        #expect(tally.drain(now: 660) == [expected])
        #expect(tally.drain(now: 661) == [])
    }

    @Test("R59: a new minute, another peer and another code begin anew")
    func anew() {
        var tally = FailureTally(individually: 1)
        #expect(tally.note(peer: "a", code: "x", now: 0) == .record)
        #expect(tally.note(peer: "a", code: "x", now: 1) == .counted)
        #expect(tally.note(peer: "b", code: "x", now: 2) == .record)
        #expect(tally.note(peer: "a", code: "y", now: 3) == .record)
        #expect(tally.note(peer: "a", code: "x", now: 60) == .record)
    }

    @Test("R59: a hundred thousand peers share one count beyond the capacity")
    func bounded() {
        var tally = FailureTally(individually: 1, capacity: 10)
        var recorded = 0
        for peer in 0..<100_000 where tally.note(peer: "\(peer)", code: "x", now: 0) == .record { recorded += 1 }
        #expect(recorded == 11)
        #expect(tally.drain(now: 60).map(\.count) == [100_000 - 11])
        #expect(tally.drain(now: 60) == [])
    }

    @Test("R59: a daemon that stops reports the current minute too")
    func stopping() {
        var tally = FailureTally(individually: 1)
        for _ in 0..<5 { _ = tally.note(peer: "a", code: "x", now: 0) }
        #expect(tally.drainAll(now: 1).map(\.count) == [4])
    }
}
