internal import NIOCore
internal import ToolKit

/// Bytes both ways, as fast as the slower side takes them.
struct ProxyRelay {
    private typealias Wire = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// A program sends more than the one request that was judged.
    private struct TooMuch: Error {}

    /// What is sent holds a honeytoken.
    private struct FalseCredential: Error {}

    let traffic: Traffic
    let reading: SentReading

    /// - Parameter upstream: Connected; closed when this returns.
    func run(
        _ question: ProxyQuestion, _ source: inout ProxySource,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ client: any Channel, _ upstream: any Channel
    ) async throws {
        let wire: Wire
        do {
            wire = try await upstream.eventLoop.submit {
                try Wire(
                    wrappingChannelSynchronously: upstream, configuration: .init(isOutboundHalfClosureEnabled: true))
            }.get()
        } catch {
            upstream.close(promise: nil)
            throw error
        }
        try await wire.executeThenClose { answers, requests in
            switch question.way {
            case .connect:
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"))
            case .socks: try await outbound.write(ByteBuffer(bytes: Socks.reply(0)))
            case .http: break
            }
            // A program that is gone for good asks for nothing more, however long its server is silent.
            client.closeFuture.whenComplete { _ in upstream.close(promise: nil) }
            // Only now, when somebody takes what comes.
            try await upstream.setOption(.autoRead, value: true).get()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        for try await piece in answers {
                            _ = traffic.received(piece.readableBytes)
                            try await outbound.write(piece)
                        }
                        outbound.finish()
                    } catch {
                        // Whoever waits for the program's next byte must not go on.
                        client.close(promise: nil)
                        throw error
                    }
                }
                try await send(question, &source, requests)
                try await group.waitForAll()
            }
        }
    }

    private func send(
        _ question: ProxyQuestion, _ source: inout ProxySource, _ requests: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        guard let request = question.request else {
            while let piece = try await source.next() { try await send(piece, requests) }
            // The end of one direction only.
            requests.finish()
            return
        }
        try await send(ByteBuffer(bytes: request.head), requests)
        var left = request.body
        while let piece = try await source.next() {
            // Another request, or what could be taken for one, was not judged.
            guard piece.readableBytes <= left else { throw TooMuch() }
            left -= piece.readableBytes
            try await send(piece, requests)
        }
    }

    private func send(_ piece: ByteBuffer, _ requests: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        guard piece.withUnsafeReadableBytes(reading.mayLeave) else { throw FalseCredential() }
        traffic.sent(piece.readableBytes)
        try await requests.write(piece)
    }
}
