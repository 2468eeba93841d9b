internal import CZlib

/// Makes a stream of bytes smaller, piece by piece. Used by one thread.
final class Deflation {
    private let stream: UnsafeMutablePointer<z_stream>
    private var output = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameter size: How much is about to come; a small content needs little memory for it.
    /// - Returns: `nil` when there is no memory.
    init?(expecting size: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let isSmall = size <= 4_096
        // The quickest level: what is kept is read back seldom, and every change waits for it.
        let result = deflateInit2_(
            stream, 1, Z_DEFLATED, isSmall ? 12 : 15, isSmall ? 5 : 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard result == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// - Parameter emit: Called with what came out, as often as needed.
    func add(
        _ bytes: UnsafeRawBufferPointer, isLast: Bool, emit: (UnsafeRawBufferPointer) throws(SystemError) -> Void
    ) throws(SystemError) {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        while true {
            let produced = output.withUnsafeMutableBufferPointer { room in
                stream.pointee.next_out = room.baseAddress
                stream.pointee.avail_out = UInt32(room.count)
                _ = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                return room.count - Int(stream.pointee.avail_out)
            }
            try output.withBytes { room throws(SystemError) in
                try emit(UnsafeRawBufferPointer(rebasing: room[..<produced]))
            }
            if produced < output.count { return }
        }
    }
}

/// The way back. Used by one thread.
final class Inflation {
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isAtEnd = false

    /// - Returns: `nil` when there is no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Fills `room` as far as the bytes reach.
    ///
    /// - Returns: How much of `bytes` was used, and how much of `room`; `nil` when the bytes are no such stream.
    func expand(
        _ bytes: UnsafeRawBufferPointer, into room: UnsafeMutableBufferPointer<UInt8>
    ) -> (used: Int, made: Int)? {
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = room.baseAddress
        stream.pointee.avail_out = UInt32(room.count)
        let result = inflate(stream, Z_NO_FLUSH)
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { return nil }
        isAtEnd = result == Z_STREAM_END
        return (bytes.count - Int(stream.pointee.avail_in), room.count - Int(stream.pointee.avail_out))
    }
}
