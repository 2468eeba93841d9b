import Foundation
import Testing

@testable import ToolKit

@Suite("Honeytokens in a stream")
struct HoneytokenTests {
    private static let key = "AKIAQ2WX7CDERT5TGB6N"
    private static let secret = "k3J+zzQ1/abcDEFghiJKLmnoPQRstuVWXyz0129a"
    private static let variable = "dpt_live_4fT0aQw9Zx8Cv7Bn6Mm5Ll4Kk3Jj2Hh1Gg"
    private static let account = "acct-0123456789abcdef01234567"
    static let tokens = Honeytokens(
        [Honeytoken(.home, key), Honeytoken(.home, secret), Honeytoken(.environment, variable)], companion: account)

    private func seen(_ text: String, pieces: Int = .max) -> Set<Honeytoken.Place> {
        var reading = Self.tokens.reading()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            rest.prefix(pieces).withUnsafeBytes { reading.add($0) }
            rest = rest.dropFirst(pieces)
        }
        return reading.seen
    }

    @Test("are looked for up to a limit, and what came behind it is known to have been left out")
    func limit() {
        let text = String(repeating: "x", count: 90) + Self.variable
        for (limit, isSeen) in [(text.utf8.count, true), (text.utf8.count - 1, false)] {
            var reading = Self.tokens.reading(upTo: limit)
            for piece in [text.prefix(100), text.dropFirst(100)] {
                Array(piece.utf8).withUnsafeBytes { reading.add($0) }
            }
            #expect(!reading.seen.isEmpty == isSeen && reading.isCut != isSeen)
        }
    }

    private static func percent(_ text: String) -> String {
        text.utf8.map { "%" + Hex.encode([$0]).uppercased() }.joined()
    }

    /// Each with the name of the encoding.
    static let samples: [(String, String)] = {
        var forms: [(String, String)] = []
        for value in [key, secret, variable] {
            forms.append(("plain", "x \(value) y"))
            for prefix in ["", "a", "ab"] {
                forms.append(("base64", Data((prefix + value + "tail").utf8).base64EncodedString()))
            }
            let file = "[production]\nkey = \(value)\nregion = eu-central-1\nand some more text behind it\n"
            forms.append(("wrapped base64", Data(file.utf8).base64EncodedString(options: [.lineLength64Characters])))
            forms.append(("hexadecimal", Hex.encode(Array(value.utf8))))
            forms.append(("upper hexadecimal", Hex.encode(Array(value.utf8)).uppercased()))
            forms.append(
                ("spaced hexadecimal", value.utf8.map { Hex.encode([$0]) }.joined(separator: " ")))
            forms.append(("percent", percent(value)))
            forms.append(("percent twice", percent(percent(value))))
            forms.append(("percent in part", value.replacing("4", with: "%34").replacing("a", with: "%61")))
            forms.append(
                ("a query", "https://x.test/?q=" + value.replacing("/", with: "%2F").replacing("+", with: "%2b")))
            forms.append(("backwards", String(value.reversed())))
            forms.append(("escaped", value.replacing("/", with: "\\/")))
            forms.append(("broken into lines", value.prefix(7) + "\n" + value.dropFirst(7)))
        }
        return forms
    }()

    @Test("are found in each of their forms", arguments: samples)
    func forms(name: String, text: String) { #expect(!seen(text).isEmpty, "\(name): \(text)") }

    @Test("are found across the border of two pieces, wherever it is", arguments: [1, 2, 3, 7, 19, 64])
    func borders(size: Int) {
        for (name, text) in Self.samples {
            #expect(!seen("some text before it. " + text, pieces: size).isEmpty, "\(name) in pieces of \(size)")
        }
    }

    @Test("control: what only resembles them is none")
    func resembling() {
        let others = [
            "AKIAQ2WX7CDERT5TGB6M", "akiaq2wx7cdert5tgb6n", String(Self.key.dropLast()), Self.account, "",
            String(repeating: "A", count: 100_000), "%", "%%%", "\\", "%4",
            Self.key.prefix(10) + "-" + Self.key.dropFirst(10),
        ]
        for text in others { #expect(seen(text).isEmpty, "\(text.prefix(60))") }
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var reading = Self.tokens.reading()
        noise.withUnsafeBytes { reading.add($0) }
        #expect(reading.seen.isEmpty)
    }

    private func conclude(_ text: String, _ channel: HoneytokenSighting.Channel) -> HoneytokenWatch {
        let watch = HoneytokenWatch(for: Self.tokens)
        watch.see(text, in: channel)
        return watch
    }

    private static let listing = "PATH=/usr/bin\nDEPLOY_ACCOUNT_ID=\(account)\nDEPLOY_API_TOKEN=\(variable)\nLANG=C\n"

    @Test("in a listing of the whole environment are no sighting; the variable alone, encoded or sent away is one")
    func listings() {
        let listed = conclude(Self.listing, .output)
        #expect(listed.sightings.isEmpty && listed.isListing)
        let sighting: (HoneytokenSighting.Channel) -> Set<HoneytokenSighting> = {
            [HoneytokenSighting(.environment, in: $0)]
        }
        #expect(conclude("DEPLOY_API_TOKEN=\(Self.variable)\n", .output).sightings == sighting(.output))
        let encoded = Self.account + Data(Self.variable.utf8).base64EncodedString()
        #expect(conclude(encoded, .output).sightings == sighting(.output))
        #expect(conclude(Self.listing, .arguments).sightings == sighting(.arguments))
        #expect(conclude(Self.listing, .egress).sightings == sighting(.egress))
        #expect(conclude(Self.listing + Self.key, .output).sightings == [HoneytokenSighting(.home, in: .output)])
    }

    @Test("of a program's output are told at once, once, and the printed environment only at its end")
    func streams() {
        let told = Told()
        let watch = HoneytokenWatch(for: Self.tokens) { told.add($0) }
        let observer = watch.observing(NoObserver())
        func write(_ text: String, _ stream: CommandStream = .stdout) {
            Array(text.utf8).withUnsafeBytes { observer.wrote($0, to: stream, at: 0) }
        }
        write(Self.variable)
        write(String(Self.key.prefix(9)))
        #expect(told.count == 0)
        write(String(Self.key.dropFirst(9)), .stderr)
        #expect(told.count == 0, "the streams are two")
        write(String(Self.key.dropFirst(9)))
        write(Self.key)
        #expect(told.count == 1)
        #expect(watch.endOfOutput())
        #expect(told.count == 2 && !watch.endOfOutput())
    }

    private final class Told: @unchecked Sendable {
        // One thread only.
        private(set) var count = 0
        func add(_ sighting: HoneytokenSighting) { count += 1 }
    }

    @Test("in arguments are found in names, in lists and at any depth")
    func values() {
        let values: [JSONValue] = [
            ["a": [["b": .string(Self.secret)]]], .object([Self.key: 1]),
            .array([.null, .string("x\(Self.variable)")]),
        ]
        for value in values {
            let watch = HoneytokenWatch(for: Self.tokens)
            #expect(watch.see(value, in: .arguments) && watch.sightings.count == 1)
        }
        let watch = HoneytokenWatch(for: Self.tokens)
        #expect(
            !watch.see(["path": "a.txt", "content": .string(String(repeating: "x", count: 5_000))], in: .arguments))
    }

    @Test("say their value nowhere")
    func silent() {
        let sighting = HoneytokenSighting(.home, in: .output)
        #expect(!sighting.sentence.contains(Self.key) && !"\(sighting)".contains(Self.secret))
    }
}
