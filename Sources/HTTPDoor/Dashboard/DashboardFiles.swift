internal import CDashboard
internal import Crypto
internal import NIOCore
internal import ToolKit

/// The dashboard's files as they are served: read once from the executable, never from a disk.
///
/// Everything but the page itself lies below a path that names the digest of all files, so a browser may keep it for good
/// and still never mixes two versions.
package struct DashboardFiles: Sendable {
    package struct File: Sendable {
        /// Where it is served: `/`, or `/dashboard/<version>/app.js`.
        package let path: String
        package let type: String
        let content: ByteBuffer
        /// With its quotes, as the header has it.
        package let tag: String
        package var isPage: Bool { path == "/" }
        package var size: Int { content.readableBytes }
    }

    package let files: [File]
    /// The first 16 digits of the digest of all names and contents.
    package let version: String

    package init() {
        let sources = (0..<cd_file_count()).compactMap { index in
            cd_file_at(index).map { file in
                let file = file.pointee
                let type = String(cString: file.type)
                let bytes = Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
                let isText = type.hasPrefix("text/javascript") || type.hasPrefix("text/css")
                return Source(
                    name: String(cString: file.name), type: type, bytes: isText ? ServedText.of(bytes) : bytes)
            }
        }
        var whole = SHA256()
        for source in sources {
            whole.update(data: Array("\(source.name) \(source.bytes.count)\n".utf8))
            whole.update(data: source.bytes)
        }
        let version = String(Hex.encode(Array(whole.finalize())).prefix(16))
        self.version = version
        files = sources.enumerated().map { index, source in
            let bytes =
                index == 0
                ? Array(String(decoding: source.bytes, as: UTF8.self).replacing("@VERSION@", with: version).utf8)
                : source.bytes
            return File(
                path: index == 0 ? "/" : "/dashboard/\(version)/\(source.name)", type: source.type,
                content: ByteBuffer(bytes: bytes),
                tag: "\"\(Hex.encode(Array(SHA256.hash(data: bytes))).prefix(32))\"")
        }
    }

    private struct Source {
        let name: String
        let type: String
        let bytes: [UInt8]
    }
}
