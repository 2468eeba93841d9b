/// One message of `Sources/CSandboxInit/protocol.h`: the same numbers as there, in the machine's own little-endian order.
enum Frame {
    static let version: UInt16 = 1
    static let headerSize = 16
    static let limit = 4 << 20
    /// Larger than any event; a supervisor that says more cannot be trusted.
    static let eventLimit = 4_096
    /// Running and prepared together.
    static let callLimit = 256
    static let protectLimit = 4_096
    static let overlayLimit = 64
    static let pathLimit = 64
    static let keptLimit = 8
    static let preparedLimit = 16

    enum Request: UInt16 {
        case configure = 1
        case start
        case kill
        case ping
        case shutdown
    }

    static func encode(_ kind: Request, call: UInt32, payload: [UInt8], descriptors: Int = 0) -> [UInt8] {
        var writer = FrameWriter()
        writer.reserve(headerSize + payload.count)
        writer.add(UInt32(payload.count))
        writer.add(version)
        writer.add(kind.rawValue)
        writer.add(call)
        writer.add(UInt32(descriptors))
        return writer.bytes + payload
    }
}

/// Little-endian numbers and blocks of NUL-ended strings.
struct FrameWriter {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

    mutating func add(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A block of `NAME=value`.
    mutating func add(variables: [(key: String, value: String)]) {
        add(UInt32(variables.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }))
        for (name, value) in variables {
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: value.utf8)
            bytes.append(0)
        }
    }

    mutating func add(block strings: [String]) {
        add(UInt32(strings.reduce(0) { $0 + $1.utf8.count + 1 }))
        for string in strings {
            bytes.append(contentsOf: string.utf8)
            bytes.append(0)
        }
    }
}
