internal import NIOCore
internal import ToolKit

/// One connection of a program to its proxy, from its first byte to its line in the ledger.
struct ProxyConnection {
    typealias Client = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let judge: ProxyJudge
    let limits: ProxyLimits

    func serve(_ client: Client) async {
        let whole = client.channel.eventLoop.scheduleTask(in: limits.whole.amount) {
            client.channel.close(promise: nil)
        }
        defer { whole.cancel() }
        // What goes wrong from here on is told to the program, or the program is gone.
        try? await client.executeThenClose { inbound, outbound in
            var source = ProxySource(inbound)
            try await talk(&source, outbound, client.channel)
        }
    }

    private func talk(
        _ source: inout ProxySource, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ client: any Channel
    ) async throws {
        let deadline = NIODeadline.now() + limits.asking.amount
        let patience = client.eventLoop.scheduleTask(deadline: deadline) { client.close(promise: nil) }
        defer { patience.cancel() }
        var entry = CallConnections.Entry(nil, verdict: .deny, rule: nil)
        do {
            guard let question = try await ProxyQuestion.read(&source, outbound, &entry.way) else { return }
            patience.cancel()
            entry.way = question.way
            let admitted = judge.judge(question.host, question.port, question.scheme)
            entry.endpoint = admitted.endpoint
            (entry.verdict, entry.rule) = (admitted.decision.verdict, admitted.decision.rule)
            if let objection = judge.objection(to: admitted) { throw objection }
            try requireNoHoneytoken(in: question)
            let addresses: [IPAddress]
            do {
                addresses = try await judge.addresses(of: admitted, before: .now() + limits.asking.amount)
            } catch let objection as ProxyObjection {
                if objection.code == "policy_blocked" { entry.verdict = .deny }
                throw objection
            }
            let (upstream, address) = try await ProxyDial(limits: limits).connect(
                to: addresses, of: admitted.endpoint)
            entry.address = address
            let traffic = Traffic()
            let sent = SentReading(watch: judge.watch)
            defer {
                (entry.sent, entry.received) = traffic.current
                if sent.hasToken { (entry.verdict, entry.problem) = (.deny, ProxyObjection.honeytoken.code) }
                judge.connections.note(entry)
            }
            try await ProxyRelay(traffic: traffic, reading: sent).run(question, &source, outbound, client, upstream)
        } catch let objection as ProxyObjection {
            // From here on the answer has its own time.
            patience.cancel()
            entry.problem = objection.code
            entry.refusal = .init(objection.message, remedy: objection.remedy)
            judge.connections.note(entry)
            try await refuse(objection, entry.way, &source, outbound, client)
        } catch {
            // Connected or not, whoever asked for a host is in the ledger.
            if entry.endpoint != nil, entry.address == nil {
                entry.problem = "ended"
                judge.connections.note(entry)
            }
            throw error
        }
    }

    /// A name alone can carry one away, and a plain request is known before its server is.
    private func requireNoHoneytoken(in question: ProxyQuestion) throws(ProxyObjection) {
        guard let watch = judge.watch else { return }
        let isInHost = watch.see(question.host.description, in: .egress)
        let isInHead = question.request.map { $0.head.withUnsafeBytes { watch.see($0, in: .egress) } } ?? false
        if isInHost || isInHead { throw .honeytoken }
    }

    /// Says why in the words that the program spoke, and waits a moment for it to hang up: closing with bytes unread would
    /// take the answer back.
    private func refuse(
        _ objection: ProxyObjection, _ way: CallConnections.Entry.Way?, _ source: inout ProxySource,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ client: any Channel
    ) async throws {
        let end = client.eventLoop.scheduleTask(in: .seconds(2)) { client.close(promise: nil) }
        defer { end.cancel() }
        switch way {
        case .socks:
            if objection.socks != 0xFF { try await outbound.write(ByteBuffer(bytes: Socks.reply(objection.socks))) }
        case .http, .connect: try await outbound.write(ByteBuffer(string: objection.answer))
        case nil: return
        }
        outbound.finish()
        while try await source.next() != nil {}
    }
}
