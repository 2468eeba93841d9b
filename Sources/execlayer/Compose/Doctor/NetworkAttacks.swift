#if os(Linux)
    internal import Foundation
    internal import ToolKit

    /// R29: what a confined program could reach of the host's network and sockets.
    struct NetworkAttacks {
        let ground: AttackGround

        func findings() async -> [DoctorFinding] {
            [
                await .attempt("sockets of the host", canaries),
                await .attempt("other programs' sockets", others),
                await .attempt("routes and DNS", routes),
                await .attempt("kernel sockets", families),
            ]
        }

        /// Doctor's own listeners, which the same program reaches from outside.
        private func canaries() async throws -> DoctorFinding {
            let canaries = ground.canaries
            _ = try ground.outside.report(.connect, canaries.words)
            let control = canaries.takeVisitors()
            let unreached = Set(canaries.words).subtracting(control)
            if let word = unreached.sorted().first {
                throw Undecided("\(word) cannot be reached outside of the sandbox either")
            }
            let report = try await ground.asCommand(.connect, canaries.words, writes: false)
            // A datagram has a way to the sandbox's own loopback; only its arrival says more.
            let connected = report.reached.map(\.name).filter { !$0.hasPrefix("udp:") }
            let visited = canaries.takeVisitors().union(connected)
            return .attack(
                "sockets of the host", breaches: visited.sorted().map { "\($0) of the host can be reached inside" },
                held: "listeners of the host's are out of reach: \(canaries.kinds)")
        }

        /// What really listens here. Only tried from inside.
        private func others() async throws -> DoctorFinding {
            let text = try String(contentsOfFile: "/proc/net/unix", encoding: .utf8)
            var words: [String] = []
            for line in text.split(separator: "\n").dropFirst() {
                // Num RefCount Protocol Flags Type St Inode Path; a stream socket that listens.
                let fields = line.split(separator: " ", maxSplits: 7)
                guard fields.count == 8, fields[3] == "00010000", fields[4] == "0001" else { continue }
                let name = String(fields[7])
                words.append(name.hasPrefix("@") ? "abstract:" + name.dropFirst() : "unix:" + name)
            }
            let tried = Array(Set(words).subtracting(ground.canaries.words)).sorted().prefix(64)
            guard !tried.isEmpty else {
                return DoctorFinding("other programs' sockets", .note, "not tried: nothing else listens on this host")
            }
            let report = try await ground.inside(.connect, Array(tried))
            return .attack(
                "other programs' sockets", breaches: report.reached.map { "\($0.name) can be reached inside" },
                held: "none of the \(tried.count) unix and abstract sockets that others listen on can be reached")
        }

        /// Connecting a UDP socket asks the kernel for a way and sends nothing.
        private func routes() async throws -> DoctorFinding {
            let resolvers = ((try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8)) ?? "")
                .split(separator: "\n").compactMap { line -> String? in
                    let words = line.split(separator: " ")
                    guard words.count > 1, words[0] == "nameserver", !words[1].hasPrefix("127.") else { return nil }
                    return String(words[1])
                }
            // An address for documentation stands for the whole internet.
            let words = (resolvers.prefix(3) + ["192.0.2.1"]).map { "udp:\($0):53" }
            let control = "udp:127.0.0.1:53"
            let report = try await ground.inside(.connect, words + [control])
            guard report.hasReached(control) else { throw Undecided("not even the sandbox's own loopback has a way") }
            let breaches = report.reached.filter { $0.name != control }.map { "there is a way to \($0.name) inside" }
            return .attack(
                "routes and DNS", breaches: breaches, held: "there is no way to a resolver or to any other machine")
        }

        private func families() async throws -> DoctorFinding {
            let control = try ground.outside.report(.sockets)
            guard control.hasReached("netlink") else {
                throw Undecided("netlink sockets do not open outside of the sandbox either")
            }
            let report = try await ground.inside(.sockets)
            return .attack(
                "kernel sockets", breaches: report.reached.map { "\($0.name) sockets open inside" },
                held: "\(report.names.joined(separator: ", ")) sockets do not open")
        }
    }
#endif
