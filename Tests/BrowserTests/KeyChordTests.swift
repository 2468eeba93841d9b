import Testing
import ToolKit

@Suite("Chords of keys")
struct KeyChordTests {
    @Test("are read by their names")
    func names() throws {
        #expect(KeyChord("Enter")?.key.number == 13)
        #expect(KeyChord("ctrl+A")?.modifiers == [.control])
        #expect(KeyChord("Control++")?.key.name == "+")
        #expect(KeyChord("Shift+Tab")?.key.name == "Tab")
        #expect(KeyChord("F12")?.key.number == 123)
        #expect(KeyChord("Hyper+a") == nil)
        #expect(KeyChord("nonsense") == nil)
        #expect(KeyChord("") == nil)
    }
}
