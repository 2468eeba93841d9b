internal import ToolKit

/// One `key=value` of the command line, before anybody knows the tool's types.
struct ArgumentWord: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        /// `key=value`: typed by the tool's schema.
        case plain(String)
        /// `key:=json`: taken as it is.
        case json(JSONValue)
        /// `key@=file`: the text of a file, `-` for the standard input.
        case input(InputSource)
    }

    let name: String
    let value: Value

    init(_ text: String) throws(CommandFailure) {
        guard let equals = text.firstIndex(of: "=") else {
            throw CommandFailure(
                .usage, "\"\(text.prefix(64))\" is no argument",
                remedy: "write key=value, key:=json or key@=file; --args takes a whole JSON object")
        }
        let raw = String(text[text.index(after: equals)...])
        var name = text[..<equals]
        let mark = name.last
        if mark == ":" || mark == "@" { name.removeLast() }
        guard !name.isEmpty, name.utf8.count <= 128 else {
            throw CommandFailure(
                .usage, "an argument has no name of 1 to 128 bytes before the =", remedy: "write key=value")
        }
        self.name = String(name)
        switch mark {
        case ":": value = .json(try Self.parsed(raw, name: self.name))
        case "@": value = .input(InputSource(raw))
        default: value = .plain(raw)
        }
    }

    private static func parsed(_ text: String, name: String) throws(CommandFailure) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONReader.read(text)
        } catch {
            throw CommandFailure(
                .usage, "\(name) is not JSON: \(error)", remedy: "write \(name)=text for a plain text")
        }
    }
}
