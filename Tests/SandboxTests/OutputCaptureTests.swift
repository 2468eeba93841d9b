import Crypto
import Testing
import ToolKit

@testable import Sandbox

@Suite("Output that is longer than what is kept")
struct OutputCaptureTests {
    private func capture(_ bytes: [UInt8], kept: Int, piece: Int) -> CapturedOutput {
        var capture = OutputCapture(kept: kept)
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(piece).withUnsafeBytes { capture.take($0) }
            rest = rest.dropFirst(piece)
        }
        return capture.captured(reachedEnd: true)
    }

    @Test(
        "keeps the first and the last half, whatever the pieces", arguments: [0, 1, 9, 10, 11, 19, 20, 21, 95, 1_000],
        [1, 3, 7, 10, 64, 4_096])
    func halves(count: Int, piece: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let output = capture(bytes, kept: 20, piece: piece)
        #expect(output.head == Array(bytes.prefix(10)))
        #expect(output.tail == Array(bytes.dropFirst(10).suffix(10)))
        #expect(output.totalBytes == UInt64(count))
        #expect(output.sha256 == Hex.encode(SHA256.hash(data: bytes)))
    }

    @Test("says in its text how much is missing")
    func marker() {
        let output = capture(Array("0123456789abcdef".utf8), kept: 6, piece: 5)
        #expect(output.text == "012\n[... 10 bytes left out ...]\ndef")
    }

    @Test("does not show half a character at the cut")
    func cut() {
        let output = capture(Array("a€bbbbbbb€z".utf8), kept: 6, piece: 100)
        #expect(output.text == "a\n[... 9 bytes left out ...]\nz")
    }

    @Test("replaces what is not UTF-8 and hashes the bytes as they came")
    func invalid() {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0x62]
        let output = capture(bytes, kept: 100, piece: 2)
        #expect(output.text == "a\u{FFFD}\u{FFFD}b")
        #expect(output.sha256 == Hex.encode(SHA256.hash(data: bytes)))
    }

    @Test("nothing is nothing")
    func nothing() { #expect(capture([], kept: 10, piece: 1) == .empty) }
}
