/// Makes text of strangers fit for a terminal: nothing in it can move the cursor, change a colour or reorder what the
/// eye reads. What is taken away stays visible as an escape, `\n` or `\u202e` (SECURITY R62).
enum TerminalText {
    /// `text` on one line: every control, format and separator character as an escape.
    static func safe(_ text: String) -> String {
        escaped(text) { _ in false }
    }

    /// The same for text of several lines: line feeds and tabs stay, CR LF becomes a line feed.
    static func safeLines(_ text: String) -> String {
        let plainEnds = text.unicodeScalars.contains("\r") ? withoutCarriageReturns(text) : text
        return escaped(plainEnds) { $0 == "\n" || $0 == "\t" }
    }

    private static func escaped(_ text: String, keeping keep: (Unicode.Scalar) -> Bool) -> String {
        guard text.unicodeScalars.contains(where: { isUnsafe($0) && !keep($0) }) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !isUnsafe(scalar) || keep(scalar) {
                shown.append(scalar)
            } else {
                shown.append(contentsOf: escape(of: scalar).unicodeScalars)
            }
        }
        return String(shown)
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x7F { return scalar.value < 0x20 }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }

    private static func escape(of scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default: break
        }
        let digits = String(scalar.value, radix: 16)
        guard digits.count <= 4 else { return "\\u{\(digits)}" }
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func withoutCarriageReturns(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var isHeld = false
        for scalar in text.unicodeScalars {
            if isHeld, scalar != "\n" { kept.append("\r") }
            isHeld = scalar == "\r"
            if !isHeld { kept.append(scalar) }
        }
        if isHeld { kept.append("\r") }
        return String(kept)
    }
}
