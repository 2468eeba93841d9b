/// The names that X has for the keys of characters.
enum KeyNames {
    /// `nil` for a character that has to be put on a key first.
    static func name(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": String(scalar)
        case "\n": "Return"
        case "\t": "Tab"
        default: marks[scalar]
        }
    }

    /// Of what is no key's and no sign: X shows it under its number.
    static func number(of scalar: Unicode.Scalar) -> String {
        "U" + String(scalar.value, radix: 16, uppercase: true).padded(to: 4)
    }

    private static let marks: [Unicode.Scalar: String] = [
        " ": "space", "!": "exclam", "\"": "quotedbl", "#": "numbersign", "$": "dollar", "%": "percent",
        "&": "ampersand", "'": "apostrophe", "(": "parenleft", ")": "parenright", "*": "asterisk", "+": "plus",
        ",": "comma", "-": "minus", ".": "period", "/": "slash", ":": "colon", ";": "semicolon", "<": "less",
        "=": "equal", ">": "greater", "?": "question", "@": "at", "[": "bracketleft", "\\": "backslash",
        "]": "bracketright", "^": "asciicircum", "_": "underscore", "`": "grave", "{": "braceleft", "|": "bar",
        "}": "braceright", "~": "asciitilde",
    ]
}

extension String {
    fileprivate func padded(to length: Int) -> String { String(repeating: "0", count: max(0, length - count)) + self }
}
