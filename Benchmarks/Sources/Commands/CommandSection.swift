#if os(Linux)
    internal import Foundation
    internal import Sandbox
    internal import ToolKit

    /// Commands behind both walls, beside the same programs started directly, in alternating rounds.
    struct CommandSection {
        private struct Contestant {
            let name: String
            let call: () async throws -> Void
        }

        static func run(_ options: BenchOptions, into report: inout Report) async throws {
            let grounds = try CommandGrounds(options)
            // Programs that are started directly inherit it.
            guard FileManager.default.changeCurrentDirectoryPath(grounds.daemon.workspace) else {
                throw BenchFailure("nobody can enter \(grounds.daemon.workspace)")
            }
            defer { _ = FileManager.default.changeCurrentDirectoryPath("/") }
            let server = try grounds.daemon.start()
            defer { server.stop() }
            try server.awaitAnswer(of: "/health")
            // The first call starts a supervisor.
            let client = try LoopbackClient(port: server.port)
            for subject in [grounds.trueProgram, grounds.status] { try ask(client, subject) }

            let folder = (options.daemon as NSString).deletingLastPathComponent
            let host = await SandboxHost.find(programs: .beside(folder: folder))
                .examined(workspace: grounds.daemon.workspace)
            let pool = try SupervisorPool(host: host, cgroups: CallCgroups())
            let profile = Profile(
                workspace: .readOnly(grounds.daemon.workspace), runAs: host.runAs(workspace: grounds.daemon.workspace))
            var rows = [["one client", "", "p50 us", "p99 us", "of direct", "of bwrap"]]
            var figures: [JSONValue] = []
            for subject in [grounds.trueProgram, grounds.status] {
                let wrapped = grounds.wrapped(subject, on: host, profile)
                let confined = confinedCall(subject, in: grounds.daemon.workspace)
                let contestants = [
                    Contestant(name: "direct") { try subject.program.run(expecting: subject.expected) },
                    Contestant(name: "a bwrap each") { try wrapped.run(expecting: subject.expected) },
                    Contestant(name: "sandbox alone") {
                        let end = try await pool.run(confined, in: profile)
                        guard end.isSuccess, end.stdout.text == subject.expected else {
                            throw BenchFailure("\(subject.name) in the sandbox: \(end.ending) \(end.stderr.text)")
                        }
                    },
                    Contestant(name: "POST /run") { try ask(client, subject) },
                ]
                let rounds = try await alternate(contestants, options)
                let medians = rounds.map { $0.map(\.median).median }
                for (place, contestant) in contestants.enumerated() {
                    let p99 = rounds[place].map { $0.quantile(0.99) }.median
                    let (ofDirect, ofWrap) = (medians[place] / medians[0], medians[place] / medians[1])
                    rows.append([
                        subject.name, contestant.name, medians[place].text(0), p99.text(0), ofDirect.text(2),
                        ofWrap.text(2),
                    ])
                    figures.append([
                        "command": .string(subject.name), "way": .string(contestant.name),
                        "p50_us": .number(medians[place].rounded3), "p99_us": .number(p99.rounded3),
                        "of_direct": .number(ofDirect.rounded3), "of_bwrap": .number(ofWrap.rounded3),
                        "rounds_p50_us": .array(rounds[place].map { .number($0.median.rounded3) }),
                    ])
                }
            }
            await pool.close()
            report.add("commands", .array(figures))
            report.table(
                "Commands behind both walls, every answer checked, through /run recorded durably", rows,
                note: "medians of \(options.rounds) alternating rounds; targets: true at most 1.8 of direct, "
                    + "git status at most 1.4 of direct and 0.4 of bwrap")
            try CommandCrowd.run(grounds, server, options, into: &report)
        }

        /// Microseconds of every call, by contestant and round.
        private static func alternate(_ contestants: [Contestant], _ options: BenchOptions) async throws
            -> [[[Double]]]
        {
            var rounds = [[[Double]]](repeating: [], count: contestants.count)
            for round in 0...options.rounds {
                for place in contestants.indices {
                    let index = (place + round) % contestants.count
                    var times: [Double] = []
                    let end = ContinuousClock.now + .seconds(round == 0 ? 1 : options.secondsPerRound)
                    while ContinuousClock.now < end {
                        let begun = ContinuousClock.now
                        try await contestants[index].call()
                        times.append((ContinuousClock.now - begun).milliseconds * 1_000)
                    }
                    if round > 0 { rounds[index].append(times) }
                }
            }
            return rounds
        }

        private static func ask(_ client: LoopbackClient, _ subject: CommandGrounds.Subject) throws {
            let body = try client.expectSuccess(BenchDaemon.runPath, token: BenchDaemon.token, body: subject.call)
            for proof in subject.proofs where !body.contains(proof) {
                throw BenchFailure("the answer of \(subject.name) lacks \(proof): \(body.prefix(600))")
            }
        }

        /// As the daemon asks its sandbox.
        private static func confinedCall(_ subject: CommandGrounds.Subject, in folder: String) -> ConfinedCall {
            let program = subject.program
            return ConfinedCall(
                program.argv[0], Array(program.argv.dropFirst()), environment: program.environment,
                folder: folder)
        }
    }
#endif
