package import ToolKit

/// Counts what is in a text file, like `wc`.
package struct WordCount: Tool {
    package let name = "word_count"
    package let description = "Counts the lines, words and bytes of one file of the workspace."
    package let risk = Risk.low
    package let isEnabledByDefault = true
    package let isIdempotent = true
    package let annotations = ToolAnnotations(title: "Count words", readOnly: true)

    package struct Arguments: ToolArguments {
        let path: WorkspacePath

        package static let schema = ArgumentSchema(
            .required("path", .path, aliases: ["file"], "The file, relative to the workspace."))
    }

    package init() {}

    package func access(for arguments: Arguments) throws(ToolFailure) -> Access { .read(arguments.path) }

    package func plan(for arguments: Arguments, in context: ToolContext) async throws -> [String: JSONValue] {
        guard let facts = try context.files.facts(of: arguments.path) else {
            throw FileFailure.notFound(arguments.path)
        }
        return ["summary": .string("count the words of \(arguments.path)"), "size": .integer(facts.size)]
    }

    package func call(arguments: Arguments, in context: ToolContext) async throws -> ToolOutput {
        var (lines, words, bytes) = (0, 0, 0)
        var isInWord = false
        var slice: FileSlice
        repeat {
            try context.checkLimits()
            slice = try context.files.read(arguments.path, offset: bytes, limit: 65_536)
            for byte in slice.bytes {
                let isSpace = byte == 0x20 || 0x09...0x0D ~= byte
                if byte == 0x0A { lines += 1 }
                if !isSpace, !isInWord { words += 1 }
                isInWord = !isSpace
            }
            bytes += slice.bytes.count
        } while slice.isTruncated && !slice.bytes.isEmpty
        return ToolOutput(
            [
                "path": .string(arguments.path.description), "lines": .integer(lines), "words": .integer(words),
                "bytes": .integer(bytes),
            ],
            summary: "\(words) words in \(lines) lines")
    }
}
