/// A way around a fault of gumbo 0.10: it puts the text in front of `</form>` behind the form. Something that becomes a comment
/// there makes it put the text down first; where it became no comment, in a script or a value, it is taken out again.
enum FormMark {
    static let text = "<?execlayer-form>"
    /// As a comment, gumbo keeps it without its brackets.
    private static let comment = "?execlayer-form"

    static func added(to html: String) -> String {
        var html = html
        return html.withUTF8 { bytes -> String? in
            var marked: [UInt8] = []
            var copied = 0
            var place = 0
            while place + 6 <= bytes.count {
                guard bytes[place] == UInt8(ascii: "<"), isFormEnd(bytes[place...].prefix(6)) else {
                    place += 1
                    continue
                }
                marked += bytes[copied..<place]
                marked += text.utf8
                copied = place
                place += 6
            }
            guard !marked.isEmpty else { return nil }
            marked += bytes[copied...]
            return String(decoding: marked, as: UTF8.self)
        } ?? html
    }

    static func removed(from text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "?")) else { return text }
        return text == comment ? "" : text.replacing(Self.text, with: "")
    }

    private static func isFormEnd(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        bytes.elementsEqual("</form".utf8) { byte, wanted in
            byte == wanted || 0x41...0x5A ~= byte && byte | 0x20 == wanted
        }
    }
}
