internal import Foundation

extension UnsafeRawBufferPointer {
    /// Where the byte stands first at or behind `start`; `nil` when it does not. The system's search looks at sixteen
    /// bytes or more at a time.
    package func firstIndex(ofByte byte: UInt8, from start: Int = 0) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    package func contains(byte: UInt8) -> Bool { firstIndex(ofByte: byte) != nil }
}
