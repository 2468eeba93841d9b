internal import CZlib

/// Unpacks a body, never to more than a limit (SECURITY R41).
enum Unpacking {
    enum Failure: Error, Sendable, Hashable {
        case tooLarge
        case broken
        /// A way of packing that we did not offer to read.
        case unknown
    }

    static func unpack(_ body: [UInt8], _ encodings: [String], limit: Int) throws(Failure) -> [UInt8] {
        let ways = encodings.filter { $0 != "identity" && !$0.isEmpty }
        guard let way = ways.first, !body.isEmpty else { return body }
        // Packed twice is nothing that a page needs.
        guard ways.count == 1 else { throw .unknown }
        switch way {
        // 15 and 32: a header of gzip or of zlib, whichever is there.
        case "gzip", "x-gzip": return try inflated(body, windowBits: 47, limit: limit)
        case "deflate":
            // Servers disagree about whether it has a header.
            let hasHeader = body.count >= 2 && body[0] & 0x0F == 8 && (Int(body[0]) << 8 | Int(body[1])) % 31 == 0
            return try inflated(body, windowBits: hasHeader ? 15 : -15, limit: limit)
        default: throw .unknown
        }
    }

    private static func inflated(_ body: [UInt8], windowBits: Int32, limit: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .broken
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        var used = 0
        while true {
            let (result, made) = body.withUnsafeBufferPointer { input in
                room.withUnsafeMutableBufferPointer { room -> (Int32, Int) in
                    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + used })
                    stream.avail_in = UInt32(input.count - used)
                    stream.next_out = room.baseAddress
                    stream.avail_out = UInt32(room.count)
                    let result = inflate(&stream, Z_NO_FLUSH)
                    used = input.count - Int(stream.avail_in)
                    return (result, room.count - Int(stream.avail_out))
                }
            }
            guard output.count + made <= limit else { throw .tooLarge }
            output.append(contentsOf: room[..<made])
            switch result {
            case Z_OK: if made == 0, used == body.count { throw .broken }
            case Z_STREAM_END:
                // gzip may follow gzip; what else stands behind is nobody's.
                guard windowBits == 47, body.count - used >= 2, body[used] == 0x1F, body[used + 1] == 0x8B,
                    inflateReset(&stream) == Z_OK
                else { return output }
            default: throw .broken
            }
        }
    }
}
