internal import HummingbirdCore
internal import NIOCore

/// A body that is read while it comes in. Few pieces wait in memory: the socket rests until they are taken.
enum BodyPieces {
    fileprivate typealias Producer = NIOThrowingAsyncSequenceProducer<
        ByteBuffer, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, Demand
    >

    /// The end at the connection. Owner is its event loop.
    final class Source {
        /// Whether the socket is to rest.
        var isFull = false
        private let source: Producer.Source

        fileprivate init(_ source: Producer.Source) { self.source = source }

        /// What nobody takes any more is thrown away.
        func add(_ bytes: ByteBuffer) {
            if source.yield(bytes) == .stopProducing { isFull = true }
        }

        func finish() { source.finish() }

        func fail(_ error: any Error) { source.finish(error) }
    }

    fileprivate struct Demand: NIOAsyncSequenceProducerDelegate {
        let wantsMore: @Sendable () -> Void

        func produceMore() { wantsMore() }
        func didTerminate() { wantsMore() }
    }

    /// - Parameter wantsMore: Called on any thread when there is room again, or nobody reads the rest.
    static func make(wantsMore: @escaping @Sendable () -> Void) -> (Source, RequestBody) {
        let made = Producer.makeSequence(
            backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8), finishOnDeinit: true,
            delegate: Demand(wantsMore: wantsMore))
        return (Source(made.source), RequestBody(asyncSequence: made.sequence))
    }
}
