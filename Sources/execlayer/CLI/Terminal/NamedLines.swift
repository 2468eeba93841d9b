/// Names and values below each other, the values aligned: what people read when there is one thing to show.
struct NamedLines {
    private var pairs: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String) {
        pairs.append((TerminalText.safe(name), TerminalText.safe(value)))
    }

    var isEmpty: Bool { pairs.isEmpty }

    var text: String {
        let width = pairs.reduce(0) { max($0, DisplayWidth.of($1.name)) }
        return pairs.map { pair in
            let padding = String(repeating: " ", count: width - DisplayWidth.of(pair.name))
            return pair.value.isEmpty ? pair.name + "\n" : "\(pair.name)\(padding)  \(pair.value)\n"
        }.joined()
    }
}
