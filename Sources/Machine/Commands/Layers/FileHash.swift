#if os(Linux)
    internal import CPlatform
    internal import Crypto
    internal import ToolKit

    /// Reads an open file from its beginning to its end for its hash alone.
    enum FileHash {
        private static let chunk = 1 << 18

        /// - Returns: 64 lower-case hexadecimal digits, and how many bytes were read; `nil` when it cannot be read.
        static func of(_ file: Descriptor) -> (sha256: String, size: Int)? {
            var hash = SHA256()
            var size = 0
            let isRead = withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 16) { buffer in
                while true {
                    let got = cp_read_at(file.number, buffer.baseAddress, chunk, Int64(size))
                    guard got >= 0 else { return false }
                    hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<Int(got)]))
                    size += Int(got)
                    if got < chunk { return true }
                }
            }
            return isRead ? (Hex.encode(hash.finalize()), size) : nil
        }

        static func of(_ bytes: [UInt8]) -> String { Hex.encode(SHA256.hash(data: bytes)) }
    }
#endif
