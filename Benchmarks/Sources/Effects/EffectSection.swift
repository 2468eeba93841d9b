#if os(Linux)
    internal import Foundation
    internal import ToolKit

    /// What seeing an effect first costs, and what putting it in place at a command's end does: each beside the same confined
    /// command without it, one client, in alternating rounds.
    struct EffectSection {
        private struct Contestant {
            let path: String
            let body: String
            /// What an answer must hold, as JSON text.
            let proofs: [String]
        }

        private struct Pair {
            let name: String
            let files: Int
            let floor: Contestant
            let subject: Contestant
            let target: String
        }

        private static let previewPath = "/api/v1/execution/preview"

        static func run(_ options: BenchOptions, into report: inout Report) throws {
            var rows = [["", "files", "without p50 ms", "with p50 ms", "ratio", "ms more", "target"]]
            var figures: [JSONValue] = []
            for (files, pairs) in [(10_000, previews), (50_000, [commit])] {
                let grounds = try EffectGrounds(options, files: files)
                let server = try grounds.daemon.start()
                defer { server.stop() }
                try server.awaitAnswer(of: "/health")
                let client = try LoopbackClient(port: server.port)
                for pair in pairs {
                    let rounds = try alternate([pair.floor, pair.subject], client, options)
                    let medians = rounds.map { $0.map(\.median).median }
                    let (ratio, more) = (medians[1] / medians[0], medians[1] - medians[0])
                    rows.append([
                        pair.name, "\(files)", medians[0].text(2), medians[1].text(2), ratio.text(2), more.text(2),
                        pair.target,
                    ])
                    figures.append([
                        "name": .string(pair.name), "files": .integer(files),
                        "without_ms": .number(medians[0].rounded3),
                        "with_ms": .number(medians[1].rounded3), "ratio": .number(ratio.rounded3),
                        "rounds_without_ms": .array(rounds[0].map { .number($0.median.rounded3) }),
                        "rounds_with_ms": .array(rounds[1].map { .number($0.median.rounded3) }),
                    ])
                }
            }
            report.add("effects", .array(figures))
            report.table(
                "Effects beside the same confined command without them, every answer checked", rows,
                note: "medians of \(options.rounds) alternating rounds")
        }

        /// Commands that read all of the workspace, a part and nothing of it, and one that changes ten files.
        private static var previews: [Pair] {
            [
                ("preview: find in all", ["walk", "."]), ("preview: grep in one folder", ["search", "src/d3"]),
                ("preview: grep in all", ["search", "src"]),
            ].map { name, words in
                let body = call(words)
                return Pair(
                    name: name, files: 10_000,
                    floor: Contestant(path: BenchDaemon.runPath, body: body, proofs: [#""returncode":0"#]),
                    subject: Contestant(
                        path: previewPath, body: body,
                        proofs: [#""returncode":0"#, #""effect_id":""#, #""method":"overlay""#]),
                    target: "1.5")
            } + [
                Pair(
                    name: "preview: ten files written", files: 10_000, floor: plain,
                    subject: Contestant(
                        path: previewPath, body: call(["layered", "build"]),
                        proofs: [#""returncode":0"#, #""effect_id":""#, #"build/f9"#]),
                    target: "1.5")
            ]
        }

        private static let plain = Contestant(
            path: BenchDaemon.runPath, body: call(["plain", "/tmp"]), proofs: [#""returncode":0"#])

        private static let commit = Pair(
            name: "commit of ten files", files: 50_000, floor: plain,
            subject: Contestant(
                path: BenchDaemon.runPath, body: call(["layered", "build"]),
                proofs: [#""returncode":0"#, #""undoable":true"#]),
            target: "1.1 or 30 ms")

        private static func call(_ words: [String]) -> String {
            let list = String(decoding: JSONWriter.write(.array(words.map(JSONValue.string))), as: UTF8.self)
            return #"{"tool_name":"shell_exec","args":{"command":\#(list)},"agent_id":"bench"}"#
        }

        /// Milliseconds of every call, by contestant and round.
        private static func alternate(
            _ contestants: [Contestant], _ client: LoopbackClient, _ options: BenchOptions
        ) throws -> [[[Double]]] {
            var rounds = [[[Double]]](repeating: [], count: contestants.count)
            for round in 0...options.rounds {
                for place in contestants.indices {
                    let index = (place + round) % contestants.count
                    var times: [Double] = []
                    let end = ContinuousClock.now + .seconds(round == 0 ? 1 : options.secondsPerRound)
                    while ContinuousClock.now < end {
                        let begun = ContinuousClock.now
                        try ask(client, contestants[index])
                        times.append((ContinuousClock.now - begun).milliseconds)
                    }
                    if round > 0 { rounds[index].append(times) }
                }
            }
            return rounds
        }

        private static func ask(_ client: LoopbackClient, _ contestant: Contestant) throws {
            let body = try client.expectSuccess(contestant.path, token: BenchDaemon.token, body: contestant.body)
            for proof in contestant.proofs where !body.contains(proof) {
                throw BenchFailure("\(contestant.path) of \(contestant.body) lacks \(proof): \(body.prefix(600))")
            }
        }
    }
#endif
