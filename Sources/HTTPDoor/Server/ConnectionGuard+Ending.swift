internal import NIOCore
internal import NIOHTTP1

/// How a connection ends: by a refusal, a deadline, the peer, a shutdown, or behind its last answer.
extension ConnectionGuard {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event {
            inputClosed = true
            // What was pipelined before the end is still answered, so the handlers behind must not hear of the end yet.
            if phase == .answering, held == nil { context.fireUserInboundEventTriggered(event) }
            inputEnded()
        } else if event is ChannelShouldQuiesceEvent {
            quiesce()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func inputEnded() {
        switch phase {
        case .head where held == nil: context?.close(promise: nil)
        case .head, .body: refuse(.malformed("the request ends too early"))
        case .lingering: context?.close(promise: nil)
        case .answering, .refusing, .closed: break
        }
    }

    /// The server stops: an idle connection ends now, a running request ends within the grace.
    private func quiesce() {
        closesAfterAnswer = true
        switch phase {
        case .head: context?.close(promise: nil)
        case .body, .answering, .refusing: deadlines.set(.grace, to: settings.grace, in: self)
        case .lingering, .closed: break
        }
    }

    /// A close by the handlers behind must not cut off a refusal that is on its way, nor what is said before it.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch phase {
        case .refusing, .lingering:
            if case .all = mode { context.channel.closeFuture.cascade(to: promise) } else { promise?.succeed() }
        case .head, .body, .answering, .closed:
            context.close(mode: mode, promise: promise)
        }
    }

    func deadlinePassed(_ kind: ConnectionDeadlines.Kind) {
        guard kind == .phase else {
            context?.close(promise: nil)
            return
        }
        switch phase {
        case .head where held == nil: context?.close(promise: nil)
        case .head: refuse(.tooSlow("head"))
        case .body: refuse(.tooSlow("body"))
        case .answering: break
        case .refusing, .lingering, .closed: context?.close(promise: nil)
        }
    }

    /// Ends the connection with an answer of its own, unless one has begun already.
    func refuse(_ refusal: HTTPRefusal) {
        guard let context, phase == .head || takesAnswers else { return }
        let observation = observation(of: refusal)
        let wasForwarded = takesAnswers
        phase = .refusing
        held = nil
        if wasForwarded { exchange?.cutInbound() }
        if answerBegan {
            context.close(promise: nil)
            return
        }
        guard let observer = settings.observer else { return send(refusal) }
        deadlines.set(.phase, to: settings.write, in: self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        // Outlives this callback on purpose: the entry has to exist before the answer leaves (SECURITY R59).
        Task {
            await observer(observation)
            loop.execute { if bound.value.phase == .refusing { bound.value.send(refusal) } }
        }
    }

    func send(_ refusal: HTTPRefusal) {
        guard let context else { return }
        phase = .refusing
        let bytes = refusal.bytes(withBody: current?.isHead != true, date: date.now())
        context.write(wrapOutboundOut(.byteBuffer(bytes)), promise: nil)
        farewell()
    }

    private func observation(of refusal: HTTPRefusal) -> RefusedRequest {
        let peer = context?.channel.remoteAddress?.ipAddress ?? ""
        var method = ""
        var path = ""
        if phase == .head, let current, let held {
            held.withUnsafeReadableBytes { bytes in
                method = String(decoding: bytes[current.method], as: UTF8.self)
                path = String(decoding: bytes[current.target].prefix(RefusedRequest.longestPath * 2), as: UTF8.self)
            }
        } else if let request = exchange?.request {
            method = request.method.rawValue
            path = request.uri
        }
        return RefusedRequest(
            peer: peer, method: method, path: RefusedRequest.shortened(path), status: refusal.status, code: refusal.code
        )
    }

    /// Sends what is written, then the end of our side, and listens for a moment: closing at once with bytes unread would
    /// reset the connection and could destroy the answer on its way.
    func farewell() {
        guard let context else { return }
        phase = .lingering
        held = nil
        let flushed = context.eventLoop.makePromise(of: Void.self)
        flushed.futureResult.assumeIsolated().whenComplete { [self] _ in finishOutput() }
        deadlines.set(.phase, to: settings.write, in: self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer())), promise: flushed)
    }

    private func finishOutput() {
        guard phase == .lingering, let context else { return }
        guard !inputClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        deadlines.set(.phase, to: isOverCapacity ? settings.shortLinger : settings.linger, in: self)
        context.read()
    }
}
