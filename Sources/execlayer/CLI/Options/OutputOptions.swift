internal import ArgumentParser
internal import ToolKit

struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print the answer as one line of JSON, members sorted by name.")
    var json = false
}

extension Terminal {
    /// One line; invisible and bidirectional characters stand as `\u` escapes, which mean the same to a reader of JSON.
    func show(json: JSONValue) {
        show(String(decoding: JSONWriter.write(json, escaping: .invisible), as: UTF8.self) + "\n")
    }
}
