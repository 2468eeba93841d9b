internal import ToolKit

/// One message of the DevTools protocol: what answers a command, or tells what happened.
enum BrowserMessage: Sendable {
    case answer(id: Int, Result<JSONValue, CommandRefused>)
    case event(BrowserEvent)

    /// - Returns: `nil` for what is neither, and for what cannot be read.
    init?(_ bytes: [UInt8]) {
        guard let message = Self.read(bytes)?.objectValue else { return nil }
        if let id = message["id"]?.integerValue {
            if let error = message["error"] {
                self = .answer(
                    id: id, .failure(CommandRefused(message: error["message"]?.stringValue ?? "no reason was given")))
            } else {
                self = .answer(id: id, .success(message["result"] ?? [:]))
            }
        } else if let name = message["method"]?.stringValue {
            self = .event(
                BrowserEvent(name: name, session: message["sessionId"]?.stringValue, fields: message["params"] ?? [:]))
        } else {
            return nil
        }
    }

    /// Texts of pages may hold halves of characters, which JSON of ours never does.
    private static func read(_ bytes: [UInt8]) -> JSONValue? {
        if let value = try? JSONReader.read(bytes) { return value }
        return try? JSONReader.read(HalfCharacters.replaced(in: bytes))
    }
}

/// Something that happened in the browser.
struct BrowserEvent: Sendable {
    let name: String
    /// Of the target it happened in; `nil`: in the browser as a whole.
    let session: String?
    let fields: JSONValue

    subscript(name: String) -> JSONValue? { fields[name] }
}

/// The browser did not do what it was told.
struct CommandRefused: Error, Sendable {
    let message: String

    /// Whether the document that the command was about is gone: a new one is coming.
    var isAboutGoneDocument: Bool {
        ["context was destroyed", "Cannot find context", "navigated or closed", "No frame", "Frame with the given"]
            .contains { message.contains($0) }
    }
}

/// `\uD800` and its kind that stand alone in a JSON text.
enum HalfCharacters {
    /// With `\uFFFD` in their place.
    static func replaced(in bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        var index = 0
        while index + 6 <= bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let unit = unit(at: index, in: bytes) else {
                // An escape of two characters, a backslash that is meant included.
                index += 2
                continue
            }
            if 0xD800..<0xDC00 ~= unit, let next = self.unit(at: index + 6, in: bytes), 0xDC00..<0xE000 ~= next {
                index += 12
                continue
            }
            if 0xD800..<0xE000 ~= unit { bytes.replaceSubrange(index + 2..<index + 6, with: "fffd".utf8) }
            index += 6
        }
        return bytes
    }

    private static func unit(at index: Int, in bytes: [UInt8]) -> Int? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return Int(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }
}
