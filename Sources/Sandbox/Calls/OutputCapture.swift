internal import Crypto
internal import ToolKit

/// Takes one stream as it comes, in constant memory however long it is.
struct OutputCapture {
    private var head: [UInt8] = []
    /// A ring once it is full; `start` is where its oldest byte is.
    private var tail: [UInt8] = []
    private var start = 0
    private let headRoom: Int
    private let tailRoom: Int
    private(set) var totalBytes: UInt64 = 0
    private var hash: SHA256?

    /// - Parameter kept: Bytes to keep, half of them from the beginning and half from the end.
    init(kept: Int) {
        headRoom = max(0, kept) / 2
        tailRoom = max(0, kept) - headRoom
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        totalBytes += UInt64(bytes.count)
        if hash == nil { hash = SHA256() }
        hash?.update(bufferPointer: bytes)
        let first = min(bytes.count, headRoom - head.count)
        if first > 0 { head.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<first])) }
        if first < bytes.count, tailRoom > 0 { keepLast(UnsafeRawBufferPointer(rebasing: bytes[max(0, first)...])) }
    }

    private mutating func keepLast(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count >= tailRoom {
            tail.removeAll(keepingCapacity: true)
            tail.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - tailRoom)...]))
            start = 0
            return
        }
        let growth = min(bytes.count, tailRoom - tail.count)
        tail.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<growth]))
        var rest = bytes[growth...]
        while !rest.isEmpty {
            let count = min(rest.count, tailRoom - start)
            tail.withUnsafeMutableBytes { tail in
                UnsafeMutableRawBufferPointer(rebasing: tail[start..<start + count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
            }
            start = start + count == tailRoom ? 0 : start + count
            rest = rest.dropFirst(count)
        }
    }

    func captured(reachedEnd: Bool) -> CapturedOutput {
        var output = CapturedOutput.empty
        output.reachedEnd = reachedEnd
        guard let hash else { return output }
        output.head = head
        output.tail = Array(tail[start...] + tail[..<start])
        output.totalBytes = totalBytes
        output.sha256 = Hex.encode(hash.finalize())
        return output
    }
}
