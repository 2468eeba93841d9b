internal import NIOCore

/// Bytes on their way in: heads and bodies are read here before the parser gets them.
extension ConnectionGuard {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .head, .body, .answering: break
        case .refusing, .lingering, .closed: return
        }
        var bytes = unwrapInboundIn(data)
        if held == nil { held = bytes } else { held?.writeBuffer(&bytes) }
        proceed()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The handlers behind have stopped asking for bytes; the peer's end still has to be noticed.
        if phase == .lingering { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        if phase == .answering, let held, held.readableBytes > settings.limits.pipelinedBytes {
            readIsOwed = true
        } else {
            context.read()
        }
    }

    /// Works through what has been read, as far as the phase allows.
    func proceed() {
        while let context, held != nil {
            switch phase {
            case .head:
                guard proceedWithHead(context) else { return }
            case .body:
                proceedWithBody(context)
                return
            case .answering, .refusing, .lingering, .closed: return
            }
        }
    }

    /// `true` when a body follows that is to be looked at now.
    private func proceedWithHead(_ context: ChannelHandlerContext) -> Bool {
        guard let bytes = held else { return false }
        var admission: HTTPRefusal?
        let progress = bytes.withUnsafeReadableBytes { bytes in
            let progress = reader.read(bytes, limits: settings.limits)
            if case .complete(let head) = progress {
                admission = settings.admission.refusal(of: head, in: bytes, known: &knownHost)
            }
            return progress
        }
        switch progress {
        case .incomplete:
            if !deadlines.isHeadRunning {
                deadlines.isHeadRunning = true
                deadlines.set(.phase, to: settings.header, in: self)
            }
            return false
        case .refused(let refusal):
            current = reader.head
            refuse(refusal)
            return false
        case .complete(let head):
            current = head
            if let admission {
                refuse(admission)
                return false
            }
            admit(head, context)
            return phase == .body
        }
    }

    private func admit(_ head: RequestHead, _ context: ChannelHandlerContext) {
        guard var bytes = held else { return }
        isHTTP10 = head.isHTTP10
        if head.closes { closesAfterAnswer = true }
        answerBegan = false
        answerEnded = false
        parserSawEnd = false
        deadlines.isHeadRunning = false
        bytes.moveReaderIndex(forwardBy: head.bytes.lowerBound)
        guard let forwarded = bytes.readSlice(length: head.bytes.count) else { return }
        held = bytes.readableBytes == 0 ? nil : bytes
        meter = BodyMeter(head.framing, limit: settings.limits.bodyBytes)
        let hasBody = head.framing != .none && head.framing != .length(0)
        phase = hasBody ? .body : .answering
        if hasBody {
            deadlines.set(.phase, to: settings.body, in: self)
            if head.expectsContinue, !head.isHTTP10, held == nil {
                let line = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(.byteBuffer(line)), promise: nil)
            }
        } else {
            deadlines.set(.phase, to: nil, in: self)
        }
        forward(forwarded, isLast: !hasBody, context)
    }

    private func proceedWithBody(_ context: ChannelHandlerContext) {
        guard var bytes = held else { return }
        switch bytes.withUnsafeReadableBytes({ meter.read($0) }) {
        case .incomplete:
            held = nil
            forward(bytes, isLast: false, context)
        case .complete(let count):
            guard let last = bytes.readSlice(length: count) else { return }
            held = bytes.readableBytes == 0 ? nil : bytes
            phase = .answering
            deadlines.set(.phase, to: nil, in: self)
            forward(last, isLast: true, context)
        case .refused(let refusal):
            refuse(refusal)
        }
    }

    private func forward(_ bytes: ByteBuffer, isLast: Bool, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(bytes))
        guard phase == .body || phase == .answering else { return }
        guard parserSawEnd == isLast else {
            return refuse(.malformed("the request's length is ambiguous"))
        }
        if isLast, answerEnded { endExchange() }
    }
}
