internal import Crypto
internal import ToolKit

/// Reads one text file, or a part of it.
struct FilesystemRead: Tool {
    let name = "filesystem_read"
    let description = "Reads one UTF-8 text file of the workspace, or a part of it."
    let risk = Risk.low
    let isEnabledByDefault = true
    let isIdempotent = true
    let annotations = ToolAnnotations(title: "Read a file", readOnly: true)

    struct Arguments: ToolArguments {
        var path: WorkspacePath
        /// In bytes.
        var offset: Int
        /// In bytes.
        var limit: Int

        static let schema = ArgumentSchema(
            .required("path", .path, aliases: ["file"], "The file, relative to the workspace"),
            .optional(
                "offset", .integer(0...9_007_199_254_740_991), default: 0, "Bytes to skip from the start of the file"),
            .optional(
                "limit", .integer(1...1_048_576), default: 1_048_576,
                "At most so many bytes; a longer file is truncated and says so"))
    }

    func access(for arguments: Arguments) -> Access { .read(arguments.path) }

    func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        // Reading nothing fails as the real read would, in the same words.
        let facts = try context.files.read(arguments.path, offset: 0, limit: 0).facts
        let count = min(arguments.limit, max(0, facts.size - arguments.offset))
        return ["path": .string(arguments.path.description), "size": .integer(facts.size), "bytes": .integer(count)]
    }

    func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        let slice = try context.files.read(arguments.path, offset: arguments.offset, limit: arguments.limit)
        guard let text = try Self.text(of: slice, arguments) else {
            throw try Self.binary(arguments.path, slice.facts, in: context)
        }
        let isTruncated = slice.isTruncated || text.utf8.count < slice.bytes.count
        return ToolOutput(
            [
                "path": .string(arguments.path.description), "content": .string(text),
                "size": .integer(slice.facts.size), "truncated": .bool(isTruncated),
            ],
            summary: "read \(text.utf8.count) of \(slice.facts.size) bytes")
    }

    /// The text, cut before a character that the limit would split; `nil` for what is not text.
    private static func text(of slice: FileSlice, _ arguments: Arguments) throws -> String? {
        guard !slice.bytes.withUnsafeBytes({ $0.contains(byte: 0) }) else { return nil }
        if let text = String(validating: slice.bytes, as: UTF8.self) { return text }
        if arguments.offset > 0 {
            let lost = slice.bytes.prefix(4).prefix { $0 & 0xC0 == 0x80 }.count
            if 1...3 ~= lost, String(validating: whole(slice.bytes.dropFirst(lost), slice), as: UTF8.self) != nil {
                throw ToolFailure(
                    "offset_inside_character", "the offset \(arguments.offset) lies inside a character",
                    remedy: "use the offset \(arguments.offset + lost)")
            }
        }
        guard let text = String(validating: whole(slice.bytes[...], slice), as: UTF8.self) else { return nil }
        guard !text.isEmpty else {
            throw ToolFailure(
                "limit_too_small", "the limit of \(arguments.limit) bytes ends inside the first character",
                remedy: "use a limit of at least 4")
        }
        return text
    }

    /// Without the beginning of a character whose rest the limit cut off.
    private static func whole(_ bytes: ArraySlice<UInt8>, _ slice: FileSlice) -> ArraySlice<UInt8> {
        guard slice.isTruncated else { return bytes }
        for length in 1...3 where length <= bytes.count {
            let byte = bytes[bytes.endIndex - length]
            if byte & 0xC0 == 0x80 { continue }
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > length ? bytes.dropLast(length) : bytes
        }
        return bytes
    }

    /// Names what it is, so that a caller can tell one binary from another without its content.
    private static func binary(_ path: WorkspacePath, _ facts: FileFacts, in context: ToolContext) throws -> ToolFailure
    {
        var description = "\(facts.size) bytes"
        if facts.size <= hashedSize, let digest = try sha256(of: path, facts, in: context) {
            description += ", SHA-256 \(digest)"
        }
        return ToolFailure(
            "binary_file", "\(path) is not UTF-8 text (\(description))",
            remedy: "read text files; a binary is only named by its size and hash")
    }

    /// `nil` when the file changes meanwhile.
    private static func sha256(
        of path: WorkspacePath, _ facts: FileFacts, in context: ToolContext
    ) throws -> String? {
        var hash = SHA256()
        var offset = 0
        while offset < facts.size {
            try context.checkLimits()
            let slice = try context.files.read(path, offset: offset, limit: 1_048_576)
            guard slice.facts.identity == facts.identity, !slice.bytes.isEmpty else { return nil }
            hash.update(data: slice.bytes)
            offset += slice.bytes.count
        }
        return Hex.encode(hash.finalize())
    }

    /// Larger files are named by their size alone.
    private static let hashedSize = 67_108_864
}
