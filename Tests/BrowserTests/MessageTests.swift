import Testing
import ToolKit

@testable import Browser

@Suite("What a browser says through its pipe")
struct MessageTests {
    private func take(_ splitter: inout MessageSplitter, _ text: String) throws -> [String] {
        try Array(text.utf8).withUnsafeBytes { bytes in
            try splitter.take(bytes).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test("is cut at each NUL, however it arrives")
    func cut() throws {
        var splitter = MessageSplitter()
        #expect(try take(&splitter, "{\"a\"").isEmpty)
        #expect(try take(&splitter, ":1}\0{}\0\0{\"b") == ["{\"a\":1}", "{}"])
        #expect(try take(&splitter, "\":2}\0") == ["{\"b\":2}"])
    }

    @Test("may hold halves of characters, which become marks of replacement")
    func halves() {
        let text = #"{"a":"\ud800x\udc00","b":"\ud83d\ude00","c":"\\ud800"}"#
        #expect(
            String(decoding: HalfCharacters.replaced(in: Array(text.utf8)), as: UTF8.self)
                == #"{"a":"\ufffdx\ufffd","b":"\ud83d\ude00","c":"\\ud800"}"#)
        guard case .event(let event)? = BrowserMessage(Array(#"{"method":"x","params":{"t":"\ud800"}}"#.utf8)) else {
            Issue.record("it is no event")
            return
        }
        #expect(event["t"] == "\u{FFFD}")
    }
}
