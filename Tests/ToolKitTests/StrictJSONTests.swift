import Testing
import ToolKit

@Suite("JSON from a client")
struct StrictJSONTests {
    @Test(
        "R45: is refused where two readers could understand it differently",
        arguments: [
            "{\"a\":1,\"a\":2}", "{\"\\u0061\":1,\"a\":2}", "NaN", "[Infinity]", "-Infinity", "1e999",
            "123456789012345678901234567890", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud800x\"", "01", "1.", ".5",
            "+1",
            "-", "1e", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "[1 2]", "", " ", "nul", "truex", "[1]]", "\"a",
            "\"\u{01}\"",
            "\"\\x41\"", "\"\\u12\"", "{\"a\"}", "// c\n1", "\u{FEFF}1",
        ])
    func refuses(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read(text) }
    }

    @Test(
        "R45: is refused when it is not UTF-8", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read([0x22] + bytes + [0x22]) }
    }

    @Test("R45: passes at 64 levels and not at 65")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONReader.read(nested(64)) }
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read(nested(65)) }
        #expect(throws: JSONSyntaxError.self) { try JSONReader.read(String(repeating: "[", count: 1_000_000)) }
    }

    @Test(
        "is read as what it says",
        arguments: [
            ("{\"a\": [1, -2.5, true, false, null, \"x\"]}", ["a": [1, -2.5, true, false, nil, "x"]]),
            ("\"\\u00e9\\n\\/\\ud83d\\ude00\"", "é\n/😀"), ("0", 0), ("-0.0", .number(-0.0)), ("1e3", 1000.0),
            (" \t\r\n[ ] ", []), ("{}", [:]), ("9223372036854775807", .integer(.max)),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONReader.read(text) == value)
    }

    @Test("names the place of an error")
    func place() {
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSONReader.read("{\"b\": 1,\n  \"c\": 2,\n   \"b\": 3}")
        }
        #expect(error?.description == "duplicate member \"b\" at line 3, column 4")
    }

    @Test("comes back as it was, whatever it holds")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let value = JSONValue.arbitrary(depth: 4, using: &generator)
            #expect(try JSONReader.read(JSONWriter.write(value)) == value)
            #expect(try JSONReader.read(JSONWriter.write(value, escaping: .invisible)) == value)
            #expect(try JSONReader.read(JSONWriter.pretty(value)) == value)
        }
    }

    @Test("R62: never shows an invisible character when written for people")
    func escapes() {
        let hostile = "a\u{1B}[31m\u{202E}b\u{2028}c\u{7F}d\u{85}\u{61C}\u{200B}\u{FEFF}é"
        let written = JSONWriter.quoted(hostile)
        #expect(
            written
                == "\"a\\u001b[31m\\u202eb\\u2028c\\u007fd\\u0085\\u061c\\u200b\\ufeffé\"")
    }
}

struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSONValue {
    static func arbitrary(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int.random(in: .min ... .max, using: &generator))
        case 3: return .number(Double.random(in: -1e9...1e9, using: &generator) + 0.1)
        case 4, 5: return .string(arbitraryText(using: &generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                    arbitrary(depth: depth - 1, using: &generator)
                })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<5, using: &generator) {
                members[arbitraryText(using: &generator)] = arbitrary(depth: depth - 1, using: &generator)
            }
            return .object(members)
        }
    }

    private static func arbitraryText(using generator: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "\"", "\\", "\n", "\0", "\u{1F}", "é", "😀", "\u{202E}", "/", "\u{FFFF}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &generator) {
            text.unicodeScalars.append(scalars[Int.random(in: scalars.indices, using: &generator)])
        }
        return text
    }
}
