/// Keys that are pressed together: `Enter`, `Shift+Tab`, `Control+a`.
public struct KeyChord: Sendable, Hashable {
    public enum Modifier: String, Sendable, Hashable, CaseIterable {
        case alt = "Alt"
        case control = "Control"
        case meta = "Meta"
        case shift = "Shift"
    }

    /// What a key is called in the DOM, and its old number.
    public struct Key: Sendable, Hashable {
        public let name: String
        public let code: String
        public let number: Int
        /// What it types; empty for keys that type nothing.
        public let text: String
    }

    public let modifiers: Set<Modifier>
    public let key: Key

    /// - Returns: `nil` for a name that is no key.
    public init?(_ text: String) {
        var parts = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        // The plus key itself: `+`, `Control++`.
        if parts.count >= 2, parts.suffix(2).allSatisfy(\.isEmpty) { parts = parts.dropLast(2) + ["+"] }
        guard let last = parts.popLast() else { return nil }
        var modifiers: Set<Modifier> = []
        for part in parts {
            let name = part.lowercased() == "ctrl" ? "Control" : part
            guard let modifier = Modifier.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() })
            else { return nil }
            modifiers.insert(modifier)
        }
        guard let key = Self.key(last) else { return nil }
        self.modifiers = modifiers
        self.key = key
    }

    /// A key by its name, or the one that types a character.
    private static func key(_ name: String) -> Key? {
        if let named = named[name.lowercased()] { return named }
        guard name.unicodeScalars.count == 1, let scalar = name.unicodeScalars.first, scalar.value >= 0x20 else {
            return nil
        }
        return typing(scalar)
    }

    /// The key that types the character; of those that no keyboard has, one without a number.
    public static func typing(_ scalar: Unicode.Scalar) -> Key {
        let text = String(Character(scalar))
        switch scalar {
        case "\n", "\r": return Key(name: "Enter", code: "Enter", number: 13, text: "\r")
        case "\t": return Key(name: "Tab", code: "Tab", number: 9, text: "")
        case " ": return Key(name: " ", code: "Space", number: 32, text: " ")
        case "a"..."z", "A"..."Z":
            let upper = text.uppercased()
            return Key(name: text, code: "Key" + upper, number: Int(upper.utf8.first ?? 0), text: text)
        case "0"..."9": return Key(name: text, code: "Digit" + text, number: Int(scalar.value), text: text)
        default: return Key(name: text, code: "", number: 0, text: text)
        }
    }

    private static let named: [String: Key] = {
        var keys = [
            Key(name: "Enter", code: "Enter", number: 13, text: "\r"),
            Key(name: "Tab", code: "Tab", number: 9, text: ""),
            Key(name: "Backspace", code: "Backspace", number: 8, text: ""),
            Key(name: "Delete", code: "Delete", number: 46, text: ""),
            Key(name: "Insert", code: "Insert", number: 45, text: ""),
            Key(name: "Escape", code: "Escape", number: 27, text: ""),
            Key(name: "Home", code: "Home", number: 36, text: ""),
            Key(name: "End", code: "End", number: 35, text: ""),
            Key(name: "PageUp", code: "PageUp", number: 33, text: ""),
            Key(name: "PageDown", code: "PageDown", number: 34, text: ""),
            Key(name: "ArrowLeft", code: "ArrowLeft", number: 37, text: ""),
            Key(name: "ArrowUp", code: "ArrowUp", number: 38, text: ""),
            Key(name: "ArrowRight", code: "ArrowRight", number: 39, text: ""),
            Key(name: "ArrowDown", code: "ArrowDown", number: 40, text: ""),
        ].reduce(into: [String: Key]()) { $0[$1.name.lowercased()] = $1 }
        for number in 1...12 {
            keys["f\(number)"] = Key(name: "F\(number)", code: "F\(number)", number: 111 + number, text: "")
        }
        keys["space"] = Key(name: " ", code: "Space", number: 32, text: " ")
        keys["esc"] = keys["escape"]
        return keys
    }()
}
