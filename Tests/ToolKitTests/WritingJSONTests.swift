import Testing
import ToolKit

/// The writer looks at eight bytes at once; here every character is looked at alone.
@Suite("Text that is written as JSON")
struct WritingJSONTests {
    private static func plainly(_ text: String, isInvisibleEscaped: Bool) -> String {
        var written = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": written += "\\\""
            case "\\": written += "\\\\"
            case "\n": written += "\\n"
            case "\r": written += "\\r"
            case "\t": written += "\\t"
            case _ where scalar.value < 0x20 || (isInvisibleEscaped && isInvisible(scalar)):
                let digits = String(scalar.value, radix: 16)
                written += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: written.unicodeScalars.append(scalar)
            }
        }
        return written + "\""
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
    }

    private static let characters: [Unicode.Scalar] = [
        "a", "z", " ", "~", "!", "#", "[", "]", "\"", "\\", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "\u{80}", "\u{9F}",
        "\u{A0}", "é", "\u{61C}", "\u{200B}", "\u{2028}", "\u{202E}", "\u{2066}", "\u{FEFF}", "漢", "😀",
    ]

    @Test("one special character in a plain text is found at every place")
    func everyPlace() {
        for character in Self.characters {
            for place in 0..<20 {
                var text = String(repeating: "x", count: place)
                text.unicodeScalars.append(character)
                text += String(repeating: "y", count: 19 - place)
                #expect(JSONWriter.quoted(text) == Self.plainly(text, isInvisibleEscaped: true))
                #expect(
                    JSONWriter.quoted(text, escaping: .required) == Self.plainly(text, isInvisibleEscaped: false))
            }
        }
    }

    @Test("a special character is found wherever a piece of a long text ends", arguments: [498, 1_010, 1_522])
    func everyPlaceOfALongText(length: Int) {
        for character in Self.characters {
            for place in length..<length + 20 {
                var text = "\n" + String(repeating: "x", count: place)
                text.unicodeScalars.append(character)
                text += String(repeating: "y", count: 30)
                #expect(JSONWriter.quoted(text) == Self.plainly(text, isInvisibleEscaped: true))
                #expect(
                    JSONWriter.quoted(text, escaping: .required) == Self.plainly(text, isInvisibleEscaped: false))
            }
        }
    }

    @Test("a long text of which every byte is escaped takes six times its size")
    func everyByte() {
        let text = String(repeating: "\u{1}", count: 3_000)
        #expect(JSONWriter.write(.string(text)).count == 18_002)
        #expect(JSONWriter.quoted(text) == Self.plainly(text, isInvisibleEscaped: true))
    }

    @Test("random texts of awkward characters are written as one by one", arguments: 0..<50)
    func randomTexts(seed: UInt64) {
        var generator = Steps(state: seed)
        var text = ""
        for _ in 0..<Int.random(in: 0..<200, using: &generator) {
            text.unicodeScalars.append(Self.characters.randomElement(using: &generator) ?? "x")
        }
        #expect(JSONWriter.quoted(text) == Self.plainly(text, isInvisibleEscaped: true))
        #expect(JSONWriter.quoted(text, escaping: .required) == Self.plainly(text, isInvisibleEscaped: false))
    }
}

/// A fixed sequence for each seed.
private struct Steps: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
