package import ToolKit

/// Takes out of a value what must never be in the audit or in an answer: secrets by the name of their field, by their
/// look, and those that the daemon itself knows (SECURITY R37, R63). Long texts and deep values are cut (R64).
package struct Redactor: Sendable {
    /// What stands where a secret was.
    package static let mark = "[redacted]"

    package struct Limits: Sendable, Hashable {
        /// Bytes of one string.
        package var string = 2_048
        /// Elements of one array or object.
        package var elements = 256
        package var depth = 16
        /// Characters of a summary.
        package var summary = 200

        package init() {}
    }

    /// Arguments as the audit keeps them.
    package struct Arguments: Sendable, Hashable {
        package var args: JSONValue
        /// One line.
        package var summary: String
    }

    private let secrets: KnownSecrets
    private let limits: Limits

    /// - Parameters:
    ///   - knownSecrets: Values that are secrets wherever they appear, such as the operator's token; those shorter than 8
    ///     bytes would match by accident and are left out.
    ///   - honeytokens: Found in other encodings as well.
    package init(knownSecrets: [String] = [], honeytokens: Honeytokens? = nil, limits: Limits = Limits()) {
        secrets = KnownSecrets(knownSecrets, honeytokens: honeytokens)
        self.limits = limits
    }

    /// - Parameter contentArguments: Names of arguments that hold file contents or patches: only their size and hash
    ///   are kept.
    package func arguments(_ arguments: [String: JSONValue], contentArguments: Set<String> = []) -> Arguments {
        var kept: [String: JSONValue] = [:]
        kept.reserveCapacity(arguments.count)
        for (name, value) in arguments.count > limits.elements ? firstMembers(arguments) : arguments {
            if contentArguments.contains(name) {
                kept[text(name, limit: 256)] = Self.sizeAndHash(value)
            } else {
                kept[text(name, limit: 256)] = member(name, value, of: arguments, depth: 1)
            }
        }
        if arguments.count > limits.elements { kept["…"] = more(arguments.count - limits.elements) }
        return Arguments(args: .object(kept), summary: summary(.object(kept)))
    }

    /// A value without its secrets, cut to the limits.
    package func value(_ value: JSONValue) -> JSONValue { self.value(value, depth: 0) }

    /// An answer without the secrets that the daemon itself knows (SECURITY R37); everything else stays as it is.
    package func withoutKnownSecrets(_ value: JSONValue) -> JSONValue {
        guard secrets.isAny else { return value }
        switch value {
        case .string(let text): return .string(secrets.removed(from: text))
        case .array(let elements): return .array(elements.map(withoutKnownSecrets))
        case .object(let members):
            return .object(
                Dictionary(members.map { (secrets.removed(from: $0.key), withoutKnownSecrets($0.value)) }) { first, _ in
                    first
                })
        default: return value
        }
    }

    /// For text that comes in pieces: how many bytes at the end of this one may be the beginning of a known secret.
    package func lengthOfSecretBeginning(in bytes: [UInt8]) -> Int { secrets.lengthOfBeginning(in: bytes) }

    /// For text whose beginning is missing: how many bytes at its beginning may be the end of a known secret.
    package func lengthOfSecretEnd(in bytes: [UInt8]) -> Int { secrets.lengthOfEnd(in: bytes) }

    /// A text without its secrets, at most `limit` bytes and a remark long.
    package func text(_ text: String, limit: Int? = nil) -> String {
        FieldLimits.shortened(withoutSecrets(text), to: limit ?? limits.string)
    }

    /// One line about a value that was redacted already.
    package func summary(_ value: JSONValue) -> String {
        var text = ""
        if case .object(let members) = value {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                if !text.isEmpty { text += " " }
                text += name
                text += "="
                text += plain(value)
            }
        } else {
            text = plain(value)
        }
        // Nearly every summary is short and plain, which its bytes tell.
        if text.utf8.count <= limits.summary, text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return text }
        let line = text.unicodeScalars.count > limits.summary ? cut(text) : text
        return line.contains(where: \.isNewline) ? line.split(whereSeparator: \.isNewline).joined(separator: " ") : line
    }

    private func cut(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(limits.summary - 1))) + "…"
    }

    private func plain(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        default: break
        }
        if let size = value["size"]?.integerValue, value["sha256"] != nil { return "(\(size) bytes)" }
        return String(decoding: JSONWriter.write(value), as: UTF8.self)
    }

    private func value(_ value: JSONValue, depth: Int) -> JSONValue {
        switch value {
        case .string(let text): return .string(self.text(text))
        case .array(let elements):
            guard depth < limits.depth else { return "[…]" }
            var kept = elements.prefix(limits.elements).map { self.value($0, depth: depth + 1) }
            if elements.count > limits.elements { kept.append(more(elements.count - limits.elements)) }
            return .array(pair(argumentVector(kept)))
        case .object(let members):
            guard depth < limits.depth else { return "{…}" }
            var kept: [String: JSONValue] = [:]
            for (name, value) in members.count > limits.elements ? firstMembers(members) : members {
                kept[text(name, limit: 256)] = member(name, value, of: members, depth: depth + 1)
            }
            if members.count > limits.elements { kept["…"] = more(members.count - limits.elements) }
            return .object(kept)
        default: return value
        }
    }

    private func member(
        _ name: String, _ value: JSONValue, of members: [String: JSONValue], depth: Int
    ) -> JSONValue {
        // `{"name": "Authorization", "value": "…"}`: the name of the value stands beside it.
        let isNamedBeside = name == "value" && members["name"]?.stringValue.map(SecretNames.isSecret) == true
        guard isNamedBeside || SecretNames.isSecret(name) else { return self.value(value, depth: depth) }
        switch value {
        case .null, .bool: return value
        default: return .string(Self.mark)
        }
    }

    /// `["--password", "hunter2"]`: the word after an option of a secret's name is one.
    private func argumentVector(_ elements: [JSONValue]) -> [JSONValue] {
        var elements = elements
        for place in elements.indices.dropLast() {
            guard let option = elements[place].stringValue, option.hasPrefix("-"), !option.contains("="),
                SecretNames.isSecret(String(option.drop { $0 == "-" })), elements[place + 1].stringValue != nil
            else { continue }
            elements[place + 1] = .string(Self.mark)
        }
        for place in elements.indices.dropLast() where elements[place] == "-u" || elements[place] == "--user" {
            guard let word = elements[place + 1].stringValue else { continue }
            elements[place + 1] = .string(String(withoutSecrets("-u '\(word)'").dropFirst(4).dropLast()))
        }
        return elements
    }

    /// `["X-Api-Key", "v"]`: a header as a pair. What is no name by its signs, such as `src/token.swift`, names nothing.
    private func pair(_ elements: [JSONValue]) -> [JSONValue] {
        guard elements.count == 2, let name = elements[0].stringValue, elements[1].stringValue != nil,
            name.utf8.allSatisfy(Self.isNameByte), SecretNames.isSecret(name)
        else { return elements }
        return [elements[0], .string(Self.mark)]
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private func firstMembers(_ members: [String: JSONValue]) -> [String: JSONValue] {
        Dictionary(uniqueKeysWithValues: members.sorted { $0.key < $1.key }.prefix(limits.elements).map { ($0, $1) })
    }

    private func more(_ count: Int) -> JSONValue { .string("(\(count) more)") }

    private func withoutSecrets(_ text: String) -> String {
        // Known values first: one of them may hold what looks like two secrets.
        let text = secrets.removed(from: text)
        guard text.utf8.count >= 8 else { return text }
        let matches = SecretShapes.find(in: text)
        guard !matches.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var position = 0
        for match in matches {
            kept += bytes[position..<match.range.lowerBound]
            kept += Self.mark.utf8
            position = match.range.upperBound
        }
        kept += bytes[position...]
        return String(decoding: kept, as: UTF8.self)
    }

    private static func sizeAndHash(_ value: JSONValue) -> JSONValue {
        let bytes = value.stringValue.map { Array($0.utf8) } ?? JSONWriter.write(value)
        return ["size": .integer(bytes.count), "sha256": .string(LineHash.of(bytes).hex)]
    }
}
