internal import Foundation
internal import Gate
internal import Testing

@Suite("The states of a run")
struct RunStateTests {
    @Test("are those of the diagram in docs/run-states.md, arrow by arrow")
    func diagram() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/run-states.md"), encoding: .utf8)
        var drawn: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 5, words[1] == "-->", words[3] == ":", words[0] != "[*]", words[2] != "[*]" else {
                continue
            }
            drawn.append("\(words[0]) \(words[4]) \(words[2])")
        }
        let known = RunTransition.all.map { "\($0.from.rawValue) \($0.event.rawValue) \($0.to.rawValue)" }
        #expect(Set(drawn) == Set(known))
        #expect(drawn.count == known.count)
    }

    @Test("have no way out of an end")
    func ends() {
        for state in RunState.allCases where state.isFinal {
            #expect(!RunTransition.all.contains { $0.from == state })
        }
    }

    @Test("are all reached, and every event has an arrow")
    func reached() {
        let reached = Set(RunTransition.all.map(\.to)).union([.waiting, .queued])
        #expect(reached == Set(RunState.allCases))
        #expect(Set(RunTransition.all.map(\.event)) == Set(RunEvent.allCases))
    }

    @Test("begin only what a worker has taken, and lead to running by nothing else")
    func beginning() {
        let ways = RunTransition.all.filter { $0.to == .running }
        #expect(ways.map(\.from) == [.leased] && ways.map(\.event) == [.begin])
    }
}
