internal import NIOCore

/// What the exchange behind the parser reports, and what follows from it.
extension ConnectionGuard {
    /// Whether the handlers behind may still write an answer.
    var takesAnswers: Bool { phase == .body || phase == .answering }

    func parserReachedEnd() { parserSawEnd = true }

    /// The parser refuses what the guard let through.
    func parserFailed() {
        guard takesAnswers else { return }
        refuse(.malformed("the request is not well-formed HTTP/1.1"))
    }

    func answerBegins() { answerBegan = true }

    /// Sends a part of an answer past the parser.
    func write(answer bytes: ByteBuffer) throws(Exchange.RequestCut) {
        guard takesAnswers, let context else { throw Exchange.RequestCut() }
        context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
    }

    func answerIsWritten() {
        answerEnded = true
        if phase == .answering { endExchange() } else if closesAfterAnswer { farewell() }
    }

    func endExchange() {
        current = nil
        answerBegan = false
        if closesAfterAnswer || (inputClosed && held == nil) { return farewell() }
        phase = .head
        reader = HeadReader()
        deadlines.set(.phase, to: settings.idle, in: self)
        guard held != nil, let context else { return }
        // Not from within the write that ended the answer: it has not been flushed yet.
        context.eventLoop.assumeIsolated().execute { [self] in resume() }
    }

    private func resume() {
        guard phase == .head, let context else { return }
        proceed()
        context.fireChannelReadComplete()
        if readIsOwed {
            readIsOwed = false
            context.read()
        }
        if inputClosed, phase == .head { inputEnded() }
    }
}
