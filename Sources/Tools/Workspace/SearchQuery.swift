/// What a person typed into the search, and how well a file answers it.
struct SearchQuery: Sendable {
    /// How well a file fits; the smaller the better.
    enum Rank: Int, Comparable, Sendable {
        /// The file's name, or its name without the extension, is the phrase.
        case isName
        case phraseInName
        /// The phrase stands in the text with a boundary on both sides.
        case phraseAsWord
        case phraseInText
        /// Every word stands in the file's name.
        case wordsInName
        /// Every word stands somewhere in the text or the name.
        case words

        static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
    }

    struct Hit {
        let rank: Rank
        /// How far apart the words stand, in bytes; 0 for a phrase.
        let spread: Int
        /// Where to look, in bytes from the start of the text.
        let place: Int
    }

    /// The query without spaces at its ends.
    let text: String
    /// Whether it holds no upper-case letter: then case does not count.
    let ignoresCase: Bool
    let phrase: SearchPattern
    /// Empty for a single word.
    let words: [SearchPattern]

    /// How many places of one word are compared with those of the others.
    private static let maxPlaces = 2_000

    /// - Returns: `nil` for a query of spaces only.
    init?(_ query: String) {
        let parts = query.split(whereSeparator: \.isWhitespace)
        guard let first = parts.first, let last = parts.last else { return nil }
        text = String(query[first.startIndex..<last.endIndex])
        let ignoresCase = !text.unicodeScalars.contains(where: \.properties.isUppercase)
        self.ignoresCase = ignoresCase
        phrase = SearchPattern(text, ignoresCase: ignoresCase)
        words =
            parts.count > 1
            ? Set(parts.prefix(32).map(String.init)).sorted().map { SearchPattern($0, ignoresCase: ignoresCase) } : []
    }

    /// What the name alone says.
    ///
    /// - Parameter path: Compared as a whole when the query holds a slash, otherwise only its last component.
    func hit(name: String, path: String) -> Hit? {
        let candidate = Array((text.utf8.contains(0x2F) ? path : name).utf8)
        guard let place = phrase.first(in: candidate) else { return nil }
        let stem = candidate.lastIndex(of: UInt8(ascii: ".")) ?? candidate.count
        let isWhole = place == 0 && (phrase.length == candidate.count || phrase.length == stem)
        return Hit(rank: isWhole ? .isName : .phraseInName, spread: 0, place: 0)
    }

    func hit(name: String, text: UnsafeBufferPointer<UInt8>) -> Hit? {
        if let place = phrase.first(in: text) {
            var candidate: Int? = place
            var tries = 0
            while let start = candidate, tries < Self.maxPlaces {
                if phrase.isWholeWord(at: start, in: text) {
                    return Hit(rank: .phraseAsWord, spread: 0, place: start)
                }
                candidate = phrase.first(in: text, from: start + 1)
                tries += 1
            }
            return Hit(rank: .phraseInText, spread: 0, place: place)
        }
        return words.isEmpty ? nil : wordsHit(name: Array(name.utf8), text: text)
    }

    /// What every word in the name says.
    func wordsHit(name: String) -> Hit? {
        let name = Array(name.utf8)
        guard !words.isEmpty, words.allSatisfy({ $0.first(in: name) != nil }) else { return nil }
        return Hit(rank: .wordsInName, spread: 0, place: 0)
    }

    private func wordsHit(name: [UInt8], text: UnsafeBufferPointer<UInt8>) -> Hit? {
        var places: [(place: Int, word: Int)] = []
        var needed = 0
        var missing: [SearchPattern] = []
        for word in words {
            guard let first = word.first(in: text) else {
                missing.append(word)
                continue
            }
            var next: Int? = first
            var count = 0
            while let place = next, count < Self.maxPlaces {
                places.append((place, needed))
                next = word.first(in: text, from: place + word.length)
                count += 1
            }
            needed += 1
        }
        guard missing.allSatisfy({ $0.first(in: name) != nil }) else { return nil }
        guard needed > 0 else { return Hit(rank: .wordsInName, spread: 0, place: 0) }
        places.sort { $0.place < $1.place }
        let window = Self.narrowest(places, words: needed)
        return Hit(rank: .words, spread: window.upperBound - window.lowerBound, place: window.lowerBound)
    }

    /// The narrowest stretch that holds every word at least once.
    private static func narrowest(_ places: [(place: Int, word: Int)], words: Int) -> Range<Int> {
        var counts = [Int](repeating: 0, count: words)
        var present = 0
        var start = 0
        var best: Range<Int>?
        for end in places.indices {
            counts[places[end].word] += 1
            if counts[places[end].word] == 1 { present += 1 }
            while present == words {
                let window = places[start].place..<places[end].place
                if window.count < best?.count ?? Int.max { best = window }
                counts[places[start].word] -= 1
                if counts[places[start].word] == 0 { present -= 1 }
                start += 1
            }
        }
        return best ?? 0..<0
    }
}
