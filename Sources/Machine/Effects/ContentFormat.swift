/// The beginning of a file of the content store: what follows, and how much of it.
///
/// The lengths tell a file that a loss of power cut from a whole one without reading it.
struct ContentHeader: Equatable {
    enum Method: UInt8 {
        case plain = 0
        case deflated = 1
    }

    static let length = 24
    private static let sign: [UInt8] = Array("ELC1".utf8)

    var method: Method
    /// Bytes of the content.
    var size: Int
    /// Bytes that follow the header.
    var stored: Int

    init(method: Method, size: Int, stored: Int) {
        self.method = method
        self.size = size
        self.stored = stored
    }

    /// - Returns: `nil` for bytes that are no header.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.length, bytes.starts(with: Self.sign), let method = Method(rawValue: bytes[4]),
            let size = Int(exactly: Self.number(bytes[8..<16])), let stored = Int(exactly: Self.number(bytes[16..<24]))
        else { return nil }
        self.init(method: method, size: size, stored: stored)
    }

    var bytes: [UInt8] {
        Self.sign + [method.rawValue, 0, 0, 0] + Self.digits(size) + Self.digits(stored)
    }

    private static func digits(_ value: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The hash of a content as a place in the store.
struct ContentName: Hashable {
    let sha256: String

    /// - Returns: `nil` for anything but 64 lower-case hexadecimal digits: nothing else ever becomes a path.
    init?(_ sha256: String) {
        guard sha256.utf8.count == 64, sha256.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) else {
            return nil
        }
        self.sha256 = sha256
    }

    /// Of its file, relative to the store.
    var path: String { folder + "/" + sha256 }

    /// The subfolder that it lies in.
    var folder: String { String(sha256.prefix(2)) }

    static let folders = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
}
