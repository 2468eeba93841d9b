extension Document {
    /// Elements whose text is for programs, or for whoever runs none; a page does not show it.
    private static let unshown: Set<String> = ["script", "style", "template", "noscript"]

    /// The text of an element as BeautifulSoup's `get_text(separator, strip=True)` gives it: each run of text without the
    /// white space around it, empty ones left out, joined. Scripts, styles, templates and `noscript` are left out unless
    /// they are the element itself.
    ///
    /// - Parameter limit: In bytes; what is longer is cut.
    package func text(
        of index: Index, separator: String = "\n", limit: Int = .max
    ) -> (text: String, isTruncated: Bool) {
        var text = ""
        for run in runs(of: index) {
            let trimmed = run.trimmedAsPython
            guard !trimmed.isEmpty else { continue }
            if !text.isEmpty { text += separator }
            let room = limit - text.utf8.count
            guard trimmed.utf8.count <= room else {
                text += Self.prefix(trimmed, max(0, room))
                return (text, true)
            }
            text += trimmed
        }
        return (text, false)
    }

    /// Without cutting a character in two.
    private static func prefix(_ text: Substring, _ count: Int) -> Substring {
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: count)
        while end > text.startIndex, end < text.endIndex, text.utf8[end] & 0xC0 == 0x80 {
            end = text.utf8.index(before: end)
        }
        return text[..<end]
    }

    /// All text of an element in one, as selectors that look for text see it.
    func wholeText(of index: Index) -> String {
        descendants(index).reduce(into: "") { if nodes[$1].kind == .text { $0 += nodes[$1].text } }
    }

    private func runs(of index: Index) -> [String] {
        if nodes[index].kind == .text { return [nodes[index].text] }
        var runs: [String] = []
        var place = index + 1
        while place < nodes[index].end {
            let node = nodes[place]
            if node.kind == .element, Self.unshown.contains(node.name) {
                place = node.end
                continue
            }
            if node.kind == .text { runs.append(node.text) }
            place += 1
        }
        return runs
    }

    /// Of the first `title` of the page, white space made single.
    package var title: String? {
        descendants(Self.root).first { nodes[$0].name == "title" && nodes[$0].namespace == .html }
            .map { wholeText(of: $0).split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }
}

extension String {
    /// What Python's `strip()` leaves.
    var trimmedAsPython: Substring {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isPythonSpace }),
            let last = scalars.lastIndex(where: { !$0.isPythonSpace })
        else { return "" }
        return self[first...last]
    }
}

extension Unicode.Scalar {
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}
