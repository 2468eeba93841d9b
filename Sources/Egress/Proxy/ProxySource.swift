internal import NIOCore

/// What a program sends, in order: read in words first and as it comes afterwards.
struct ProxySource {
    private var pending = ByteBuffer()
    private var scanned = 0
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    init(_ stream: NIOAsyncChannelInboundStream<ByteBuffer>) { iterator = stream.makeAsyncIterator() }

    /// What has come and was not taken.
    var view: ArraySlice<UInt8> { Array(pending.readableBytesView)[...] }
    var count: Int { pending.readableBytes }
    var isEmpty: Bool { count == 0 }

    /// - Returns: False at the end.
    mutating func more() async throws -> Bool {
        guard var piece = try await iterator.next() else { return false }
        pending.writeBuffer(&piece)
        return true
    }

    mutating func take(_ count: Int) -> [UInt8] {
        scanned = 0
        return pending.readBytes(length: count) ?? []
    }

    /// Takes everything up to the first empty line, that line included; `nil` when it has not come yet. Looks at each
    /// byte once, however slowly they come.
    mutating func takeHead() -> [UInt8]? {
        let view = pending.readableBytesView
        var place = view.startIndex + max(0, scanned - 3)
        while place + 4 <= view.endIndex {
            if view[place] == 13, view[place + 1] == 10, view[place + 2] == 13, view[place + 3] == 10 {
                return take(place + 4 - view.startIndex)
            }
            place += 1
        }
        scanned = view.count
        return nil
    }

    /// - Returns: `nil` at the end.
    mutating func next() async throws -> ByteBuffer? {
        guard isEmpty else {
            defer { pending = ByteBuffer() }
            return pending
        }
        return try await iterator.next()
    }
}
