/// `go.mod`: `require` lines and blocks.
enum GoManifest {
    static func dependencies(_ text: String) -> [Dependency] {
        var found: [Dependency] = []
        var isInBlock = false
        for line in text.textLines {
            var words = (line.firstPlace(of: "//").map { line[..<$0] } ?? line).split(whereSeparator: \.isWhitespace)
            if isInBlock, words.first == ")" {
                isInBlock = false
                continue
            }
            if !isInBlock {
                guard words.first == "require" else { continue }
                words.removeFirst()
                if words.first == "(" {
                    isInBlock = true
                    continue
                }
            }
            if words.count >= 2 { found.append(Dependency(words[0], words[1])) }
        }
        return found
    }
}
