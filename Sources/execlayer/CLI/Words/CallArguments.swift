internal import ArgumentParser
internal import ToolKit

/// The arguments of a call on the command line, for every verb that takes some.
struct CallArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Arguments of the tool.",
            discussion: "key=value (typed by the tool), key:=JSON, or key@=FILE for a file's text (- is the input)."))
    var words: [String] = []

    @Option(help: "All arguments as a JSON object: the object itself, @FILE, or - for the input.")
    var args: String?

    var isEmpty: Bool { words.isEmpty && args == nil }

    func parsedWords() throws(CommandFailure) -> [ArgumentWord] {
        var parsed: [ArgumentWord] = []
        for word in words { parsed.append(try ArgumentWord(word)) }
        return parsed
    }

    /// Whether the types of the tool's arguments matter.
    func needsSchema() throws(CommandFailure) -> Bool {
        try parsedWords().contains { if case .plain = $0.value { true } else { false } }
    }

    /// Finds what is wrong without knowing the tool, before anybody is asked anything.
    func requireReadable(in session: Session) throws {
        _ = try wholeObject(in: session)
        for word in try parsedWords() {
            if case .input(let source) = word.value { _ = try session.readInput(source) }
        }
    }

    /// The arguments as the call carries them. A word beside `--args` adds to it; the same name twice is refused.
    func object(typedBy typing: ArgumentTyping, in session: Session) throws -> [String: JSONValue] {
        var object = try wholeObject(in: session)
        var collected: Set<String> = []
        for word in try parsedWords() {
            let value = try value(of: word, typedBy: typing, in: session)
            guard let earlier = object[word.name] else {
                object[word.name] = value
                if typing.collects(word.name) { collected.insert(word.name) }
                continue
            }
            guard collected.contains(word.name), let some = earlier.arrayValue, let more = value.arrayValue else {
                throw CommandFailure(
                    .usage, "the argument \(word.name) is given twice", remedy: "leave one of them out")
            }
            object[word.name] = .array(some + more)
        }
        return object
    }

    private func wholeObject(in session: Session) throws -> [String: JSONValue] {
        guard let args else { return [:] }
        let bytes: [UInt8]
        if args == "-" {
            bytes = try session.readInput(.standardInput)
        } else if args.hasPrefix("@") {
            bytes = try session.readInput(.file(String(args.dropFirst())))
        } else {
            bytes = Array(args.utf8)
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONReader.read(bytes)
        } catch {
            throw CommandFailure(.usage, "--args is not JSON: \(error)", remedy: "pass an object, @FILE or -")
        }
        guard let object = value.objectValue else {
            throw CommandFailure(
                .usage, "--args must be a JSON object, not \(value.kindName)", remedy: "wrap it in { }")
        }
        return object
    }

    private func value(
        of word: ArgumentWord, typedBy typing: ArgumentTyping, in session: Session
    ) throws -> JSONValue {
        switch word.value {
        case .json(let value): return value
        case .plain(let text): return try typing.value(text, for: word.name)
        case .input(let source):
            guard let text = String(validating: try session.readInput(source), as: UTF8.self) else {
                throw CommandFailure(.usage, "the file for \(word.name) is not UTF-8", remedy: "pass a text file")
            }
            return .string(text)
        }
    }
}
