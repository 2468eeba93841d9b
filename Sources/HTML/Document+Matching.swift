/// What selectors ask of an element.
extension Document {
    func isNamed(_ name: String, _ index: Index) -> Bool {
        let own = nodes[index].name
        // Only names of SVG have capitals.
        return own == name || nodes[index].namespace == .svg && own.lowercased() == name
    }

    func attribute(anyCase name: String, of index: Index) -> String? {
        nodes[index].attributes.first { $0.name == name || $0.name.lowercased() == name }?.value
    }

    func isRoot(_ index: Index) -> Bool { nodes[index].parent == Self.root && nodes[index].kind == .element }

    /// No elements, and no text but white space.
    func isEmpty(_ index: Index) -> Bool {
        var place = nodes[index].firstChild
        while place >= 0 {
            switch nodes[place].kind {
            case .element: return false
            case .text: if !nodes[place].text.unicodeScalars.allSatisfy(String.isSpace) { return false }
            case .comment, .document: break
            }
            place = nodes[place].next
        }
        return true
    }

    func ownText(of index: Index) -> String {
        var text = ""
        var place = nodes[index].firstChild
        while place >= 0 {
            if nodes[place].kind == .text { text += nodes[place].text }
            place = nodes[place].next
        }
        return text
    }

    /// Of the nearest element that says so; then what the page says of itself.
    func language(of index: Index) -> String? {
        var place = index
        while place > Self.root {
            if let language = attribute("lang", of: place) ?? attribute("xml:lang", of: place) { return language }
            place = nodes[place].parent
        }
        return nil
    }

    /// Where `:has` has to look, beginning with a combinator.
    func reach(of index: Index, _ combinator: Selector.Combinator) -> Range<Index> {
        switch combinator {
        case .descendant, .child: descendants(index)
        case .next, .later:
            nodes[index].end..<(nodes[index].parent >= 0 ? nodes[nodes[index].parent].end : nodes[index].end)
        }
    }

    /// Whether a step of the combinator leads from `element` to `index`.
    func isReached(_ element: Index, from index: Index, by combinator: Selector.Combinator) -> Bool {
        switch combinator {
        case .descendant: descendants(element).contains(index)
        case .child: nodes[index].parent == element
        case .next: previousElement(index) == element
        case .later: nodes[index].parent == nodes[element].parent && index > element
        }
    }
}

extension String {
    /// Whether it is one of the words that white space separates.
    func holdsWord(_ word: String) -> Bool {
        !word.isEmpty && unicodeScalars.split(whereSeparator: Self.isSpace).contains { String($0) == word }
    }

    /// White space of HTML and CSS; a space that does not break is none.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" || scalar == "\u{C}"
    }

    /// A tag of a language, against ranges such as `de` and `*-CH`.
    func fits(anyOf ranges: [String]) -> Bool {
        ranges.contains { range in
            if range.isEmpty { return isEmpty }
            let wanted = range.lowercased().split(separator: "-", omittingEmptySubsequences: false)
            var own = lowercased().split(separator: "-", omittingEmptySubsequences: false)[...]
            guard let first = own.popFirst(), let start = wanted.first, start == "*" && !first.isEmpty || start == first
            else { return false }
            for part in wanted.dropFirst() where part != "*" {
                // Parts in between may be left out, but not past one of a single letter.
                while let next = own.first, next != part {
                    guard next.count > 1 else { return false }
                    own = own.dropFirst()
                }
                guard own.popFirst() != nil else { return false }
            }
            return true
        }
    }
}

extension String? {
    func fits(_ match: Selector.AttributeMatch, ignoresCase: Bool) -> Bool {
        guard let value = self else {
            if case .differs = match { return true }
            return false
        }
        func folded(_ text: String) -> String { ignoresCase ? text.lowercased() : text }
        let own = folded(value)
        switch match {
        case .exists: return true
        case .equals(let text): return own == folded(text)
        case .differs(let text): return own != folded(text)
        case .word(let text): return own.holdsWord(folded(text))
        case .dashed(let text): return own == folded(text) || own.utf8.starts(with: (folded(text) + "-").utf8)
        case .prefix(let text): return !text.isEmpty && own.utf8.starts(with: folded(text).utf8)
        case .suffix(let text): return !text.isEmpty && own.utf8.reversed().starts(with: folded(text).utf8.reversed())
        case .infix(let text): return !text.isEmpty && own.contains(folded(text))
        }
    }
}
