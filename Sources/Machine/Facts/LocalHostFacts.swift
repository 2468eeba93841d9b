package import ToolKit

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// This machine's files about itself, held to the aspects that the gate granted for one call.
package struct LocalHostFacts: HostFacts {
    /// A longer file is refused rather than answered in part.
    static let maxText = 4 * 1_024 * 1_024
    static let maxNames = 65_536

    private let access: Access
    private let workspaceRoot: String

    /// - Parameters:
    ///   - access: Of the call; an aspect that it does not name is refused.
    ///   - workspaceRoot: Absolute; its file system is the one whose space is told.
    package init(access: Access, workspaceRoot: String) {
        self.access = access
        self.workspaceRoot = workspaceRoot
    }

    package func text(of path: String, for aspect: Access.HostAspect) throws -> String {
        try check(aspect, HostAllowance.coversText(of: path, aspect))
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw Self.unreadable(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Self.unreadable(path) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1_024)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(path) }
            if count == 0 { break }
            guard bytes.count + count <= Self.maxText else {
                throw ToolFailure(
                    "too_large", "a file of the system is larger than \(Self.maxText) bytes",
                    remedy: "read it outside of this tool")
            }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package func names(in path: String, for aspect: Access.HostAspect) throws -> [String] {
        try check(aspect, HostAllowance.coversNames(in: path, aspect))
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < Self.maxNames, let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func destination(of path: String, for aspect: Access.HostAspect) throws -> String? {
        try check(aspect, HostAllowance.coversLink(path, aspect))
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                characters.baseAddress.map { readlink(path, $0, characters.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    package func diskSpace(for aspect: Access.HostAspect) throws -> (total: Int, available: Int) {
        try check(aspect, aspect == .system)
        var status = statvfs()
        guard statvfs(workspaceRoot, &status) == 0 else {
            throw ToolFailure(
                "not_readable", "the workspace's disk does not tell its space",
                remedy: "look whether the disk is still mounted")
        }
        let unit = Int(clamping: status.f_frsize)
        let bytes = { (blocks: Int) in
            let (product, overflow) = blocks.multipliedReportingOverflow(by: unit)
            return overflow ? Int.max : product
        }
        return (bytes(Int(clamping: status.f_blocks)), bytes(Int(clamping: status.f_bavail)))
    }

    private func check(_ aspect: Access.HostAspect, _ isCovered: Bool) throws {
        guard access.hostAspects.contains(aspect), isCovered else {
            throw ToolFailure(
                "policy_blocked", "this call was not granted that fact of the machine",
                remedy: "call the tool that reads it")
        }
    }

    private static func unreadable(_ path: String) -> ToolFailure {
        ToolFailure(
            "not_readable", "\(path) cannot be read on this machine", remedy: "let the daemon's user read it")
    }
}
