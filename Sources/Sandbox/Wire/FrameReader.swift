/// Cuts a stream of bytes into events. Whatever breaks a rule is malformed for good: the stream has no place to go on.
struct FrameReader {
    struct Message: Equatable {
        var call: UInt32
        var event: SupervisorEvent
    }

    enum Malformed: Error, Equatable {
        case version(UInt16)
        case size(UInt32)
        case unknownKind(UInt16)
        case payload(kind: UInt16)
        case descriptors
    }

    private var bytes: [UInt8] = []
    private var position = 0
    private var failure: Malformed?

    mutating func add(_ more: UnsafeRawBufferPointer) {
        if position == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            position = 0
        } else if position > 65_536 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes.append(contentsOf: more)
    }

    /// - Returns: `nil` when more bytes are needed.
    mutating func next() throws(Malformed) -> Message? {
        if let failure { throw failure }
        do throws(Malformed) {
            return try read()
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func read() throws(Malformed) -> Message? {
        guard bytes.count - position >= Frame.headerSize else { return nil }
        var header = FrameFields(bytes[position..<position + Frame.headerSize])
        let size = header.number(UInt32.self)
        let version = header.number(UInt16.self)
        let kind = header.number(UInt16.self)
        let call = header.number(UInt32.self)
        let descriptors = header.number(UInt32.self)
        guard version == Frame.version else { throw .version(version) }
        guard size <= Frame.eventLimit else { throw .size(size) }
        guard descriptors == 0 else { throw .descriptors }
        let whole = Frame.headerSize + Int(size)
        guard bytes.count - position >= whole else { return nil }
        let payload = bytes[position + Frame.headerSize..<position + whole]
        position += whole
        return Message(call: call, event: try SupervisorEvent(kind: kind, payload: payload))
    }
}

/// Numbers one after the other. The caller has counted the bytes before.
struct FrameFields {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
        let size = MemoryLayout<Number>.size
        precondition(bytes.endIndex - position >= size, "a field lies behind the frame's end")
        defer { position += size }
        return bytes.withUnsafeBytes { raw in
            Number(littleEndian: raw.loadUnaligned(fromByteOffset: position - bytes.startIndex, as: Number.self))
        }
    }
}
